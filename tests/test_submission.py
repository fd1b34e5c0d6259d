"""submission: what becomes a job, and what finds one."""

from __future__ import annotations

import pytest

from shop_genai import submission
from shop_genai.models import JobEvent, ProductImage


@pytest.fixture
def image(user):
    return ProductImage.objects.create(
        owner=user, storage="private", name="x.jpg", sha256="a" * 64, format="JPEG", width=4, height=4, bytes=10
    )


def test_basic(image, user, invert):
    made = submission.submit(recipe="invert", inputs={"image": image}, owner=user)
    assert made.created
    again = submission.submit(recipe="invert", inputs={"image": image}, owner=user)
    assert not again.created
    assert again.job == made.job
    from shop_genai import ledger

    [job] = ledger.claim("bulk", "w")
    assert job.status == "running", job
    assert isinstance(job.params, dict)
    assert job.inputs.all()[0].image == image
    c = ledger.Claim.of(job)
    assert ledger.heartbeat([c], 0.5) == {job.id: "ok"}
    job.refresh_from_db()
    assert job.progress == 0.5
    from shop_genai.errors import StorageUnavailable

    assert ledger.fail(c, StorageUnavailable("x")) == "queued"
    assert ledger.claim("bulk", "w") == []
    print(list(JobEvent.objects.values()))
    from datetime import timedelta

    from django.utils import timezone

    print(ledger.sweep(timezone.now() + timedelta(days=30)))
    job.refresh_from_db()
    assert job.status == "expired"
    ledger.retry(job)
    assert job.status == "queued"
