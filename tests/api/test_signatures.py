"""Links to shoppers' pictures: for one picture, for 300 seconds at most."""

from __future__ import annotations

import time
import uuid
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import pytest

from shop_genai.api import signatures

PHOTO = uuid.UUID(int=1)


def token(address: str) -> str:
    return parse_qs(urlsplit(address).query)["token"][0]


def after(seconds: float) -> Any:
    return mock.patch("django.core.signing.time.time", return_value=time.time() + seconds)


def test_a_link_is_for_one_picture() -> None:
    link = signatures.signed("photo", PHOTO)
    assert urlsplit(link).path == f"/genai/api/v1/tryon/photos/{PHOTO}/file/"
    assert signatures.is_signed(token(link), "photo", PHOTO)
    assert not signatures.is_signed(token(link), "tryon", PHOTO)
    assert not signatures.is_signed(token(link), "photo", uuid.UUID(int=2))
    assert not signatures.is_signed(token(link)[:-1], "photo", PHOTO)
    assert not signatures.is_signed("", "photo", PHOTO)


@pytest.mark.parametrize(("setting", "lives"), [(300, 300), (86400, 300), (20, 20)])
def test_it_never_lives_longer_than_300_seconds(settings: Any, setting: int, lives: int) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "LINK_SECONDS": setting}
    made = token(signatures.signed("tryon", PHOTO))
    with after(lives - 5):
        assert signatures.is_signed(made, "tryon", PHOTO)
    with after(lives + 5):
        assert not signatures.is_signed(made, "tryon", PHOTO)
