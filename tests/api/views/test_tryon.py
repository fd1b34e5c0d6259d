"""The API's try-on: consent, photo, garment, picture, and everything gone again."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.utils import timezone
from PIL import Image
from rest_framework.test import APIClient

from shop_genai import ledger, photos
from shop_genai.models import Job, ProductImage, Shopper, ShopperPhoto, Status, TryOn, TryOnAudit, TryOnConsent
from tests.api.conftest import API
from tests.conftest import draw_photo
from tests.fakes.shop import make_photo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("fitting")]

ROOM = f"{API}tryon/"
GREY, RED, BLUE = (150, 150, 150), (250, 20, 20), (20, 20, 250)


@pytest.fixture
def garment(settings: Any) -> Any:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {}}
    return make_photo(draw_photo(90, 80, (20, 120, 120)), "Polo", "polo")


@pytest.fixture
def shopper(client_of: Callable[..., APIClient]) -> APIClient:
    """A browser of somebody without an account who agreed."""
    client = client_of()
    assert client.post(f"{ROOM}consent/", {"version": "1"}).status_code == 200
    return client


def give(client: APIClient, colour: tuple[int, int, int] = GREY, **save: Any) -> Any:
    file = ContentFile(draw_photo(300, 400, colour, **save), name="me.jpg")
    return client.post(f"{ROOM}photos/", {"file": file}, format="multipart")


def worn(client: APIClient, garment: Any, drain: Any, colour: tuple[int, int, int] = GREY) -> dict[str, Any]:
    photo = give(client, colour).json()["id"]
    asked = client.post(ROOM, {"photo": photo, "product": f"shop.photo:{garment.pk}"})
    assert asked.status_code == 202, asked.content
    drain()
    answer: dict[str, Any] = client.get(f"{ROOM}{asked.json()['id']}/").json()
    return answer


def test_a_stranger_is_told_the_text_and_leaves_no_row(client_of: Any) -> None:
    answer = client_of().get(ROOM)
    body = answer.json()
    assert answer.status_code == 200
    assert body["consent"]["version"] == "1"
    assert body["consent"]["given_at"] is None
    assert "24 hours" in body["consent"]["text"]
    assert (body["photos"], body["tryons"]) == ([], [])
    assert body["limits"]["photos_left"] == 50
    assert [each["name"] for each in body["categories"]] == ["auto", "upper"]
    assert answer["Cache-Control"] == "private, no-store"
    assert "Cookie" in answer["Vary"]
    assert not Shopper.objects.exists()


def test_no_photo_without_consent(client_of: Any, problem: Any) -> None:
    body = problem(give(client_of()), 403, "consent_missing")
    assert body["advice"]
    assert not ProductImage.objects.exists()
    assert not TryOnAudit.objects.exists()


def test_consent_is_a_row_with_version_language_and_time(client_of: Any) -> None:
    client = client_of()
    answer = client.post(f"{ROOM}consent/", {"version": "1"}, headers={"Accept-Language": "zh-Hans"})
    assert answer.status_code == 200
    row = TryOnConsent.objects.get()
    assert (row.text_version, row.language, row.withdrawn_at) == ("1", "zh-hans", None)
    assert abs(timezone.now() - row.at) < timedelta(minutes=1)
    assert answer.json()["consent"]["given_at"]
    assert client.cookies["genai_shopper"]["httponly"]
    client.post(f"{ROOM}consent/", {"version": "1"})
    assert TryOnConsent.objects.count() == 1
    assert not Shopper.objects.get().consents  # that is taste's, and was not asked


def test_consent_to_an_old_text_is_none(client_of: Any, shopper: Any, problem: Any, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_CONSENT_VERSION": "2"}
    problem(client_of().post(f"{ROOM}consent/", {"version": "1"}), 400, "invalid_request")
    problem(give(shopper), 403, "consent_missing")
    assert shopper.get(ROOM).json()["consent"]["given_at"] is None
    shopper.post(f"{ROOM}consent/", {"version": "2"})
    assert give(shopper).status_code == 201


def test_a_photo_is_kept_privately_without_metadata(shopper: Any) -> None:
    answer = give(shopper, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0")
    body = answer.json()
    assert (answer.status_code, body["width"], body["height"]) == (201, 300, 400)
    photo = ShopperPhoto.objects.select_related("image", "consent").get()
    assert photo.image.storage == "private"
    assert photo.image.thumbnail == ""
    assert photo.image.name.startswith(f"genai/private/tryon/{photo.image.pk}/")
    assert photo.consent == TryOnConsent.objects.get()
    assert abs(photo.expires_at - timezone.now() - timedelta(hours=24)) < timedelta(minutes=1)
    shown = shopper.get(body["url"])
    assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
    assert shown["Cache-Control"] == "private, no-store"
    assert not Image.open(io.BytesIO(shown.content)).getexif()


def test_from_photo_to_picture(shopper: Any, garment: Any, drain: Any) -> None:
    photo = give(shopper).json()["id"]
    asked = shopper.post(ROOM, {"photo": photo, "product": f"shop.product:{garment.product_id}", "tuck": "in"})
    body = asked.json()
    assert (asked.status_code, asked["Retry-After"]) == (202, "1")
    assert (body["status"], body["queue_position"], body["result"], body["error"]) == ("queued", 1, None, None)
    assert (body["category"], body["tuck"], body["garment"]["title"]) == ("auto", "in", "Polo")
    job = Job.objects.get()
    assert (job.lane, job.priority, job.owner) == ("interactive", 100, None)
    drain()
    body = shopper.get(f"{ROOM}{body['id']}/").json()
    result = body["result"]
    assert (body["status"], body["progress"], body["queue_position"]) == ("succeeded", 1.0, None)
    assert (result["width"], result["height"], result["confidence"]) == (300, 400, 0.8)
    assert result["warnings"] == [{"code": "dark_photo", "message": "Your photo is dark: colours may differ."}]
    assert set(result["seconds"]) == {"person", "garment", "warp", "composer", "paste"}
    before, after = (Image.open(io.BytesIO(shopper.get(result[key]).content)) for key in ("before_url", "url"))
    assert before.size == after.size == (300, 400)
    middle = after.convert("RGB").getpixel((150, 200))
    assert max(abs(a - b) for a, b in zip(middle, (20, 120, 120), strict=True)) < 12
    assert [each["id"] for each in shopper.get(ROOM).json()["tryons"]] == [body["id"]]
    assert list(TryOnAudit.objects.order_by("pk").values_list("kind", flat=True)) == [
        "consent",
        "upload",
        "submit",
        "result",
    ]


def test_the_same_request_is_the_same_try_on(shopper: Any, garment: Any, client_of: Any) -> None:
    order = {"photo": give(shopper).json()["id"], "product": f"shop.photo:{garment.pk}"}
    first, second = shopper.post(ROOM, order).json(), shopper.post(ROOM, order).json()
    assert first["id"] == second["id"]
    other = client_of()
    other.post(f"{ROOM}consent/", {"version": "1"})
    theirs = other.post(ROOM, {**order, "photo": give(other).json()["id"]}).json()  # the same bytes
    assert theirs["id"] != first["id"]
    assert Job.objects.count() == 2


@pytest.mark.parametrize(("colour", "code"), [(RED, "no_person"), (BLUE, "multiple_people")])
def test_refusals_come_with_advice(shopper: Any, garment: Any, drain: Any, colour: Any, code: str) -> None:
    body = worn(shopper, garment, drain, colour)
    assert body["status"] == "failed"
    assert body["result"] is None
    assert body["error"]["code"] == code
    assert body["error"]["message"]
    assert body["error"]["advice"].startswith("Use a photo that shows you")
    assert TryOnAudit.objects.get(kind="refuse").code == code


def test_what_only_operators_can_mend_is_not_explained_to_shoppers(shopper: Any, garment: Any) -> None:
    order = {"photo": give(shopper).json()["id"], "product": f"shop.photo:{garment.pk}"}
    row = shopper.post(ROOM, order).json()
    Job.objects.update(
        status=Status.DEAD, finished=timezone.now(), error_code="worker_crashed", error_message="host 10.0.0.3"
    )
    error = shopper.get(f"{ROOM}{row['id']}/").json()["error"]
    assert error == {
        "code": "worker_crashed",
        "message": "The picture could not be made.",
        "advice": "Please try again later.",
    }


def test_garments_that_are_none(shopper: Any, garment: Any, problem: Any, settings: Any) -> None:
    photo = give(shopper).json()["id"]
    mine = ProductImage.objects.get()
    problem(shopper.post(ROOM, {"photo": photo}), 400, "invalid_request")
    problem(shopper.post(ROOM, {"photo": photo, "garment": str(mine.pk)}), 422, "invalid_inputs")
    problem(shopper.post(ROOM, {"photo": photo, "product": "auth.user:1"}), 422, "invalid_inputs")
    problem(
        shopper.post(ROOM, {"photo": photo, "product": f"shop.photo:{garment.pk}", "backend": "nobody"}),
        422,
        "invalid_params",
    )
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {"hats": "upper"}}
    body = problem(
        shopper.post(ROOM, {"photo": photo, "product": f"shop.photo:{garment.pk}"}), 422, "category_unsupported"
    )
    assert body["advice"]
    assert not Job.objects.exists()


def test_other_shoppers_see_nothing(shopper: Any, garment: Any, drain: Any, client_of: Any, problem: Any) -> None:
    body = worn(shopper, garment, drain)
    other = client_of()
    other.post(f"{ROOM}consent/", {"version": "1"})
    assert other.get(ROOM).json()["tryons"] == []
    for client in (other, client_of()):
        problem(client.get(f"{ROOM}{body['id']}/"), 404, "not_found")
        problem(client.delete(f"{ROOM}{body['id']}/"), 404, "not_found")
        problem(client.delete(f"{ROOM}photos/{body['photo']}/"), 404, "not_found")
        problem(client.get(body["result"]["url"]), 404, "not_found")  # a link that leaked
        problem(client.get(body["result"]["before_url"]), 404, "not_found")
    problem(other.post(ROOM, {"photo": body["photo"], "product": f"shop.photo:{garment.pk}"}), 422, "invalid_inputs")
    assert shopper.get(body["result"]["url"]).status_code == 200


def test_links_are_for_one_picture_and_die(shopper: Any, garment: Any, drain: Any, problem: Any) -> None:
    body = worn(shopper, garment, drain)
    url, photo = body["result"]["url"], body["result"]["before_url"]
    token = photo.partition("token=")[2]
    problem(shopper.get(f"{ROOM}{body['id']}/file/?token={token}"), 403, "link_invalid")
    problem(shopper.get(f"{ROOM}{body['id']}/file/"), 403, "link_invalid")
    with mock.patch("django.core.signing.time.time", return_value=time.time() + 301):
        problem(shopper.get(url), 403, "link_invalid")


def test_deleting_a_photo_takes_everything_along(shopper: Any, garment: Any, drain: Any, problem: Any) -> None:
    body = worn(shopper, garment, drain)
    assert shopper.delete(f"{ROOM}photos/{body['photo']}/").status_code == 204
    for link in (body["result"]["url"], body["result"]["before_url"], f"{ROOM}{body['id']}/"):
        problem(shopper.get(link), 404, "not_found")
    assert not ShopperPhoto.objects.exists()
    assert not TryOn.objects.exists()
    assert not Job.objects.exists()
    assert ProductImage.objects.get().object_id == str(garment.pk)


def test_deleting_a_try_on_keeps_the_photo(shopper: Any, garment: Any, drain: Any, problem: Any) -> None:
    body = worn(shopper, garment, drain)
    assert shopper.delete(f"{ROOM}{body['id']}/").status_code == 204
    problem(shopper.get(body["result"]["url"]), 404, "not_found")
    assert shopper.get(body["result"]["before_url"]).status_code == 200
    assert not TryOn.objects.exists()


def test_withdrawing_deletes_and_is_noted(shopper: Any, garment: Any, drain: Any, problem: Any) -> None:
    worn(shopper, garment, drain)
    assert shopper.delete(f"{ROOM}consent/").status_code == 204
    assert shopper.get(ROOM).json()["photos"] == []
    assert not ShopperPhoto.objects.exists()
    assert TryOnConsent.objects.get().withdrawn_at is not None
    problem(give(shopper), 403, "consent_missing")
    assert set(TryOnAudit.objects.values_list("kind", flat=True)) >= {"withdraw"}


def test_time_over_is_gone_before_the_sweep_comes(shopper: Any, garment: Any, drain: Any, problem: Any) -> None:
    body = worn(shopper, garment, drain)
    past = ledger.now() - timedelta(seconds=1)
    ShopperPhoto.objects.update(expires_at=past)
    TryOn.objects.update(expires_at=past)
    problem(shopper.get(f"{ROOM}{body['id']}/"), 404, "not_found")
    problem(shopper.get(body["result"]["url"]), 404, "not_found")
    assert shopper.get(ROOM).json()["photos"] == []
    assert photos.expire() == 1


def test_enough_for_one_day(shopper: Any, garment: Any, problem: Any, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_MAX_PER_DAY": 2}
    ids = [give(shopper).json()["id"] for _ in range(2)]
    shopper.delete(f"{ROOM}photos/{ids[0]}/")  # deleting gains nothing
    answer = give(shopper)
    body = problem(answer, 429, "tryon_limit_reached")
    assert (body["details"]["limit"], body["advice"]) == (2, "Please come back tomorrow.")
    assert 86000 < int(answer["Retry-After"]) <= 86400
    assert shopper.get(ROOM).json()["limits"]["photos_left"] == 0
    for seed in range(2):
        order = {"photo": ids[1], "product": f"shop.photo:{garment.pk}", "seed": seed}
        assert shopper.post(ROOM, order).status_code == 202
    problem(shopper.post(ROOM, {**order, "seed": 2}), 429, "tryon_limit_reached")
    assert shopper.post(ROOM, order).status_code == 202  # known already
    assert Job.objects.count() == 2


def test_a_user_is_protected_from_forged_requests(user: User, client_of: Any, problem: Any) -> None:
    client = client_of(user, enforce_csrf_checks=True)
    problem(client.post(f"{ROOM}consent/", {"version": "1"}), 403, "csrf_failed")
    assert not Shopper.objects.exists()


def test_a_user_needs_no_cookie(user: User, client_of: Any) -> None:
    client = client_of(user)
    client.post(f"{ROOM}consent/", {"version": "1"})
    assert "genai_shopper" not in client.cookies
    assert give(client).status_code == 201
    assert Shopper.objects.get().user == user
    assert ProductImage.objects.get().owner is None
