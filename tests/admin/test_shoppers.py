"""Shoppers in the back office: seen by few, changed by nobody, erased for good."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from shop_genai import looks, taste
from shop_genai.models import Event, Job, ProductImage, Shopper, TasteProfile
from tests.admin.conftest import listing, messages, page
from tests.conftest import draw_photo
from tests.fakes.shop import make_image
from tests.fakes.variant import queued_variant

RED, NAVY, TEAL = (200, 40, 40), (20, 30, 80), (20, 120, 120)


@pytest.fixture
def pictures(variant: Any, db: None) -> dict[str, ProductImage]:
    """A red, a navy and a teal thing, each with its look."""
    made = {
        name: make_image(draw_photo(60, 50, colour), name)
        for name, colour in (("Red mug", RED), ("Navy mug", NAVY), ("Teal mug", TEAL), ("Crimson mug", (190, 50, 50)))
    }
    looks.index()
    return made


@pytest.fixture
def mei(pictures: dict[str, ProductImage]) -> Shopper:
    """Somebody who agreed, and likes red."""
    shopper = Shopper.objects.create(user=User.objects.create_user("mei"))
    taste.give_consent(shopper)
    for kind in ("view", "basket", "purchase"):
        taste.record_event(shopper, kind, pictures["Red mug"])
    return shopper


def sees(shopper: Shopper) -> str:
    return reverse("admin:shop_genai_shopper_sees", args=[shopper.pk])


def test_the_list_tells_consent_and_how_much_is_kept(desk: Client, mei: Shopper) -> None:
    gone = Shopper.objects.create()
    taste.give_consent(gone)
    taste.withdraw_consent(gone)
    shown = desk.get(listing("shopper"))
    assert "mei" in shown.text
    assert str(gone) in shown.text
    assert [row.events_kept for row in shown.context["cl"].result_list] == [0, 3]
    assert {row.pk for row in desk.get(listing("shopper"), {"consent": "out"}).context["cl"].queryset} == {gone.pk}
    assert {row.pk for row in desk.get(listing("shopper"), {"q": "mei"}).context["cl"].queryset} == {mei.pk}


def test_the_list_costs_the_same_for_one_and_for_many(
    desk: Client, mei: Shopper, django_assert_max_num_queries: Any
) -> None:
    for _number in range(8):
        Shopper.objects.create()
    with django_assert_max_num_queries(8):
        desk.get(listing("shopper"))


def test_a_page_shows_what_somebody_did_only_with_the_permission_for_events(
    someone: Callable[..., Client], mei: Shopper
) -> None:
    text = someone("view_shopper", "view_event").get(page(mei)).text
    assert "Red mug" in text
    assert "Put into the basket" in text
    text = someone("view_shopper").get(page(mei)).text
    assert "Red mug" not in text
    assert "Ask for the permission to see events" in text
    assert someone("view_event").get(page(mei)).status_code == 403


@pytest.mark.parametrize("model", [Shopper, Event, TasteProfile])
def test_nothing_can_be_added_changed_or_deleted_by_hand(desk: Client, mei: Shopper, model: Any) -> None:
    taste.recommend(mei)
    row = model.objects.first()
    name = f"admin:shop_genai_{model._meta.model_name}"
    assert desk.get(reverse(f"{name}_add")).status_code == 403
    assert desk.post(reverse(f"{name}_change", args=[row.pk]), {"consent_version": "x"}).status_code == 403
    assert desk.get(reverse(f"{name}_delete", args=[row.pk])).status_code == 403
    assert "delete_selected" not in desk.get(listing(model._meta.model_name)).text


def test_events_and_profiles_are_listed_for_those_who_may(someone: Callable[..., Client], mei: Shopper) -> None:
    taste.recommend(mei)
    assert "Red mug" in someone("view_event").get(listing("event")).text
    assert "mei" in someone("view_tasteprofile").get(listing("tasteprofile")).text
    for model in ("event", "tasteprofile"):
        assert someone("view_shopper").get(listing(model)).status_code == 403


def test_the_preview_ranks_by_taste_and_says_why(desk: Client, mei: Shopper, pictures: Any) -> None:
    shown = desk.get(sees(mei))
    order = [one.image.title for one, _title, _url in shown.context["recommended"]]
    assert order[0] == "Crimson mug"
    assert "Red mug" not in order  # it is bought already
    assert "Because you bought “Red mug”" in shown.text


def test_the_preview_puts_the_variants_nearest_to_the_taste_first(
    desk: Client, mei: Shopper, pictures: Any, drain: Callable[..., int], staff: User
) -> None:
    for colour in ("navy", "red"):
        queued_variant(pictures["Teal mug"], drain, colour, staff)
    shown = desk.get(sees(mei))
    assert [facts.colour for _result, _url, facts in shown.context["variants"]] == ["red", "navy"]
    assert 'fill="#d24646"' in shown.text
    assert "Preview" in shown.text


def test_somebody_without_consent_sees_what_is_popular(desk: Client, mei: Shopper) -> None:
    stranger = Shopper.objects.create()
    shown = desk.get(sees(stranger))
    assert "The studio knows no taste of this shopper" in shown.text
    assert len(shown.context["recommended"]) == 4
    assert "Generate variants in this taste" not in shown.text


def test_the_preview_takes_the_permission_for_tastes(someone: Callable[..., Client], mei: Shopper) -> None:
    assert someone("view_shopper").get(sees(mei)).status_code == 403
    assert someone("view_tasteprofile").get(sees(mei)).status_code == 403
    assert someone("view_shopper", "view_tasteprofile").get(sees(mei)).status_code == 200
    assert someone("view_shopper", "view_tasteprofile").get(sees(Shopper(pk=9999))).status_code == 404


def test_from_the_preview_to_variants_in_this_taste(desk: Client, mei: Shopper, pictures: Any) -> None:
    form = desk.post(reverse("admin:shop_genai_shopper_variants", args=[mei.pk]), follow=True)
    assert form.context["count"] == 3  # what is recommended
    fields = form.context["form"].initial
    assert (fields["target"], fields["shopper"]) == ("shopper", mei.pk)
    data = {"target": "shopper", "shopper": mei.pk, "count": 1, "strength": 1, "seed": 0, "lane": "bulk"}
    desk.post(form.redirect_chain[-1][0], {**data, "step": "queue"})
    jobs = Job.objects.filter(recipe="variant")
    assert {job.params["target"] for job in jobs} == {"look"}
    assert jobs.count() == 3


def test_erasing_asks_first_and_leaves_nothing(desk: Client, someone: Callable[..., Client], mei: Shopper) -> None:
    address = reverse("admin:shop_genai_shopper_erase", args=[mei.pk])
    assert someone("view_shopper", "view_event").post(address).status_code == 403
    assert "This cannot be undone." in desk.get(address).text
    assert Event.objects.count() == 3
    done = desk.post(address, follow=True)
    assert "Everything that was stored of mei is erased." in messages(done)
    assert not Event.objects.exists()
    assert not Shopper.objects.exists()
    assert User.objects.filter(username="mei").exists()
