"""From "Generate variants…" over the form and the confirmation to the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from example_project.shop.models import Product
from shop_genai import looks, taste, variants
from shop_genai.errors import WeightsMissing
from shop_genai.models import Job, ProductImage, Shopper
from tests.admin.conftest import act, listing, messages, page
from tests.conftest import draw_photo
from tests.fakes.shop import make_image
from tests.fakes.variant import queued_variant

GOOD = {"target": "prior", "count": 3, "strength": 0.5, "seed": 7, "lane": "interactive", "own_colours": ""}


@pytest.fixture
def images(variant: Any, db: None) -> list[ProductImage]:
    return [make_image(draw_photo(40 + number, 30), f"Mug {number}") for number in range(2)]


def start(desk: Client, images: list[ProductImage]) -> str:
    """The form's address for these pictures."""
    shown = act(desk, "genai_variant", *images)
    assert shown.status_code == 200
    return str(shown.redirect_chain[-1][0])


def ask(desk: Client, address: str, **changes: Any) -> Any:
    return desk.post(address, {**GOOD, **changes, "step": "ask"})


def queue(desk: Client, address: str, **changes: Any) -> Any:
    return desk.post(address, {**GOOD, **changes, "step": "queue"}, follow=True)


def test_the_action_has_its_own_words_and_its_own_form(desk: Client, images: list[ProductImage]) -> None:
    text = desk.get(listing("productimage")).text
    assert "Generate variants…" in text
    assert "Variant selected…" not in text
    assert "Generate variants…" in desk.get(page(images[0])).text
    form = desk.get(start(desk, images)).text
    assert "2 pictures selected" in form
    assert "param_look" not in form


def test_before_anything_is_queued_the_page_says_how_many_pictures(desk: Client, images: list[ProductImage]) -> None:
    address = start(desk, images)
    shown = ask(desk, address)
    assert "This makes up to 6 new pictures." in shown.text
    assert not Job.objects.exists()
    hidden = dict(shown.context["given"])
    done = desk.post(address, {**hidden, "step": "queue"}, follow=True)
    assert done.redirect_chain == [(listing("productimage"), 302)]
    assert "6 jobs queued." in messages(done)
    jobs = Job.objects.filter(recipe="variant")
    assert {(job.params["number"], job.params["count"], job.params["strength"]) for job in jobs} == {
        (number, 3, 0.5) for number in range(3)
    }
    assert {(job.seed, job.lane) for job in jobs} == {(7, "interactive")}
    link = messages(done).split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert {job.pk for job in desk.get(link).context["cl"].queryset} == {job.pk for job in jobs}


def test_going_back_keeps_what_was_typed(desk: Client, images: list[ProductImage]) -> None:
    shown = desk.post(start(desk, images), {**GOOD, "strength": 0.25, "step": "change"})
    assert shown.status_code == 200
    assert 'value="0.25"' in shown.text
    assert "errornote" not in shown.text


def test_chosen_colours_make_one_picture_each(desk: Client, images: list[ProductImage]) -> None:
    address = start(desk, images)
    wanted = {"target": "colour", "colours": ["navy", "mustard"], "own_colours": "#C8A24A"}
    assert "This makes up to 6 new pictures." in ask(desk, address, **wanted).text
    queue(desk, address, **wanted)
    assert {job.params["colour"] for job in Job.objects.all()} == {"navy", "mustard", "#c8a24a"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"target": "colour"}, "colours"),
        ({"target": "colour", "own_colours": "reddish"}, "own_colours"),
        ({"target": "shopper"}, "shopper"),
        ({"count": 13}, "count"),
        ({"strength": 1.5}, "strength"),
        ({"seed": -1}, "seed"),
        ({"target": "elsewhere"}, "target"),
    ],
)
def test_what_cannot_be_made_is_said_beside_its_field(
    desk: Client, images: list[ProductImage], changes: dict[str, Any], field: str
) -> None:
    for step in ("ask", "queue"):
        refused = desk.post(start(desk, images), {**GOOD, **changes, "step": step})
        assert refused.status_code == 422
        assert list(refused.context["form"].errors) == [field]
    assert not Job.objects.exists()


