"""Variants through the HTTP door: seen by everybody once approved, made by who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from example_project.shop.models import Photo
from shop_genai import taste
from shop_genai.models import Job, ProductImage, Shopper, Weights
from tests.api.conftest import API
from tests.api.openapi import check
from tests.conftest import draw_photo
from tests.fakes.shop import make_image
from tests.fakes.variants import WEIGHTS, make_variant

pytestmark = pytest.mark.django_db
ClientOf = Callable[..., APIClient]
ProblemOf = Callable[..., dict[str, Any]]
VARIANTS = f"{API}variants/"


@pytest.fixture(autouse=True)
def weights(db: None) -> Weights:
    """Weights to pin; nobody opens them here."""
    return Weights.objects.create(recipe="variant", digest=WEIGHTS, version="1", folder="/nowhere", promoted=True)


@pytest.fixture
def image(db: None) -> ProductImage:
    return make_image(draw_photo(400, 300), "Polo")


def listed(client: APIClient, query: str) -> list[dict[str, Any]]:
    answer = client.get(f"{VARIANTS}?{query}")
    assert answer.status_code == 200, answer.content
    check(answer)
    rows: list[dict[str, Any]] = answer.json()["results"]
    return rows


def test_everybody_sees_approved_variants_and_which_are_previews(
    client_of: ClientOf, image: ProductImage, staff: Any
) -> None:
    make_variant(image)
    stocked = make_variant(image, staff, colour="navy", preview=False)
    preview = make_variant(image, staff, colour="mustard")
    product = Photo.objects.get(pk=image.object_id).product
    rows = listed(client_of(), f"image=shop.product:{product.pk}")
    assert [(row["id"], row["colour"], row["preview"]) for row in rows] == [
        (str(preview.pk), "mustard", True),
        (str(stocked.pk), "navy", False),
    ]
    assert rows[0]["file"] == f"http://testserver{preview.files.url(preview.name)}"
    assert {entry["format"] for entry in rows[0]["renditions"]} == {"AVIF", "WEBP", "JPEG"}
    assert listed(client_of(), f"image={image.pk}&count=1") == rows[:1]


def test_several_pictures_at_once_and_unknown_ones_have_none(
    client_of: ClientOf, image: ProductImage, staff: Any, upload: Any
) -> None:
    other, private = make_image(draw_photo(90, 60)), upload(staff)
    for one in (image, other, private):
        make_variant(one, staff)
    for query in (f"image={image.pk},{other.pk}", f"image={image.pk}&image={other.pk}&image=auth.user:1"):
        assert [row["image"] for row in listed(client_of(), query)] == [str(image.pk), str(other.pk)]
    assert listed(client_of(staff), f"image={private.pk}") == []


def test_a_list_needs_to_know_of_what(client_of: ClientOf, problem: ProblemOf) -> None:
    for query in ("", "image=1&count=0", "image=" + ",".join(map(str, range(51)))):
        answer = client_of().get(f"{VARIANTS}?{query}")
        problem(answer, 400, "invalid_request")
        check(answer)


def test_all_pictures_and_colours_become_jobs(client_of: ClientOf, image: ProductImage, staff: User) -> None:
    other = make_image(draw_photo(90, 60))
    body = {"images": [str(image.pk), str(other.pk)], "target": "colour", "colours": ["navy", "#a03020"], "seed": 5}
    answer = client_of(staff).post(VARIANTS, body)
    assert answer.status_code == 202, answer.content
    check(answer)
    jobs = answer.json()["jobs"]
    assert [(job["inputs"]["image"], job["params"]["colour"]) for job in jobs] == [
        (str(pk), colour) for pk in (image.pk, other.pk) for colour in ("navy", "#a03020")
    ]
    assert {(job["recipe"], job["seed"], job["params"]["stocked"]) for job in jobs} == {("variant", 5, "red")}
    again = client_of(staff).post(VARIANTS, body)
    check(again)
    assert again.status_code == 200
    assert all(job["deduplicated"] for job in again.json()["jobs"])
    assert Job.objects.count() == 4
    more = client_of(staff).post(VARIANTS, {**body, "colours": ["navy", "plum"]})
    assert more.status_code == 202
    assert [job["deduplicated"] for job in more.json()["jobs"]] == [True, False, True, False]


def test_the_look_of_another_picture(client_of: ClientOf, image: ProductImage, staff: User) -> None:
    other = make_image(draw_photo(90, 60))
    body = {"images": [str(image.pk)], "target": "appearance", "appearance": str(other.pk)}
    [job] = client_of(staff).post(VARIANTS, body).json()["jobs"]
    assert job["inputs"] == {"image": str(image.pk), "appearance": str(other.pk)}


@pytest.mark.parametrize(
    ("wish", "status", "code", "field"),
    [
        ({"images": []}, 400, "invalid_request", "images"),
        ({"images": ["x"]}, 400, "invalid_request", "images.0"),
        ({"target": "mood"}, 400, "invalid_request", "target"),
        ({"count": 13}, 400, "invalid_request", "count"),
        ({"colour": "navy"}, 400, "invalid_request", "colour"),
        ({"target": "colour"}, 422, "invalid_params", "colours"),
        ({"target": "colour", "colours": ["navy", "dull"]}, 422, "invalid_params", "colours"),
        ({"target": "appearance"}, 422, "invalid_inputs", "appearance"),
        ({"images": ["5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1"]}, 422, "invalid_inputs", "images.0"),
        ({"target": "shopper"}, 409, "taste_unknown", None),
        (
            {"target": "shopper", "shopper": "5b0f9a52-6d57-4a63-9d13-2a5b3a3df6a1"},
            422,
            "invalid_inputs",
            "shopper",
        ),
    ],
)
def test_nothing_is_queued_unless_all_of_it_can_be(
    client_of: ClientOf,
    problem: ProblemOf,
    image: ProductImage,
    staff: User,
    wish: dict[str, Any],
    status: int,
    code: str,
    field: str | None,
) -> None:
    answer = client_of(staff).post(VARIANTS, {"images": [str(image.pk)], **wish})
    refused = problem(answer, status, code)
    check(answer)
    if field is not None:
        assert [one["field"] for one in refused["errors"]][:1] == [field]
    assert not Job.objects.exists()


def test_the_catalogue_needs_a_permission_and_uploads_do_not(
    client_of: ClientOf, problem: ProblemOf, image: ProductImage, user: User, upload: Any, clerk: Any
) -> None:
    body = {"images": [str(image.pk)]}
    problem(client_of().post(VARIANTS, body), 401, "not_authenticated")
    problem(client_of(user).post(VARIANTS, body), 422, "invalid_inputs")
    problem(client_of(clerk("view_productimage")).post(VARIANTS, body), 403, "permission_denied")
    mine = upload(user)
    assert client_of(user).post(VARIANTS, {"images": [str(mine.pk)]}).status_code == 202
    assert client_of(clerk("enhance_productimage")).post(VARIANTS, body).status_code == 202


def test_other_peoples_taste_is_for_who_may_view_shoppers(
    client_of: ClientOf, problem: ProblemOf, image: ProductImage, clerk: Any
) -> None:
    shopper = Shopper.objects.create()
    taste.give_consent(shopper)
    body = {"images": [str(image.pk)], "target": "shopper", "shopper": str(shopper.key)}
    problem(client_of(clerk("enhance_productimage")).post(VARIANTS, body), 403, "permission_denied")
    allowed = clerk("enhance_productimage", "view_shopper")
    problem(client_of(allowed).post(VARIANTS, body), 409, "taste_unknown")
