"""A shop for one fault run: its own database, folder and broker queues, with pictures and jobs to work on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shop_genai.models import Job

SERVICES = Path(__file__).parents[2] / "scripts" / "services"
BROKERS = {"redis": "REDIS_URL", "rabbitmq": "RABBITMQ_URL"}


def service_urls() -> dict[str, str]:
    """DATABASE_URL, REDIS_URL and RABBITMQ_URL of running servers, started if need be."""
    subprocess.run([sys.executable, str(SERVICES), "start"], check=True, stdout=subprocess.DEVNULL)
    printed = subprocess.run([sys.executable, str(SERVICES), "env"], check=True, capture_output=True, text=True)
    pairs = (line.removeprefix("export ").split("=", 1) for line in printed.stdout.splitlines())
    return {name: value.strip("'\"") for name, value in pairs}


@contextmanager
def open_shop(broker: str) -> Iterator[Path]:
    """Set the environment up, start Django in this process, migrate; drop everything afterwards."""
    import psycopg

    urls = service_urls()
    server = urls["DATABASE_URL"].rsplit("/", 1)[0]
    database = f"faults_{os.getpid()}"
    folder = Path(tempfile.mkdtemp(prefix="shop-genai-faults-"))
    broker_url = urls[BROKERS[broker]]
    if broker == "redis":
        broker_url = broker_url.rsplit("/", 1)[0] + "/7"
    os.environ.update(
        DATABASE_URL=f"{server}/{database}",
        CELERY_BROKER_URL=broker_url,
        SHOP_DATA=str(folder),
        DJANGO_SETTINGS_MODULE="tests.faults.settings",
    )
    with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database}"')
    try:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connections

        call_command("migrate", verbosity=0)
        wipe_broker()
        yield folder
        connections.close_all()
        wipe_broker()
    finally:
        with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        shutil.rmtree(folder, ignore_errors=True)


def wipe_broker() -> None:
    """Every waiting message disappears, as after a crash of a broker that keeps nothing."""
    from example_project.celery import app

    url = os.environ["CELERY_BROKER_URL"]
    if url.startswith("redis"):
        import redis

        client = redis.Redis.from_url(url)
        client.flushdb()
        client.close()
        return
    with app.connection_for_write() as connection:
        channel = connection.default_channel
        for queue in ("interactive", "bulk"):
            channel.queue_declare(queue, durable=True, auto_delete=False)
            channel.queue_purge(queue)


def submit(count: int, *, first: int = 0, red: int = 0, **params: Any) -> list[Job]:
    """Jobs of the recipe “invert” on uploads that all differ; the last ``red`` of them have a pure red picture."""
    from django.contrib.auth.models import User
    from django.core.files.base import ContentFile
    from PIL import Image

    from shop_genai import media, submission

    owner, _created = User.objects.get_or_create(username="faults")
    images = []
    for number in range(first, first + count):
        colour = (255, 0, 0) if number >= first + count - red else (10, number % 256, 100 + number // 256)
        buffer = BytesIO()
        Image.new("RGB", (64, 48 + number % 7), colour).save(buffer, "PNG")
        images.append(media.accept_upload(ContentFile(buffer.getvalue(), name="photo.png"), owner=owner))
    submitted = submission.submit_many(images, recipe="invert", params=params, owner=owner)
    return [entry.job for entry in submitted]


def statuses() -> Counter[str]:
    from shop_genai.models import Job

    return Counter(Job.objects.values_list("status", flat=True))


def wait_until(condition: Callable[[], bool], timeout: float, meanwhile: Callable[[], None] | None = None) -> bool:
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            return False
        if meanwhile is not None:
            meanwhile()
        time.sleep(0.05)
    return True


def account() -> dict[str, int]:
    """What became of the jobs: lost ones are neither done nor refused; twice published ones have two successes."""
    from django.db.models import Count

    from shop_genai.models import GeneratedImage, Job, JobEvent, Status

    successes = JobEvent.objects.filter(kind="succeeded").values("job").annotate(times=Count("id"))
    results = GeneratedImage.objects.all()
    found = statuses()
    return {
        "jobs": Job.objects.count(),
        "done": found[Status.SUCCEEDED],
        "lost": found[Status.QUEUED] + found[Status.RUNNING],
        "dead": found[Status.DEAD],
        "failed": found[Status.FAILED],
        "twice": successes.filter(times__gt=1).count(),
        "results": results.count(),
        "files missing": sum(not result.files.exists(result.name) for result in results),
        "crashes": sum(Job.objects.values_list("crashes", flat=True)),
    }
