"""From "Enhance selected…" over the parameter page to the queue."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from shop_genai import recipes, submission
from shop_genai.admin.selection import KEPT
from shop_genai.errors import WeightsMissing
from shop_genai.models import Job, ProductImage, Status
from shop_genai.recipes import Recipe, Slot
from tests.admin.conftest import act, listing, messages
from tests.conftest import draw_photo
from tests.fakes.recipes import InvertParams, load_invert
from tests.fakes.shop import make_image

GOOD = {"param_seconds": "0", "param_fail": "", "param_memory": "99", "lane": "bulk"}


def some(count: int) -> list[ProductImage]:
    return [make_image(draw_photo(40 + number, 30), f"Mug {number}") for number in range(count)]


def start(desk: Any, *images: ProductImage) -> Any:
    return act(desk, "genai_invert", *images)


def test_the_action_opens_the_parameter_page_of_its_recipe(desk: Any, invert: Any) -> None:
    images = some(3)
    assert "Invert selected…" in desk.get(listing("productimage")).text
    shown = start(desk, *images)
    assert shown.status_code == 200
    assert "3 pictures selected" in shown.text
    assert all(image.title in shown.text for image in images)
    assert "This makes 3 jobs." in shown.text
    assert not Job.objects.exists()


def test_a_cutout_is_asked_for_with_the_recipes_own_form(desk: Any, image: Any) -> None:
    assert "Make cutout…" in desk.get(listing("productimage")).text
    fields = act(desk, "genai_cutout", image).context["form"].fields
    assert list(fields) == [
        "param_background",
        "param_colour",
        "param_shadow",
        "param_frame",
        "param_margin",
        "lane",
    ]
    assert dict(fields["param_background"].choices)["white"] == "Pure white"


def test_only_recipes_that_need_one_picture_are_offered(desk: Any, invert: Any, image: Any) -> None:
    both = (Slot("person"), Slot("garment"))
    recipes.register(Recipe("pair", "Pair", both, InvertParams, load=load_invert))
    recipes.register(Recipe("extra", "Extra", (Slot("image"), Slot("mask", required=False)), InvertParams, load_invert))
    text = desk.get(listing("productimage")).text
    assert "genai_extra" in text
    assert "genai_pair" not in text


def test_confirming_queues_one_job_for_each_and_links_to_exactly_these(desk: Any, invert: Any, staff: Any) -> None:
    images = some(3)
    other = submission.submit(recipe="invert", inputs={"image": images[0]}, seed=9).job
    address = start(desk, *images).redirect_chain[-1][0]
    done = desk.post(address, GOOD | {"lane": "interactive"}, follow=True)
    assert done.redirect_chain == [(listing("productimage"), 302)]
    assert "3 jobs queued." in messages(done)
    jobs = Job.objects.exclude(pk=other.pk)
    assert {(job.owner, job.lane, job.recipe) for job in jobs} == {(staff, "interactive", "invert")}
    assert {job.inputs.get().image_id for job in jobs} == {image.pk for image in images}
    link = messages(done).split('href="')[1].split('"')[0].replace("&amp;", "&")
    assert {job.pk for job in desk.get(link).context["cl"].queryset} == {job.pk for job in jobs}


def test_the_same_again_makes_no_second_job_and_says_so(desk: Any, invert: Any, image: Any) -> None:
    address = start(desk, image).redirect_chain[-1][0]
    desk.post(address, GOOD)
    again = desk.post(address, GOOD, follow=True)
    assert "1 was there already" in messages(again)
    assert Job.objects.count() == 1


def test_bad_parameters_come_back_with_the_error_and_the_selection(desk: Any, invert: Any) -> None:
    images = some(2)
    address = start(desk, *images).redirect_chain[-1][0]
    refused = desk.post(address, GOOD | {"param_fail": "fire"})
    assert refused.status_code == 422
    assert refused.context["form"].errors["param_fail"] == ["“fail” must be error, memory or kill."]
    assert "2 pictures selected" in refused.text
    assert not Job.objects.exists()
    assert "2 jobs queued." in messages(desk.post(address, GOOD, follow=True))


def test_an_error_of_the_submission_is_shown_as_a_sentence(
    desk: Any, invert: Any, image: Any, monkeypatch: Any
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise WeightsMissing("The weights of “invert” are not installed.")

    monkeypatch.setattr(submission, "submit_many", refuse)
    address = start(desk, image).redirect_chain[-1][0]
    assert "The weights of “invert” are not installed." in desk.post(address, GOOD).text


def test_a_forgotten_selection_leads_back_to_the_list(desk: Any, invert: Any, image: Any) -> None:
    address = reverse("admin:shop_genai_productimage_generate", args=["invert", "nothing"])
    back = desk.get(address, follow=True)
    assert back.redirect_chain == [(listing("productimage"), 302)]
    assert "Choose the pictures again" in messages(back)


def test_a_session_keeps_only_the_last_selections(desk: Any, invert: Any, image: Any) -> None:
    addresses = [start(desk, image).redirect_chain[-1][0] for _number in range(KEPT + 1)]
    assert desk.get(addresses[0]).status_code == 302
    assert desk.get(addresses[1]).status_code == 200


def test_an_unknown_recipe_is_a_404(desk: Any) -> None:
    assert desk.get(reverse("admin:shop_genai_productimage_generate", args=["nope", "t"])).status_code == 404


def test_pictures_that_vanished_meanwhile_are_left_out(desk: Any, invert: Any) -> None:
    images = some(2)
    address = start(desk, *images).redirect_chain[-1][0]
    images[0].delete()
    assert "1 picture selected" in desk.get(address).text


def test_the_estimate_speaks_from_finished_jobs(desk: Any, invert: Any, image: Any, drain: Any) -> None:
    assert "of device time" not in start(desk, image).text
    job = submission.submit(recipe="invert", inputs={"image": image}).job
    drain()
    Job.objects.filter(pk=job.pk).update(seconds=30.0)
    assert "About 30 seconds of device time." in start(desk, image).text
    Job.objects.filter(pk=job.pk).update(seconds=300.0)
    assert "About 5 minutes of device time." in start(desk, image).text


def test_select_across_takes_more_than_one_page(desk: Any, invert: Any) -> None:
    images = some(3)
    shown = desk.post(
        listing("productimage"),
        {"action": "genai_invert", "select_across": "1", "_selected_action": [str(images[0].pk)]},
        follow=True,
    )
    assert "3 pictures selected" in shown.text
    assert Job.objects.filter(status=Status.QUEUED).count() == 0
