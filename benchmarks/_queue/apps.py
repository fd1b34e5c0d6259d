"""Leaves out of a job what is not the queue's work: decoding, encoding and storing pictures."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from PIL import Image


class QueueBenchmarkConfig(AppConfig):
    name = "benchmarks._queue"
    label = "queue_benchmark"

    def ready(self) -> None:
        from shop_genai import media

        media.open_input = opened  # type: ignore[assignment]  # a stand-in, only in this benchmark's processes
        media.store_result = stored  # type: ignore[assignment]  # as above


def opened(image: Any, read: Any = None) -> Image.Image:
    return PIXEL


def stored(output: Any, job: Any, source: Any) -> Any:
    """The row that a stored result would have."""
    from shop_genai.models import GeneratedImage

    return GeneratedImage(
        job=job,
        source=source,
        storage="private",
        name=f"{job.key}.jpg",
        sha256=job.key,
        format="JPEG",
        width=1,
        height=1,
        bytes=1,
    )


PIXEL = Image.new("RGB", (1, 1))
