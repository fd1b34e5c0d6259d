"""Addresses: the storage's own for the catalogue, signed and short-lived for a person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core import signing

from shop_genai import media
from shop_genai.models import GeneratedImage, ProductImage
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_result
from tests.media.remote import ADDRESSES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invert")]


@pytest.fixture
def private(user: Any, upload: Callable[..., ProductImage], drain: Callable[..., int]) -> GeneratedImage:
    return make_result(upload(user), drain, owner=user)


def token_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["token"][0]


def test_a_catalogue_result_has_the_storages_own_address(
    drain: Callable[..., int], settings: Any, django_assert_num_queries: Any
) -> None:
    result = make_result(make_image(draw_photo()), drain)
    settings.STORAGES = {**settings.STORAGES, "default": {"BACKEND": ADDRESSES}}
    with django_assert_num_queries(0):
        assert media.link(result) == f"https://cdn.example/{result.name}"
        small = result.renditions[0]["name"]
        assert media.link(result, small) == f"https://cdn.example/{small}"


def test_a_persons_result_is_linked_through_this_site_only(
    private: GeneratedImage, settings: Any, client: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        address = media.link(private)
    assert urlsplit(address).netloc == ""
    assert private.name not in address
    signed = media.unsign(token_of(address))
    assert signed == media.SignedFile(private.pk, private.name)
    answer = client.get(address)
    assert answer.status_code == 200
    assert answer.content == media.get(private.storage, private.name)


def test_a_link_dies(private: GeneratedImage, settings: Any, client: Any) -> None:
    address = media.link(private)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "LINK_SECONDS": -1}
    assert media.unsign(token_of(address)) is None
    assert client.get(address).status_code in (403, 404)


def test_a_link_cannot_be_forged(private: GeneratedImage, client: Any) -> None:
    token = media.sign(private)
    payload = [str(private.pk), private.mask_name or "genai/private/other.jpg"]
    forged = [
        "",
        "x",
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token[1:],
        signing.dumps(payload),  # our key, another purpose
        signing.dumps(payload, key="guessed", salt="shop_genai.media.links"),
        signing.dumps({"result": 1}, salt="shop_genai.media.links"),  # signed by us, not one of ours
        signing.dumps(["not a uuid", "x"], salt="shop_genai.media.links"),
    ]
    for text in forged:
        assert media.unsign(text) is None, text
        assert client.get(media.link(private).split("?")[0], {"token": text}).status_code in (403, 404)


def test_a_token_opens_one_file_only(private: GeneratedImage) -> None:
    small = private.renditions[0]["name"]
    assert media.unsign(media.sign(private, small)) == media.SignedFile(private.pk, small)
    assert media.sign(private, small) != media.sign(private)


def test_private_is_told_by_the_name() -> None:
    assert media.is_private("genai/private/1/results/2/full.jpg")
    assert not media.is_private("genai/results/ab/full.jpg")
    assert not media.is_private("other/genai/private/x.jpg")
