"""Storing what a pipeline made: same work, same files; owners' results stay private."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai import media, submission
from shop_genai.conf import genai_settings
from shop_genai.errors import PipelineFailed, StorageUnavailable
from shop_genai.media import files, results
from shop_genai.models import GeneratedImage, Job, ProductImage
from tests.conftest import draw_photo
from tests.fakes.recipes import Made
from tests.fakes.shop import make_image, make_result
from tests.media import corpus
from tests.media.remote import RemoteStorage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("invert")]


@pytest.fixture
def image() -> ProductImage:
    return make_image(draw_photo())


def queued(image: ProductImage, owner: Any = None) -> Job:
    return submission.submit(recipe="invert", inputs={"image": image}, params=None, owner=owner).job


def test_a_catalogue_result_lies_under_its_content_key(image: ProductImage) -> None:
    job = queued(image)
    mask = Image.new("L", (700, 500), 200)
    result = media.store_result(Made(corpus.photo(size=(700, 500)), mask, {"scale": 2}), job, image)
    folder = f"genai/results/{job.key[:2]}/{job.key}/"
    names = [result.name, result.mask_name, *(entry["name"] for entry in result.renditions)]
    assert all(name.startswith(folder) for name in names)
    data = media.get(genai_settings.STORAGE, result.name)
    assert (result.sha256, result.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    assert (result.format, result.width, result.height, result.info) == ("JPEG", 700, 500, {"scale": 2})
    assert media.decode(media.get(result.storage, result.mask_name)).getpixel((3, 3)) == 200
    result.save()


def test_storing_again_changes_no_file(image: ProductImage, remote: type[RemoteStorage]) -> None:
    job = queued(image)
    made = Made(corpus.photo(size=(400, 300)))
    first = media.store_result(made, job, image)
    before = dict(remote.objects)
    remote.log.clear()
    second = media.store_result(made, job, image)
    assert remote.objects == before
    assert not [name for verb, name in remote.log if verb in ("save", "delete")]
    assert (first.name, first.renditions, first.sha256) == (second.name, second.renditions, second.sha256)


def test_a_stale_worker_with_other_pixels_cannot_replace_the_file(image: ProductImage) -> None:
    """Another device may round otherwise: its files lie beside the ones that the row names."""
    job = queued(image)
    first = media.store_result(Made(corpus.photo()), job, image)
    data = media.get(first.storage, first.name)
    second = media.store_result(Made(corpus.photo().rotate(180)), job, image)
    assert second.name != first.name
    assert media.get(first.storage, first.name) == data


def test_transparent_results_are_png_and_keep_their_alpha_in_modern_renditions(image: ProductImage) -> None:
    picture = corpus.photo(size=(400, 300)).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    result = media.store_result(Made(picture), queued(image), image)
    assert result.format == "PNG"
    for entry in result.renditions:
        rendition = Image.open(io.BytesIO(media.get(result.storage, entry["name"])))
        assert rendition.mode == ("RGB" if entry["format"] == "JPEG" else "RGBA")
        if rendition.mode == "RGBA":
            alpha = Image.linear_gradient("L").resize(rendition.size)
            assert np.abs(np.asarray(rendition.getchannel("A"), np.int16) - np.asarray(alpha, np.int16)).max() <= 8
    assert {entry["format"] for entry in result.renditions} == {"AVIF", "WEBP", "JPEG"}
    assert media.decode(media.get(result.storage, result.name)).mode == "RGBA"


def test_what_a_persons_upload_took_part_in_is_private(
    user: Any, upload: Callable[..., ProductImage], drain: Callable[..., int], image: ProductImage
) -> None:
    photo = upload(user)
    result = make_result(photo, drain, owner=user)
    names = [result.name, *(entry["name"] for entry in result.renditions)]
    assert result.storage == genai_settings.PRIVATE_STORAGE
    assert all(name.startswith(f"{files.person_folder(user.pk)}/results/") for name in names)
    # Also where the upload is only one of the inputs, beside a picture of the shop.
    job = queued(image)
    job.inputs.create(slot="garment", image=photo)
    alias, folder = results.place(job, image)
    assert alias == genai_settings.PRIVATE_STORAGE
    assert folder.startswith(files.person_folder(user.pk))


def test_facts_must_be_plain(image: ProductImage) -> None:
    for info in ({"a": float("nan")}, {"a": object()}):
        with pytest.raises(PipelineFailed):
            media.store_result(Made(corpus.photo(), info=info), queued(image), image)


def test_a_storage_that_is_down_is_worth_a_retry(image: ProductImage, remote: type[RemoteStorage]) -> None:
    job = queued(image)
    remote.down = True
    with pytest.raises(StorageUnavailable):
        media.store_result(Made(corpus.photo()), job, image)


def test_only_a_persons_result_can_be_erased(
    user: Any, upload: Callable[..., ProductImage], drain: Callable[..., int], image: ProductImage
) -> None:
    with pytest.raises(ValueError, match="uploads"):
        media.erase_result(make_result(image, drain))
    result = make_result(upload(user), drain, owner=user)
    names = [result.name, *(entry["name"] for entry in result.renditions)]
    media.erase_result(result)
    assert not any(result.files.exists(name) for name in names)
    assert not GeneratedImage.objects.filter(pk=result.pk).exists()
