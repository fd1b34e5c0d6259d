"""Try-ons in the back office: how they went for those who may know, what they show for those who must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from shop_genai import audit, tryon
from shop_genai.models import GarmentAnalysis, GeneratedImage, TryOn, TryOnAudit
from tests.admin.conftest import act, listing, messages, page
from tests.tryon.conftest import _own_recipe as _own_recipe
from tests.tryon.conftest import garment as garment
from tests.tryon.conftest import shopper as shopper
from tests.tryon.conftest import worn as worn

pytestmark = pytest.mark.django_db


def picture(row: TryOn, variant: str) -> str:
    return reverse("admin:shop_genai_tryon_picture", args=[row.pk, variant])


def test_the_list_says_how_it_went_and_shows_no_picture(someone: Callable[..., Client], worn: TryOn) -> None:
    desk = someone("view_tryon")
    shown = desk.get(listing("tryon"))
    assert shown.status_code == 200
    assert "Polo" in shown.text
    assert "Succeeded" in shown.text
    assert "/picture/" not in shown.text
    assert desk.get(listing("tryon"), {"job__status": "failed"}).context["cl"].result_count == 0
    opened = desk.get(page(worn))
    assert "You do not have the permission to see them." in opened.text
    assert picture(worn, "photo") not in opened.text
    for variant in ("photo", "result"):
        assert desk.get(picture(worn, variant)).status_code == 403
    assert not TryOnAudit.objects.filter(kind="view").exists()


def test_each_look_is_noted(someone: Callable[..., Client], worn: TryOn) -> None:
    desk = someone("view_tryon", "view_shopper_pictures")
    assert picture(worn, "result") in desk.get(page(worn)).text
    assert not TryOnAudit.objects.filter(kind="view").exists()  # the page alone shows nothing
    for number, variant in enumerate(("photo", "result"), 1):
        shown = desk.get(picture(worn, variant))
        assert (shown.status_code, shown["Content-Type"]) == (200, "image/jpeg")
        assert {"private", "no-store"} <= set(shown["Cache-Control"].split(", "))
        line = TryOnAudit.objects.filter(kind="view").first()
        assert line is not None
        assert TryOnAudit.objects.filter(kind="view").count() == number
        assert (line.code, line.tryon, line.photo) == (variant, worn.pk, worn.photo_id)
        assert line.shopper == audit.pseudonym(worn.shopper)
        assert line.staff == User.objects.get(username__startswith="staff-")
    assert desk.get(picture(worn, "mask")).status_code == 404


def test_the_permission_alone_is_not_enough(someone: Callable[..., Client], worn: TryOn) -> None:
    assert someone("view_shopper_pictures").get(picture(worn, "photo")).status_code == 403
    assert Client().get(picture(worn, "photo")).status_code == 302  # to the login


def test_a_deleted_one_is_gone(someone: Callable[..., Client], worn: TryOn) -> None:
    desk = someone("view_tryon", "view_shopper_pictures")
    tryon.delete(worn.photo)
    assert desk.get(picture(worn, "photo")).status_code == 404
    assert desk.get(listing("tryon")).status_code == 200


def test_a_refusal_is_told_in_the_shoppers_words(someone: Callable[..., Client], worn: TryOn) -> None:
    GeneratedImage.objects.all().delete()
    worn.job.status, worn.job.error_code = "failed", "multiple_people"
    worn.job.save()
    shown = someone("view_tryon", "view_shopper_pictures").get(page(worn))
    assert "More than one person is seen in this photo." in shown.text
    assert picture(worn, "result") not in shown.text


def test_nobody_writes_or_deletes_here(admin_client: Client, worn: TryOn) -> None:
    for model in ("tryon", "tryonaudit", "tryonconsent", "garmentanalysis"):
        assert admin_client.get(listing(model)).status_code == 200
        assert admin_client.get(reverse(f"admin:shop_genai_{model}_add")).status_code == 403
    assert admin_client.post(page(worn), {"noted": "on"}).status_code == 403
    line = TryOnAudit.objects.first()
    assert line is not None
    assert admin_client.post(reverse("admin:shop_genai_tryonaudit_delete", args=[line.pk])).status_code == 403


def test_the_audit_and_the_consents_are_listed(someone: Callable[..., Client], worn: TryOn) -> None:
    shown = someone("view_tryonaudit", "view_tryonconsent").get(listing("tryonaudit"))
    assert shown.context["cl"].result_count == 3
    assert worn.shopper.key.hex not in shown.text
    assert "genai/private" not in shown.text


@pytest.fixture
def known(worn: TryOn) -> GarmentAnalysis:
    image = worn.garment
    assert image is not None
    return GarmentAnalysis.objects.create(
        image=image,
        key="a" * 64,
        sha256=image.sha256,
        weights="b" * 64,
        category="upper",
        kind="upper",
        source="flat",
        confidence=0.87,
        data={"size": [90, 80], "landmarks": {"neck_left": [50.0, 10.0], "hem_left": [70.25, 75.0]}},
    )


def test_garments_are_shown_with_their_landmarks(desk: Client, known: GarmentAnalysis) -> None:
    listed = desk.get(listing("garmentanalysis"))
    assert "87%" in listed.text
    shown = desk.get(page(known))
    assert '<svg class="genai-picture genai-picture--large" viewBox="0 0 90 80"' in shown.text
    assert "<title>neck_left</title>" in shown.text
    assert 'cx="70.2" cy="75.0"' in shown.text


def test_a_garment_is_analysed_again(desk: Client, someone: Callable[..., Client], known: GarmentAnalysis) -> None:
    act(someone("view_garmentanalysis"), "genai_again", known)
    assert GarmentAnalysis.objects.exists()
    done = act(desk, "genai_again", known)
    assert "1 garment is analysed again" in messages(done)
    assert not GarmentAnalysis.objects.exists()


def test_a_refused_garment_says_why(desk: Client, known: GarmentAnalysis, garment: Any) -> None:
    known.code, known.kind, known.data = "garment_not_found", "", {}
    known.save()
    shown = desk.get(page(known))
    assert "In the picture of this product no garment is found." in shown.text