def test_stocked_colours_only_are_those_of_the_style(desk: Client, images: list[ProductImage]) -> None:
    Product.objects.filter(title="Mug 1").update(colour="navy")
    Product.objects.all().update(style="mug")
    queue(desk, start(desk, images[:1]), target="stocked", count=1)
    job = Job.objects.get()
    assert job.params["stocked_only"]
    assert set(job.params["stocked"].split(", ")) == {"red", "navy"}


def test_the_taste_of_a_shopper_is_offered_to_those_who_may_see_shoppers(
    desk: Client, someone: Callable[..., Client], images: list[ProductImage]
) -> None:
    looks.index()
    shopper = Shopper.objects.create(user=User.objects.create_user("mei"))
    taste.give_consent(shopper)
    taste.record_event(shopper, "like", images[0])
    silent = Shopper.objects.create(user=User.objects.create_user("jonas"))
    shown = desk.get(start(desk, images)).context["form"]
    assert [value for value, _label in shown.fields["shopper"].choices] == ["", shopper.pk]
    few = someone("enhance_productimage")
    assert "shopper" not in few.get(start(few, images)).context["form"].fields
    assert queue(desk, start(desk, images), target="shopper", shopper=silent.pk).status_code == 422
    queue(desk, start(desk, images), target="shopper", shopper=shopper.pk, count=1)
    assert {job.params["target"] for job in Job.objects.all()} == {"look"}


def test_an_error_of_the_submission_is_shown_as_a_sentence(
    desk: Client, images: list[ProductImage], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise WeightsMissing("The weights of “variant” are not installed.")

    monkeypatch.setattr(variants, "submit", refuse)
    assert "The weights of “variant” are not installed." in queue(desk, start(desk, images)).text


def test_only_those_who_may_generate_reach_the_form(
    desk: Client, someone: Callable[..., Client], images: list[ProductImage]
) -> None:
    address = start(desk, images)
    assert someone("view_productimage", "view_shopper").get(address).status_code == 403
    lost = desk.get(reverse("admin:shop_genai_productimage_variants", args=["nothing"]), follow=True)
    assert "Choose the pictures again" in messages(lost)


def test_a_result_names_its_colour_and_that_it_is_a_preview(
    desk: Client, images: list[ProductImage], drain: Callable[..., int], staff: User
) -> None:
    result = queued_variant(images[0], drain, "navy", staff)
    shown = desk.get(page(result)).text
    assert 'fill="#141e50"' in shown
    assert "navy" in shown
    assert "The shop does not sell this colour" in shown
    assert result.info["look"] not in shown
    row = desk.get(listing("generatedimage")).text
    assert "Variant, navy," in row
    assert "Preview" in row
    stocked = queued_variant(images[1], drain, "red", staff)
    assert "The shop does not sell this colour" not in desk.get(page(stocked)).text


def test_the_shops_own_admin_offers_the_action_for_its_rows(desk: Client, images: list[ProductImage]) -> None:
    person = User.objects.get(username="merchandiser")
    person.user_permissions.add(Permission.objects.get(codename="view_product"))
    address = reverse("admin:shop_product_changelist")
    rows = {"action": "generate_variants", "_selected_action": list(Product.objects.values_list("pk", flat=True))}
    assert "Generate variants…" in desk.get(address).text
    assert desk.post(address, rows, follow=True).context["count"] == 2
    ProductImage.objects.all().delete()
    assert "The studio knows no picture of these rows." in messages(desk.post(address, rows, follow=True))
    person.user_permissions.remove(Permission.objects.get(codename="enhance_productimage"))
    assert "Ask for the permission" in messages(desk.post(address, rows, follow=True))
