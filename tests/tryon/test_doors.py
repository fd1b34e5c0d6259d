"""Every list of pictures, results and jobs: shoppers' own are in none of them, whoever looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.template import Context, Template
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from shop_genai import catalogue_export, looks, media, review, storefront
from shop_genai.errors import InputMissing, WrongState
from shop_genai.models import GeneratedImage, Look, ProductImage, TryOn
from tests.api.conftest import API

pytestmark = pytest.mark.django_db


@pytest.fixture
def private(worn: TryOn) -> dict[str, str]:
    """The ids that must show nowhere."""
    result = GeneratedImage.objects.get()
    return {"images": str(worn.photo.image_id), "results": str(result.pk), "jobs": str(worn.job_id)}


@pytest.mark.parametrize("who", ["shopper", "staff", "root"])
def test_lists_of_the_api(private: dict[str, str], worn: TryOn, user: User, staff: User, who: str) -> None:
    """Not even the shopper's own: what is a try-on's is asked of tryon/."""
    worn.shopper.user = user
    worn.shopper.save()
    client = APIClient()
    client.force_login({"shopper": user, "staff": staff, "root": User.objects.create_superuser("root")}[who])
    for kind, id in private.items():
        listed = client.get(f"{API}{kind}/")
        assert listed.status_code == 200
        assert id not in listed.text
        assert client.get(f"{API}{kind}/{id}/").status_code == 404, kind
    assert client.get(f"{API}images/{private['images']}/content/").status_code == 404
    assert client.delete(f"{API}images/{private['images']}/").status_code == 404
    assert client.post(f"{API}jobs/{private['jobs']}/cancel/").status_code == 404
    order = {"recipe": "tryon", "inputs": {"person": private["images"], "garment": str(worn.garment_id)}}
    assert client.post(f"{API}jobs/", order, format="json").status_code in (403, 422)
    link = media.link(GeneratedImage.objects.get())  # as a page of results would make it
    assert client.get(link).status_code == 404


def test_photos_of_persons_are_given_to_the_try_on_only(user: User, upload: Any, garment: Any) -> None:
    client = APIClient()
    client.force_login(user)
    order = {"recipe": "tryon", "inputs": {"person": str(upload(user).pk), "garment": str(upload(user, width=50).pk)}}
    refused = client.post(f"{API}jobs/", order, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "permission_denied")


def test_lists_of_the_back_office(private: dict[str, str], worn: TryOn, admin_client: Client) -> None:
    models = {"productimage": "images", "generatedimage": "results", "job": "jobs"}
    for model, kind in models.items():
        id = private[kind]
        listed = admin_client.get(reverse(f"admin:shop_genai_{model}_changelist"))
        assert listed.status_code == 200
        assert id not in listed.text
        assert (
            admin_client.get(reverse(f"admin:shop_genai_{model}_changelist"), {"q": id}).context["cl"].result_count == 0
        )
        # Django sends whoever asks for a row that is not in the list's queryset back to the index.
        assert admin_client.get(reverse(f"admin:shop_genai_{model}_change", args=[id])).status_code == 302
    for name, variant in (("productimage", "original"), ("productimage", "thumbnail"), ("generatedimage", "full")):
        id = private[models[name]]
        address = reverse(f"admin:shop_genai_{name}_picture", args=[id, variant])
        assert admin_client.get(address).status_code == 404
    page = admin_client.get(reverse("admin:shop_genai_productimage_change", args=[worn.garment_id]))
    assert private["jobs"] not in page.text  # the garment's page lists its jobs
    assert page.context["state"].value == "none"
    live = admin_client.get(reverse("admin:shop_genai_job_live"), {"id": private["jobs"]})
    assert live.json()["jobs"] == {}
    admin_client.post(reverse("admin:shop_genai_job_control", args=[private["jobs"]]), {"step": "retry"})
    assert TryOn.objects.get().job.status == "succeeded"


def test_review_and_publication(private: dict[str, str], staff: User) -> None:
    result = GeneratedImage.objects.get()
    for step in (review.approve, review.reject, review.publish, review.revert):
        with pytest.raises(WrongState):
            step(result, staff)
    assert not review_queue()


def review_queue() -> bool:
    from shop_genai.admin import judging

    return judging.waiting().exists()


def test_pages_of_the_shop(private: dict[str, str], worn: TryOn, garment: Any) -> None:
    GeneratedImage.objects.update(review="approved")  # whoever did that
    photo = worn.photo.image
    storefront.find_pictures([garment])
    assert storefront.picture_of(garment) is None
    for obj in (garment, photo):
        shown = Template("{% load shop_genai %}{% genai_picture obj %}").render(Context({"obj": obj}))
        assert private["results"] not in shown
        assert "private/tryon" not in shown


def test_looks_and_exports(private: dict[str, str], worn: TryOn, tmp_path: Path, variant: Any) -> None:
    looks.index()
    assert set(Look.objects.values_list("image", flat=True)) == {worn.garment_id}
    with pytest.raises(InputMissing, match="1 too small"):
        catalogue_export.export(tmp_path, "all")
    done = catalogue_export.export(tmp_path, "all", smallest=16)
    assert done.splits.total() == 1
    assert [path.stem for path in tmp_path.rglob("*.png")] == [f"shop.photo-{worn.garment.object_id}"]  # type: ignore[union-attr]  # it is there


def test_a_shoppers_picture_is_no_garment(private: dict[str, str], worn: TryOn) -> None:
    client = APIClient()
    image = ProductImage.objects.get(pk=private["images"])
    event = client.post(f"{API}events/", {"kind": "view", "object": str(image.pk)}, format="json")
    assert event.json()["recorded"] is False
    shown = Template("{% load shop_genai %}{% genai_tryon obj %}").render(Context({"obj": image}))
    assert shown.strip() == ""
