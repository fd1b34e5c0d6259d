"""Every code that can leave the studio has a title."""

from __future__ import annotations

import inspect

import pytest
from django.utils.translation import override

from shop_genai import errors
from shop_genai.api.titles import TITLES, title_of

CODES = sorted(
    {kind.code for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.GenaiError)}
)


@pytest.mark.parametrize("code", CODES)
def test_each_error_of_the_studio_has_a_title(code: str) -> None:
    assert code in TITLES


def test_titles_are_short_and_differ() -> None:
    titles = [str(title) for title in TITLES.values()]
    assert all(0 < len(title) <= 50 and not title.endswith(".") for title in titles)
    assert len(set(titles)) == len(titles)


def test_titles_are_translated() -> None:
    with override("zh-hans"):
        chinese = {code: str(title) for code, title in TITLES.items()}
    english = {code: str(title) for code, title in TITLES.items()}
    assert chinese["not_found"] != english["not_found"]


def test_a_code_of_a_third_party_is_called_by_its_status_or_itself() -> None:
    assert title_of("payment_due", 402) == "Payment Required"
    assert title_of("payment_due") == "Payment due"
