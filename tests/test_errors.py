"""The tree of refusals: stable, unique codes, and what each says of itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from shop_genai import errors
from shop_genai.errors import GenaiError

# Released codes never change: clients switch on them.
CODES = {
    "internal_error": 500,
    "bad_request": 400,
    "unknown_recipe": 404,
    "invalid_params": 422,
    "light_unavailable": 422,
    "invalid_inputs": 422,
    "idempotency_conflict": 409,
    "permission_denied": 403,
    "wrong_state": 409,
    "taste_unknown": 409,
    "image_refused": 422,
    "not_an_image": 415,
    "format_not_allowed": 415,
    "image_truncated": 422,
    "image_too_large": 413,
    "image_too_small": 422,
    "image_animated": 422,
    "product_not_found": 422,
    "tryon_refused": 422,
    "no_person": 422,
    "multiple_people": 422,
    "not_front_facing": 422,
    "torso_cut_off": 422,
    "garment_not_found": 422,
    "category_unsupported": 422,
    "consent_missing": 403,
    "tryon_limit_reached": 429,
    "input_missing": 409,
    "input_changed": 409,
    "storage_unavailable": 503,
    "weights_error": 500,
    "weights_missing": 500,
    "weights_tampered": 500,
    "weights_unsupported": 500,
    "weights_other_recipe": 409,
    "weights_licence_refused": 409,
    "weights_not_commercial": 409,
    "weights_unmeasured": 409,
    "weights_not_comparable": 409,
    "weights_not_better": 409,
    "nothing_to_roll_back": 409,
    "torch_missing": 500,
    "extra_missing": 501,
    "out_of_memory": 500,
    "pipeline_failed": 500,
    "service_unavailable": 503,
    "database_unavailable": 503,
    "backend_unavailable": 503,
    "vectors_unavailable": 409,
    "lease_lost": 500,
    "cancelled": 500,
    "deadline_passed": 500,
}


def tree(root: type[GenaiError] = GenaiError) -> Iterator[type[GenaiError]]:
    yield root
    for child in root.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from tree(child)


def test_every_class_has_a_code_of_its_own() -> None:
    classes = list(tree())
    assert all("code" in vars(kind) for kind in classes)
    assert len({kind.code for kind in classes}) == len(classes)


def test_codes_and_statuses_are_the_released_ones() -> None:
    assert {kind.code: kind.http_status for kind in tree()} == CODES


def test_only_passing_troubles_are_worth_a_retry() -> None:
    assert {kind.code for kind in tree() if kind.retryable} == {
        "storage_unavailable",
        "out_of_memory",
        "service_unavailable",
        "backend_unavailable",
        "database_unavailable",
    }


@pytest.mark.parametrize("kind", list(tree()), ids=lambda kind: kind.code)
def test_an_error_speaks_and_carries_details(kind: type[GenaiError]) -> None:
    error = kind("A sentence.", field="scale")
    assert (str(error), error.message, error.details) == ("A sentence.", "A sentence.", {"field": "scale"})


def test_a_lazily_translated_sentence_is_translated_when_it_is_shown() -> None:
    from django.utils.translation import gettext_lazy, override

    error = GenaiError(gettext_lazy("Yes"))
    with override("de"):
        assert str(error) == "Ja"
