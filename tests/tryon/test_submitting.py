"""A shopper waits in front of the screen: their picture is made before everything that nobody waits for."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from shop_genai import ledger, tasks, tryon, worker
from shop_genai.errors import (
    CategoryUnsupported,
    ConsentMissing,
    InvalidInputs,
    InvalidParams,
    TryOnLimitReached,
)
from shop_genai.models import GarmentAnalysis, Job, JobInput, Lane, Shopper, Status, TryOn
from shop_genai.recipes import Recipe
from tests.tryon.conftest import give

pytestmark = pytest.mark.django_db


def bulk_jobs(count: int, image: Any) -> list[Job]:
    """Enhancements that were queued before."""
    rows = [
        Job(recipe="invert", params={}, key=f"{n:064x}", batch_key="b", batch_limit=8, lane=Lane.BULK)
        for n in range(count)
    ]
    ledger.enqueue_many([(row, {"image": image}) for row in rows])
    return rows


def test_a_try_on_is_claimed_before_500_bulk_jobs(
    invert: Recipe, shopper: Shopper, garment: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shop_genai import catalogue

    bulk = bulk_jobs(500, catalogue.track(garment))
    row = tryon.submit(shopper, give(shopper), garment)
    queues = SimpleNamespace(consume_from=dict.fromkeys(("interactive", "bulk")))
    app = SimpleNamespace(amqp=SimpleNamespace(queues=queues))
    monkeypatch.setattr(tasks, "_lanes", None)
    tasks.after_setup("w@host", SimpleNamespace(app=app, concurrency=1))
    claimed: list[Any] = []
    monkeypatch.setattr(worker, "run_batch", lambda jobs: claimed.extend(job.pk for job in jobs))
    tasks.answer(Lane.BULK, eager=True)  # even if the bulk lane's doorbell was heard first
    assert claimed[0] == row.job_id
    assert claimed[1:] == [job.pk for job in bulk]


def test_among_interactive_jobs_it_comes_first(invert: Recipe, shopper: Shopper, garment: Any) -> None:
    from shop_genai import catalogue

    previews = bulk_jobs(3, catalogue.track(garment))
    Job.objects.update(lane=Lane.INTERACTIVE)
    row = tryon.submit(shopper, give(shopper), garment)
    assert tryon.state(row).position == 1
    assert [job.pk for job in ledger.claim(Lane.INTERACTIVE, "w")] == [row.job_id]
    assert {job.pk for job in ledger.claim(Lane.INTERACTIVE, "w")} == {job.pk for job in previews}


def test_the_request_is_fixed_in_the_job(shopper: Shopper, garment: Any) -> None:
    photo = give(shopper)
    row = tryon.submit(shopper, photo, garment.product, category="upper", tuck="in", backend="warp_only", seed=3)
    assert row.job.params == {"category": "upper", "tuck": "in", "outer": "replace", "backend": "warp_only"}
    assert (row.job.seed, row.job.lane, row.expires_at) == (3, "interactive", photo.expires_at)
    slots = dict(JobInput.objects.filter(job=row.job).values_list("slot", "image"))
    assert slots == {"person": photo.image_id, "garment": row.garment_id}


def test_after_a_failure_the_same_request_is_tried_again(shopper: Shopper, garment: Any, drain: Any) -> None:
    photo = give(shopper, (250, 20, 20))
    first = tryon.submit(shopper, photo, garment)
    drain()
    second = tryon.submit(shopper, photo, garment)
    assert first.pk != second.pk
    assert second.job.status == Status.QUEUED


def test_the_shops_category_says_where_it_is_worn(shopper: Shopper, garment: Any, settings: Any) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {"kitchen": "dress"}}
    assert tryon.submit(shopper, give(shopper), garment).job.params["category"] == "dress"
    assert tryon.submit(shopper, give(shopper), garment, category="lower").job.params["category"] == "lower"
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_GARMENTS": {"shirts": "upper"}}
    with pytest.raises(CategoryUnsupported):
        tryon.submit(shopper, give(shopper), garment)


def test_what_is_known_to_be_no_garment_is_refused_at_once(shopper: Shopper, garment: Any) -> None:
    image, category = tryon.garment_of(garment)
    known = GarmentAnalysis.objects.create(
        image=image, key="a" * 64, sha256=image.sha256, category=category, code="category_unsupported"
    )
    with pytest.raises(CategoryUnsupported):
        tryon.submit(shopper, give(shopper), garment)
    GarmentAnalysis.objects.filter(pk=known.pk).update(sha256="0" * 64)  # of the picture that was there before
    assert tryon.submit(shopper, give(shopper), garment)


def test_nothing_goes_without_consent_or_with_somebody_elses_photo(shopper: Shopper, garment: Any) -> None:
    photo, other = give(shopper), Shopper.objects.create()
    with pytest.raises(ConsentMissing):
        tryon.submit(other, photo, garment)
    tryon.consent(other)
    with pytest.raises(InvalidInputs):
        tryon.submit(other, photo, garment)
    with pytest.raises(InvalidParams):
        tryon.submit(shopper, photo, garment, backend="elsewhere")
    with pytest.raises(InvalidParams):
        tryon.submit(shopper, photo, garment, tuck="half")
    photo.expires_at = timezone.now() - timedelta(seconds=1)
    photo.save()
    with pytest.raises(InvalidInputs):
        tryon.submit(shopper, photo, garment)
    assert not TryOn.objects.exists()
    assert not Job.objects.exists()


def test_a_refused_limit_leaves_no_job(shopper: Shopper, garment: Any, settings: Any) -> None:
    photo = give(shopper)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "TRYON_MAX_PER_DAY": 1}
    tryon.submit(shopper, photo, garment)
    with pytest.raises(TryOnLimitReached) as refused:
        tryon.submit(shopper, photo, garment, seed=1)
    assert refused.value.details["limit"] == 1
    assert Job.objects.count() == 1
