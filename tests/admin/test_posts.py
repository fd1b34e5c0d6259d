"""Whatever changes something is a POST with a token; looking changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse

from shop_genai.models import GeneratedImage, Job
from tests.admin.conftest import act, listing, page

WRITING = ["judge", "control", "generate"]


@pytest.fixture
def addresses(desk: Client, invert: Any, result: Any) -> dict[str, tuple[str, dict[str, str]]]:
    form = act(desk, "genai_invert", result.source).redirect_chain[-1][0]
    return {
        "judge": (reverse("admin:shop_genai_generatedimage_judge", args=[result.pk]), {"step": "approve"}),
        "control": (reverse("admin:shop_genai_job_control", args=[result.job_id]), {"step": "retry"}),
        "generate": (form, {"lane": "bulk", "param_seconds": "0", "param_memory": "7"}),
    }


def rows() -> tuple[Any, ...]:
    """Everything that a step in the admin could change."""
    return (
        list(Job.objects.order_by("pk").values()),
        list(GeneratedImage.objects.order_by("pk").values()),
        list(LogEntry.objects.order_by("pk").values()),
    )


@pytest.mark.parametrize("name", WRITING)
def test_a_post_without_the_token_is_refused(name: str, addresses: Any, staff: Any) -> None:
    before = rows()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    address, data = addresses[name]
    assert strict.post(address, data).status_code == 403
    assert rows() == before


def test_looking_at_everything_changes_nothing(desk: Client, addresses: Any, result: Any) -> None:
    before = rows()
    for row in (result, result.source, result.job):
        desk.get(page(row))
        desk.get(listing(row._meta.model_name))
    for address, data in addresses.values():
        desk.get(address, data)
    desk.get(reverse("admin:shop_genai_job_live"), {"id": str(result.job_id), "page": "1"})
    assert rows() == before


@pytest.mark.parametrize("name", WRITING)
def test_strangers_are_sent_to_the_login(name: str, addresses: Any, user: Any) -> None:
    before = rows()
    shopper = Client()
    shopper.force_login(user)
    address, data = addresses[name]
    assert shopper.post(address, data).status_code == 302
    assert rows() == before
