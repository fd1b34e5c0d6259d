"""Requests are read strictly: nothing is guessed, nothing is silently dropped."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from shop_genai.api.pagination import PAGE_SIZE
from shop_genai.api.serializers.requests import (
    JobQuerySerializer,
    JobRequestSerializer,
    PageQuerySerializer,
    ResultQuerySerializer,
)

IMAGE = uuid.uuid4()
MINIMAL: dict[str, Any] = {"recipe": "invert", "inputs": {"image": str(IMAGE)}}


def test_the_least_and_the_most() -> None:
    least = JobRequestSerializer(data=MINIMAL)
    assert least.is_valid()
    assert least.validated_data == {
        "recipe": "invert",
        "inputs": {"image": IMAGE},
        "params": {},
        "seed": None,
        "lane": None,
    }
    most = JobRequestSerializer(data={**MINIMAL, "params": {"a": [1]}, "seed": 2**63 - 1, "lane": "bulk"})
    assert most.is_valid()
    assert most.validated_data["params"] == {"a": [1]}


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"recipe": ""}, "recipe", "blank"),
        ({"recipe": "x" * 65}, "recipe", "max_length"),
        ({"recipe": None}, "recipe", "null"),
        ({"seed": "many"}, "seed", "invalid"),
        ({"seed": 1.5}, "seed", "invalid"),
        ({"lane": ""}, "lane", "invalid_choice"),
        ({"priority": 9}, "priority", "unknown_field"),
        ({"owner": 1}, "owner", "unknown_field"),
    ],
)
def test_refusals_carry_a_code(change: dict[str, Any], field: str, code: str) -> None:
    serializer = JobRequestSerializer(data={**MINIMAL, **change})
    assert not serializer.is_valid()
    [error] = serializer.errors[field]
    assert error.code == code


def test_every_unknown_name_is_listed() -> None:
    serializer = JobRequestSerializer(data={**MINIMAL, "b": 1, "a": 2})
    assert not serializer.is_valid()
    assert list(serializer.errors) == ["a", "b"]
    assert "recipe, inputs, params, seed, lane" in serializer.errors["a"][0]


def test_pages_have_a_default_size_and_filters_leave_paging_out() -> None:
    query = PageQuerySerializer(data={})
    assert query.is_valid()
    assert query.validated_data == {"page_size": PAGE_SIZE}
    assert query.filters() == {}
    jobs = JobQuerySerializer(data={"recipe": "invert", "status": "queued", "cursor": "x", "page_size": "7"})
    assert jobs.is_valid()
    assert jobs.filters() == {"recipe": "invert", "status": "queued"}


def test_results_are_filtered_through_their_job() -> None:
    query = ResultQuerySerializer(data={"recipe": "invert", "review": "approved", "source": str(IMAGE)})
    assert query.is_valid()
    assert query.filters() == {"job__recipe": "invert", "review": "approved", "source": IMAGE}
