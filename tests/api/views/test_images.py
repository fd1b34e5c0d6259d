"""Upload, list, look at, fetch and delete, through HTTP."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.test import override_settings
from PIL import Image
from rest_framework.test import APIClient

from shop_genai.conf import genai_settings
from shop_genai.models import GeneratedImage, Job, ProductImage
from tests.api.conftest import API
from tests.fakes.shop import make_image

pytestmark = pytest.mark.django_db
IMAGES = f"{API}images/"
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]


def send(client: APIClient, data: bytes, **fields: str) -> Any:
    return client.post(IMAGES, {"file": ContentFile(data, name="photo.jpg"), **fields}, format="multipart")


def stored(image: ProductImage) -> list[str]:
    return [name for name in (image.name, image.thumbnail) if storages[image.storage].exists(name)]


def test_an_upload_becomes_an_image(client_of: ClientOf, user: User, photo_bytes: Callable[..., bytes]) -> None:
    client = client_of(user)
    response = send(client, photo_bytes(width=80, height=60), title="Blue mug")
    assert response.status_code == 201
    answer = response.json()
    image = ProductImage.objects.get()
    assert (answer["id"], answer["title"]) == (str(image.pk), "Blue mug")
    assert (answer["width"], answer["height"], answer["format"]) == (80, 60, "JPEG")
    assert answer["catalogue"] is None
    assert response["Location"] == answer["url"] == f"http://testserver{IMAGES}{image.pk}/"
    assert client.get(answer["url"]).json() == answer
    assert image.owner == user


def test_the_stored_bytes_are_private(
    client_of: ClientOf, user: User, other: User, upload: Callable[..., ProductImage], problem: ProblemOf
) -> None:
    image = upload(user, width=80, height=60)
    address = f"{IMAGES}{image.pk}/content/"
    response = client_of(user).get(address)
    assert response["Content-Type"] == "image/jpeg"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "private, no-cache"
    assert Image.open(io.BytesIO(response.content)).size == (80, 60)
    problem(client_of(other).get(address), 404, "not_found")
    problem(client_of().get(address), 401, "not_authenticated")


def test_a_client_that_accepts_only_pictures_gets_one(
    client_of: ClientOf, user: User, upload: Callable[..., ProductImage]
) -> None:
    response = client_of(user).get(f"{IMAGES}{upload(user).pk}/content/", headers={"Accept": "image/jpeg"})
    assert response.status_code == 200


def test_a_missing_file_is_told_apart(
    client_of: ClientOf, user: User, upload: Callable[..., ProductImage], problem: ProblemOf
) -> None:
    image = upload(user)
    storages[image.storage].delete(image.name)
    problem(client_of(user).get(f"{IMAGES}{image.pk}/content/"), 409, "input_missing")


def test_catalogue_pictures_are_for_staff(
    client_of: ClientOf, user: User, clerk: Callable[..., User], photo_bytes: Callable[..., bytes], problem: ProblemOf
) -> None:
    data = photo_bytes()
    image = make_image(data)
    client = client_of(clerk("enhance_productimage"))
    [row] = client.get(IMAGES).json()["results"]
    assert row["catalogue"] == {"model": "shop.photo", "id": image.object_id, "field": "image"}
    assert client.get(row["content"]).content == data
    assert client_of(user).get(IMAGES).json()["results"] == []
    problem(client_of(user).get(row["url"]), 404, "not_found")


def test_only_the_view_permission_shows_other_peoples_uploads(
    client_of: ClientOf, user: User, clerk: Callable[..., User], upload: Callable[..., ProductImage]
) -> None:
    upload(user)
    assert client_of(clerk("enhance_productimage")).get(IMAGES).json()["results"] == []
    assert len(client_of(clerk("view_productimage")).get(IMAGES).json()["results"]) == 1


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"This is a text.", 415, "not_an_image"),
        (b"GIF89a" + bytes(100), 415, "format_not_allowed"),
    ],
)
def test_what_is_no_picture_is_refused(
    client_of: ClientOf, user: User, problem: ProblemOf, data: bytes, status: int, code: str
) -> None:
    problem(send(client_of(user), data), status, code)
    assert not ProductImage.objects.exists()


def test_incomplete_and_oversized_pictures_are_refused(
    client_of: ClientOf, user: User, problem: ProblemOf, photo_bytes: Callable[..., bytes]
) -> None:
    client = client_of(user)
    whole = photo_bytes(width=200, height=200)
    problem(send(client, whole[: len(whole) // 2]), 422, "image_truncated")
    with override_settings(SHOP_GENAI={**vars_of_studio(), "MAX_PIXELS": 10_000}):
        problem(send(client, whole), 413, "image_too_large")
    with override_settings(SHOP_GENAI={**vars_of_studio(), "MAX_UPLOAD_BYTES": len(whole) - 1}):
        problem(send(client, whole), 413, "image_too_large")
    with override_settings(SHOP_GENAI={**vars_of_studio(), "MAX_UPLOAD_BYTES": 10}):
        problem(send(client, bytes(100_000)), 413, "body_too_large")
    assert not ProductImage.objects.exists()


def vars_of_studio() -> dict[str, Any]:
    return {"PRIVATE_STORAGE": genai_settings.PRIVATE_STORAGE}


@pytest.mark.parametrize("fields", [{}, {"file": "text"}])
def test_a_form_without_a_file_is_refused(
    client_of: ClientOf, user: User, problem: ProblemOf, fields: dict[str, str]
) -> None:
    told = problem(client_of(user).post(IMAGES, fields, format="multipart"), 400, "invalid_request")
    assert [error["field"] for error in told["errors"]] == ["file"]


def test_uploads_are_forms(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    problem(client_of(user).post(IMAGES, {"file": "x"}), 415, "unsupported_media_type")
    broken = client_of(user).post(IMAGES, b"--x", content_type="multipart/form-data")
    problem(broken, 400, "malformed_request")


def test_deleting_an_upload_erases_what_was_made_from_it(
    client_of: ClientOf,
    user: User,
    invert: Any,
    upload: Callable[..., ProductImage],
    drain: Callable[[], int],
) -> None:
    client = client_of(user)
    image, kept = upload(user), upload(user, width=70)
    for each in (image, kept):
        client.post(f"{API}jobs/", {"recipe": "invert", "inputs": {"image": str(each.pk)}})
    drain()
    client.post(f"{API}jobs/", {"recipe": "invert", "inputs": {"image": str(image.pk)}, "seed": 9})
    result = GeneratedImage.objects.get(source=image)
    names = [result.name, *(rendition["name"] for rendition in result.renditions)]
    assert all(storages[result.storage].exists(name) for name in names)

    response = client.delete(f"{IMAGES}{image.pk}/")

    assert (response.status_code, response.content) == (204, b"")
    assert stored(image) == []
    assert not any(storages[result.storage].exists(name) for name in names)
    assert list(ProductImage.objects.all()) == [kept]
    assert Job.objects.get().inputs.get().image == kept
    assert GeneratedImage.objects.get().source == kept
    assert stored(kept) == [kept.name, kept.thumbnail]


def test_an_erased_request_can_be_made_again(
    client_of: ClientOf,
    user: User,
    invert: Any,
    upload: Callable[..., ProductImage],
    drain: Callable[[], int],
) -> None:
    client = client_of(user)
    for _time in range(2):
        image = upload(user)
        response = client.post(f"{API}jobs/", {"recipe": "invert", "inputs": {"image": str(image.pk)}})
        assert response.status_code == 202
        drain()
        assert client.get(response.json()["url"]).json()["status"] == "succeeded"
        client.delete(f"{IMAGES}{image.pk}/")


def test_catalogue_pictures_and_other_peoples_cannot_be_deleted(
    client_of: ClientOf,
    user: User,
    other: User,
    clerk: Callable[..., User],
    upload: Callable[..., ProductImage],
    photo_bytes: Callable[..., bytes],
    problem: ProblemOf,
) -> None:
    host, image = make_image(photo_bytes()), upload(user)
    superuser = User.objects.create_superuser("root")
    problem(client_of(superuser).delete(f"{IMAGES}{host.pk}/"), 403, "permission_denied")
    problem(client_of(other).delete(f"{IMAGES}{image.pk}/"), 404, "not_found")
    problem(client_of(clerk("view_productimage")).delete(f"{IMAGES}{image.pk}/"), 403, "permission_denied")
    assert ProductImage.objects.count() == 2
    deleter = clerk("view_productimage", "delete_productimage")
    assert client_of(deleter).delete(f"{IMAGES}{image.pk}/").status_code == 204


def test_an_unknown_image_is_not_found(client_of: ClientOf, user: User, problem: ProblemOf) -> None:
    for method in ("get", "delete"):
        problem(getattr(client_of(user), method)(f"{IMAGES}{uuid.uuid4()}/"), 404, "not_found")


def test_a_list_of_50_takes_3_queries(client_of: ClientOf, user: User, django_assert_num_queries: Any) -> None:
    for number in range(51):
        ProductImage.objects.create(
            owner=user, name=f"{number}.png", sha256="0" * 64, format="PNG", width=9, height=9, bytes=99
        )
    client = client_of(user)
    with django_assert_num_queries(3):  # session, user, images
        assert len(client.get(IMAGES).json()["results"]) == 50


def test_uploads_are_throttled_by_their_own_rate(
    client_of: ClientOf, user: User, photo_bytes: Callable[..., bytes], problem: ProblemOf
) -> None:
    with override_settings(SHOP_GENAI={**vars_of_studio(), "THROTTLE_RATES": {"genai-upload": "1/day"}}):
        assert send(client_of(user), photo_bytes()).status_code == 201
        problem(send(client_of(user), photo_bytes(width=70)), 429, "throttled")
