"""Promise 16: whatever a stranger sends, the answer is a clean picture or a coded refusal."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.files.base import ContentFile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from shop_genai import media
from shop_genai.errors import GenaiError, ImageRefused
from shop_genai.models import ProductImage
from tests.media import corpus

ALL_FORMATS = {"UPLOAD_FORMATS": ("JPEG", "PNG", "WEBP", "AVIF")}
# Pillow warns of damaged metadata. The suite turns warnings into errors, which no running shop does.
pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


@pytest.fixture(autouse=True)
def _all_formats(settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, **ALL_FORMATS}


def test_the_corpus_is_as_large_as_promised() -> None:
    names = [case.name for case in corpus.cases()]
    assert len(names) >= 300
    assert len(set(names)) == len(names)


@pytest.mark.django_db
@pytest.mark.parametrize("group", corpus.GROUPS)
def test_every_file_gets_the_right_answer(group: str, user: Any) -> None:
    wrong = []
    for case in corpus.cases(group):
        code, seconds = _answer(case, user)
        if code not in case.codes:
            wrong.append(f"{case.name}: {code or 'accepted'} instead of {sorted(case.codes)}")
        if seconds > 10:
            wrong.append(f"{case.name}: {seconds:.1f} s")
    assert wrong == []


def _answer(case: corpus.Case, user: Any) -> tuple[str, float]:
    """The refusal's code, "" for a clean acceptance, and the seconds it took."""
    before = ProductImage.objects.count()
    started = time.monotonic()
    image, error = _tried(lambda: media.accept_upload(ContentFile(case.data, name="../../etc/x.php"), owner=user))
    seconds = time.monotonic() - started
    if error is None:
        _assert_clean(image)
        return "", seconds
    assert isinstance(error, ImageRefused), case.name
    assert 400 <= error.http_status < 500
    assert str(error)
    assert ProductImage.objects.count() == before
    return error.code, seconds


def _tried(call: Callable[[], Any]) -> tuple[Any, GenaiError | None]:
    """What the call returns, or its coded error. Any other exception fails the test."""
    try:
        return call(), None
    except GenaiError as error:
        return None, error


def _assert_clean(image: ProductImage) -> None:
    """What was stored is a plain picture of ours: the row's size and format, decodable, without metadata."""
    data = media.get(image.storage, image.name)
    assert media.inspect(data) == media.Header(image.format, image.width, image.height, media.decode(data).mode)
    assert image.format in ("JPEG", "PNG")
    assert len(data) == image.bytes
    with Image.open(io.BytesIO(data)) as stored:
        stored.load()
        kept = set(stored.info) - {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        assert kept <= {"progressive", "progression", "transparency"}
        assert not dict(stored.getexif())
    assert media.is_private(image.name)
    assert ".." not in image.name
    assert not image.name.endswith(".php")


def test_previews_and_headers_are_as_careful() -> None:
    for case in corpus.cases():
        for look in (media.inspect, partial(media.preview, side=64)):
            _seen, error = _tried(partial(look, case.data))
            assert error is None or 400 <= error.http_status < 500, case.name


VALID = list(corpus.valid_files().values())  # six small files: cheap enough for every collection


@settings(max_examples=200, deadline=10_000, derandomize=True)
@given(st.sampled_from(VALID), st.randoms(use_true_random=False), st.binary(max_size=12), st.integers(0, 400))
def test_mutations_never_escape_the_codes(data: bytes, chance: random.Random, patch: bytes, at: int) -> None:
    changed = bytearray(corpus.damaged(data, chance))
    changed[at : at + len(patch)] = patch
    picture, error = _tried(lambda: media.decode(bytes(changed)))
    if error is not None:
        assert error.code in corpus.ANY
    else:
        assert picture.mode in ("RGB", "RGBA", "L")
        assert picture.info == {}


@settings(max_examples=100, deadline=10_000, derandomize=True)
@given(st.binary(max_size=600))
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(ImageRefused):
        media.decode(data)
