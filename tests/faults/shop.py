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
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.contrib.auth.models import User
    from django.test import Client

    from shop_genai.models import Job, ProductImage

SERVICES = Path(__file__).parents[2] / "scripts" / "services"
BROKERS = {"redis": "REDIS_URL", "rabbitmq": "RABBITMQ_URL"}


def services(action: str, *names: str) -> str:
    """``scripts/services``: only ever the private servers are broken, never one that somebody else uses."""
    done = subprocess.run(
        [sys.executable, str(SERVICES), action, *names], check=True, stdout=subprocess.PIPE, text=True
    )
    return done.stdout


def service_urls() -> dict[str, str]:
    """DATABASE_URL, REDIS_URL and RABBITMQ_URL of running servers, started if need be."""
    services("start")
    pairs = (line.removeprefix("export ").split("=", 1) for line in services("env").splitlines())
    return {name: value.strip("'\"") for name, value in pairs}


@dataclass(frozen=True)
class Door:
    """The HTTP API, as a shopper's browser would use it."""

    client: Client

    def post_job(self, image: ProductImage) -> int:
        """Ask for one job; returns the HTTP status."""
        body = {"recipe": "invert", "inputs": {"image": str(image.id)}, "params": {"seconds": 0.03}}
        return int(self.client.post("/genai/api/v1/jobs/", body, content_type="application/json").status_code)


@dataclass(frozen=True)
class Shop:
    """What a scenario may break."""

    broker: str
    folder: Path

    def wipe_broker(self) -> None:
        """Every waiting message disappears, as after a crash of a broker that keeps nothing."""
        from example_project.celery import app

        if self.broker == "redis":
            import redis

            client = redis.Redis.from_url(os.environ["CELERY_BROKER_URL"])
            client.flushdb()
            client.close()
            return
        with app.connection_for_write() as connection:
            channel = connection.default_channel
            for queue in ("interactive", "bulk"):
                channel.queue_declare(queue, durable=True, auto_delete=False)
                channel.queue_purge(queue)

    def kill_broker(self) -> None:
        services("kill", self.broker)

    def start_broker(self) -> None:
        services("start", self.broker)

    def kill_database(self) -> None:
        services("kill", "postgres")

    def start_database(self) -> None:
        """Back again; this process' own dead connections are dropped."""
        from django.db import connections

        services("start", "postgres")
        connections.close_all()

    def open_door(self, images: int, first: int = 0) -> tuple[Door, list[ProductImage]]:
        """A signed-in client and uploads of its user."""
        from django.test import Client

        owner = shopper()
        client = Client(raise_request_exception=False)
        client.force_login(owner)
        return Door(client), [upload(number, owner) for number in range(first, first + images)]


@contextmanager
def open_shop(broker: str) -> Iterator[Shop]:
    """Set the environment up, start Django in this process, migrate; drop everything afterwards."""
    import psycopg

    urls = service_urls()
    server = urls["DATABASE_URL"].rsplit("/", 1)[0]
    database = f"faults_{os.getpid()}"
    shop = Shop(broker, Path(tempfile.mkdtemp(prefix="shop-genai-faults-")))
    broker_url = urls[BROKERS[broker]]
    if broker == "redis":
        broker_url = broker_url.rsplit("/", 1)[0] + "/7"
    os.environ.update(
        DATABASE_URL=f"{server}/{database}",
        CELERY_BROKER_URL=broker_url,
        SHOP_DATA=str(shop.folder),
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
        shop.wipe_broker()
        yield shop
        connections.close_all()
        shop.wipe_broker()
    finally:
        services("start")  # whatever a failed run left down
        with psycopg.connect(urls["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        shutil.rmtree(shop.folder, ignore_errors=True)


def shopper() -> User:
    from django.contrib.auth.models import User

    return User.objects.get_or_create(username="faults")[0]


def upload(number: int, owner: User, colour: tuple[int, int, int] | None = None) -> ProductImage:
    """An accepted upload; each number makes other bytes."""
    from django.core.files.base import ContentFile
    from PIL import Image

    from shop_genai import media

    buffer = BytesIO()
    plain = colour or (10, number % 256, 100 + number // 256)
    Image.new("RGB", (64, 48 + number % 7), plain).save(buffer, "PNG")
    return media.accept_upload(ContentFile(buffer.getvalue(), name="photo.png"), owner=owner)


def submit(count: int, *, first: int = 0, red: int = 0, **params: Any) -> list[Job]:
    """Jobs of the recipe “invert” on uploads that all differ; the last ``red`` of them have a pure red picture."""
    from shop_genai import submission

    owner = shopper()
    colours = [None] * (count - red) + [(255, 0, 0)] * red
    images = [upload(number, owner, colour) for number, colour in enumerate(colours, first)]
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
