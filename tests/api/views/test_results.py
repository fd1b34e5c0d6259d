"""Finished pictures, and the signed links to private ones."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import storages
from django.test import override_settings
from PIL import Image
from rest_framework.test import APIClient

from shop_genai.models import GeneratedImage, Job, ProductImage, Status
from tests.api.conftest import API
from tests.fakes.shop import make_image, make_result

pytestmark = pytest.mark.django_db
RESULTS = f"{API}results/"
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]


@pytest.fixture
def result(user: User, upload: Callable[..., ProductImage], invert: Any, drain: Callable[..., int]) -> GeneratedImage:
    """A finished private result of the user."""
    return make_result(upload(user, width=700, height=500), drain, owner=user)


def test_a_result_names_its_files_and_where_it_came_from(
    client_of: ClientOf, user: User, result: GeneratedImage
) -> None:
    answer = client_of(user).get(f"{RESULTS}{result.pk}/").json()
    assert answer["id"] == str(result.pk)
    assert answer["job"] == f"http://testserver{API}jobs/{result.job_id}/"
    assert answer["source"] == f"http://testserver{API}images/{result.source_id}/"
    assert (answer["recipe"], answer["review"], answer["published"]) == ("invert", "pending", None)
    assert (answer["width"], answer["height"]) == (700, 500)
    assert len(answer["renditions"]) == len(result.renditions) > 0


def test_signed_links_serve_their_file_to_whoever_holds_them(
    client_of: ClientOf, user: User, result: GeneratedImage
) -> None:
    answer = client_of(user).get(f"{RESULTS}{result.pk}/").json()
    for entry in [answer, *answer["renditions"]]:
        address = entry.get("file") or entry["url"]
        assert urlsplit(address).path == f"{RESULTS}{result.pk}/file/"
        response = client_of().get(address, headers={"Accept": "image/*"})
        assert response.status_code == 200
        with Image.open(io.BytesIO(response.content)) as picture:
            assert picture.size == (entry["width"], entry["height"])
            assert response["Content-Type"] == Image.MIME[picture.format or ""]
        assert response["X-Content-Type-Options"] == "nosniff"


def test_links_are_refused_when_forged_or_moved_or_old(
    client_of: ClientOf,
    user: User,
    result: GeneratedImage,
    upload: Callable[..., ProductImage],
    drain: Callable[..., int],
    problem: ProblemOf,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    another = make_result(upload(user), drain, owner=user)
    address = client_of(user).get(f"{RESULTS}{result.pk}/").json()["file"]
    stranger = client_of()
    problem(stranger.get(address[:-1] + ("A" if address[-1] != "A" else "B")), 403, "link_invalid")
    problem(stranger.get(f"{RESULTS}{result.pk}/file/"), 403, "link_invalid")
    problem(stranger.get(address.replace(str(result.pk), str(another.pk))), 403, "link_invalid")
    assert stranger.get(address).status_code == 200
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 301)
    problem(stranger.get(address), 403, "link_invalid")


def test_a_link_dies_with_its_result_or_its_file(
    client_of: ClientOf, user: User, result: GeneratedImage, problem: ProblemOf
) -> None:
    address = client_of(user).get(f"{RESULTS}{result.pk}/").json()["file"]
    storages[result.storage].delete(result.name)
    problem(client_of().get(address), 409, "input_missing")
    result.delete()
    problem(client_of().get(address), 404, "not_found")


def test_results_of_the_catalogue_have_plain_addresses(
    client_of: ClientOf, staff: User, invert: Any, drain: Callable[..., int], photo_bytes: Callable[..., bytes]
) -> None:
    result = make_result(make_image(photo_bytes()), drain, owner=staff)
    answer = client_of(staff).get(f"{RESULTS}{result.pk}/").json()
    assert answer["file"] == f"http://testserver{storages['default'].url(result.name)}"


def test_other_peoples_results_do_not_exist(
    client_of: ClientOf, other: User, clerk: Callable[..., User], result: GeneratedImage, problem: ProblemOf
) -> None:
    problem(client_of(other).get(f"{RESULTS}{result.pk}/"), 404, "not_found")
    assert client_of(other).get(RESULTS).json()["results"] == []
    assert len(client_of(clerk("view_generatedimage")).get(RESULTS).json()["results"]) == 1


def test_lists_are_filtered(
    client_of: ClientOf,
    user: User,
    result: GeneratedImage,
    upload: Callable[..., ProductImage],
    drain: Callable[..., int],
) -> None:
    approved = make_result(upload(user), drain, owner=user)
    GeneratedImage.objects.filter(pk=approved.pk).update(review="approved")
    client = client_of(user)

    def ids(query: str) -> list[str]:
        return [row["id"] for row in client.get(f"{RESULTS}?{query}").json()["results"]]

    assert ids("") == [str(approved.pk), str(result.pk)]
    assert ids("review=approved") == [str(approved.pk)]
    assert ids(f"source={result.source_id}") == [str(result.pk)]
    assert ids("recipe=enhance") == []
    assert ids("recipe=invert&review=pending") == [str(result.pk)]


def test_a_list_of_50_takes_3_queries(
    client_of: ClientOf,
    user: User,
    make_job: Callable[..., Job],
    upload: Callable[..., ProductImage],
    django_assert_num_queries: Any,
) -> None:
    image = upload(user)
    rendition = {"format": "WEBP", "width": 9, "height": 9, "name": "genai/private/x/y.webp", "bytes": 9}
    for _number in range(51):
        GeneratedImage.objects.create(
            job=make_job(user, image, status=Status.SUCCEEDED),
            source=image,
            storage="private",
            name="genai/private/x/y.png",
            sha256="0" * 64,
            format="PNG",
            width=9,
            height=9,
            bytes=9,
            renditions=[rendition],
        )
    client = client_of(user)
    with override_settings(STORAGES={}), django_assert_num_queries(3):  # session, user, results; no storage call
        rows = client.get(RESULTS).json()["results"]
    assert len(rows) == 50
