"""The bare Celery tasks that the queue is compared with."""

from __future__ import annotations

import time
from pathlib import Path

from celery import shared_task


@shared_task(name="benchmark.bare", ignore_result=True)
def bare(job: str) -> None:
    """One message per job, no row, no result."""


@shared_task(name="benchmark.mark", ignore_result=True)
def mark(path: str) -> None:
    """The last message: writes down when everything before it was done."""
    Path(path).with_suffix(".part").write_text(str(time.time()))
    Path(path).with_suffix(".part").rename(path)
