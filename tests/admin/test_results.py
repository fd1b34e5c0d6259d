"""Results: the comparison page, the buttons that each person gets, and many at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from shop_genai import recipes, review
from shop_genai.admin.words import BUILT_IN, REASONS
from shop_genai.generation.enhance.presets import SENTENCES, Reason
from shop_genai.models import GeneratedImage, Review
from tests.admin.conftest import act, listing, messages, page
from tests.conftest import draw_photo
from tests.fakes.shop import make_image, make_result, shop_bytes


def judge(client: Any, result: GeneratedImage, step: str) -> Any:
    return client.post(reverse("admin:shop_genai_generatedimage_judge", args=[result.pk]), {"step": step}, follow=True)


def buttons(client: Any, result: GeneratedImage) -> list[str]:
    return [step["name"] for step in client.get(page(result)).context["steps"]]


@pytest.fixture
def three(invert: Any, drain: Any) -> list[GeneratedImage]:
    """Three results, newest first, as the list has them."""
    for number in range(3):
        make_result(make_image(draw_photo(40 + number, 30), f"Mug {number}"), drain)
    return list(GeneratedImage.objects.all())


def test_the_buttons_follow_the_state(desk: Any, result: Any) -> None:
    assert buttons(desk, result) == ["approve", "approve_publish", "reject"]
    judge(desk, result, "approve")
    assert buttons(desk, result) == ["publish", "reject", "reset"]
    judge(desk, result, "publish")
    assert buttons(desk, result) == ["revert"]
    judge(desk, result, "revert")
    judge(desk, result, "reject")
    assert buttons(desk, result) == ["approve", "approve_publish", "reset"]


def test_the_buttons_follow_the_permissions(someone: Any, result: Any, staff: Any) -> None:
    assert buttons(someone("view_generatedimage"), result) == []
    assert buttons(someone("review_generatedimage"), result) == ["approve", "reject"]
    publisher = someone("publish_generatedimage")
    assert buttons(publisher, result) == []
    review.approve(result, staff)
    assert buttons(publisher, result) == ["publish"]


def test_pressing_a_button_without_the_permission_changes_nothing(someone: Any, result: Any) -> None:
    told = messages(judge(someone("view_generatedimage"), result, "approve"))
    assert told == "You do not have the permission for this step."
    result.refresh_from_db()
    assert result.review == Review.PENDING


def test_a_verdict_moves_on_to_the_next_waiting_result(desk: Any, three: Any) -> None:
    after = judge(desk, three[0], "approve")
    assert after.redirect_chain[-1][0] == page(three[1])
    assert "Mug 2" in messages(after)
    assert "1 result approved." in messages(after)
    assert judge(desk, three[1], "reject").redirect_chain[-1][0] == page(three[2])
    assert judge(desk, three[2], "approve").redirect_chain[-1][0] == page(three[2])  # the last one stays


def test_next_and_previous_go_round_the_waiting_ones(desk: Any, three: Any) -> None:
    shown = desk.get(page(three[1])).context
    assert (shown["previous"], shown["following"]) == (three[0].pk, three[2].pk)
    shown = desk.get(page(three[2])).context
    assert (shown["previous"], shown["following"]) == (three[1].pk, three[0].pk)


def test_approve_and_publish_is_one_step(desk: Any, result: Any, image: Any) -> None:
    judge(desk, result, "approve_publish")
    result.refresh_from_db()
    assert result.published_at is not None
    assert shop_bytes(image) != draw_photo(80, 60)
    judge(desk, result, "revert")
    assert shop_bytes(image) == draw_photo(80, 60)


def test_approve_and_publish_does_both_or_neither(someone: Any, result: Any) -> None:
    judge(someone("review_generatedimage"), result, "approve_publish")
    result.refresh_from_db()
    assert (result.review, result.published_at) == (Review.PENDING, None)


def test_a_step_that_is_too_late_is_told_as_a_sentence(desk: Any, result: Any) -> None:
    assert messages(judge(desk, result, "publish")) == "Only an approved result can be published."
    assert "does not exist" in messages(judge(desk, result, "explode"))
    assert desk.get(reverse("admin:shop_genai_generatedimage_judge", args=[result.pk])).status_code == 405


def test_many_at_once_each_on_its_own(desk: Any, three: Any, staff: Any) -> None:
    for result in three[:2]:
        review.approve(result, staff)
    told = messages(act(desk, "genai_publish", *three))
    assert told == "2 results published. 1 skipped (Mug 0): Only an approved result can be published."
    assert GeneratedImage.objects.filter(published_at__isnull=False).count() == 2
    told = messages(act(desk, "genai_revert", *three))
    assert told.startswith("2 original pictures are back. 1 skipped (Mug 0):")
    assert "3 results rejected." in messages(act(desk, "genai_reject", *three))
    assert "3 results sent back to review." in messages(act(desk, "genai_reset", *three))
    assert "3 results approved." in messages(act(desk, "genai_approve", *three))


def test_bulk_actions_are_offered_by_permission(someone: Any, result: Any) -> None:
    text = someone("review_generatedimage").get(listing("generatedimage")).text
    assert "genai_approve" in text
    assert "genai_publish" not in text


def test_the_page_has_facts_provenance_and_history(desk: Any, result: Any, staff: Any) -> None:
    judge(desk, result, "approve")
    text = desk.get(page(result)).text
    for fact in (result.sha256, str(result.job.pk), "80 × 60", "Approved.", str(staff), "Invert"):
        assert fact in text, fact
    assert "digitalsourcetype/algorithmicallyEnhanced" in text  # “invert” has no trained weights


def test_the_page_says_why_a_preset_did_what_it_did(desk: Any, result: Any) -> None:
    reasons = [
        Reason("small", {"long": 640, "aim": 800, "scale": 2}).as_dict(),
        {"code": "of_tomorrow", "text": "Something newer.", "figures": {}},
    ]
    result.info = {**result.info, "decision": {"scale": 2, "reasons": reasons}}
    result.save()
    text = desk.get(page(result)).text
    assert "Decision" in text
    assert "The longer side has 640 pixels, 800 are wanted: enlarged 2 times. Something newer." in text
    assert "of_tomorrow" not in text


def test_the_reasons_are_the_sentences_of_the_presets() -> None:
    assert {code: str(sentence) for code, sentence in REASONS.items()} == SENTENCES


def test_the_texts_of_the_built_in_recipes_are_marked_for_the_translators() -> None:
    for name in ("cutout", "enhance", "variant"):
        for described in recipes.get(name).describe():
            choices = described["choices"]
            labels = choices.values() if isinstance(choices, dict) else ()
            assert {described["label"], described["help_text"], *labels} <= set(BUILT_IN), described["name"]


def test_the_page_survives_a_missing_file(desk: Any, result: Any) -> None:
    result.files.delete(result.name)
    assert "could not be read" in desk.get(page(result)).text


def test_the_slider_can_be_used_without_a_mouse(desk: Any, result: Any) -> None:
    text = desk.get(page(result)).text
    assert '<input type="range"' in text
    assert "Where before ends and after begins" in text
    assert 'alt="Before: Mug"' in text
    assert 'alt="After: Mug"' in text


def test_results_of_uploads_are_streamed_through_the_guarded_view(
    desk: Any, someone: Any, invert: Any, drain: Any, upload: Any, user: Any
) -> None:
    made = make_result(upload(user), drain, owner=user)
    text = desk.get(listing("generatedimage")).text
    assert made.name not in text
    for variant in ("full", "thumbnail"):
        address = reverse("admin:shop_genai_generatedimage_picture", args=[made.pk, variant])
        assert address in (text if variant == "thumbnail" else desk.get(page(made)).text)
        answer = desk.get(address)
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("image/")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert someone("view_job").get(address).status_code == 403


def test_a_longer_list_needs_no_more_queries(desk: Any, invert: Any, drain: Any, upload: Any, user: Any) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(listing("generatedimage")).status_code == 200
        return len(captured)

    make_result(make_image(draw_photo(40, 30)), drain)
    make_result(upload(user), drain)
    queries()
    few = queries()
    for number in range(5):
        make_result(make_image(draw_photo(41 + number, 30)), drain)
        make_result(upload(user, width=70 + number), drain)
    assert queries() == few <= 14


def test_filters_and_search(desk: Any, three: Any, staff: Any) -> None:
    review.approve(three[0], staff)
    review.publish(three[0], staff)
    for query, expected in [
        ({"review__exact": "pending"}, {three[1].pk, three[2].pk}),
        ({"published": "yes"}, {three[0].pk}),
        ({"published": "no"}, {three[1].pk, three[2].pk}),
        ({"recipe": "invert"}, {each.pk for each in three}),
        ({"q": '"mug 1"'}, {three[1].pk}),
    ]:
        rows = desk.get(listing("generatedimage"), query).context["cl"].queryset
        assert {row.pk for row in rows} == expected, query


def test_an_empty_list_says_what_to_do(desk: Any) -> None:
    assert "Enhance selected" in desk.get(listing("generatedimage")).text
