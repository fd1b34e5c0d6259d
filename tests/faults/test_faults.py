"""Every fault once, in a short version, on the broker of the suite; skipped without PostgreSQL and a real broker."""

from __future__ import annotations

import os

import pytest

from tests.faults.running import perform
from tests.faults.scenarios import SCENARIOS, Size

KINDS = {"redis": "redis", "amqp": "rabbitmq", "pyamqp": "rabbitmq"}
BROKER = KINDS.get(os.environ.get("CELERY_BROKER_URL", "").partition("://")[0], "")
SERVED = bool(BROKER) and os.environ.get("DATABASE_URL", "").startswith("postgres")


@pytest.mark.services
@pytest.mark.skipif(not SERVED, reason="needs DATABASE_URL (PostgreSQL) and CELERY_BROKER_URL (Redis or RabbitMQ)")
@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_and_nothing_published_twice(name: str) -> None:
    figures = perform(name, BROKER, Size.SHORT)
    assert isinstance(figures, dict), figures
    assert (figures["lost"], figures["twice"]) == (0, 0)
