"""Is the process up, and can it do its work? For load balancers; open to everyone."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from celery import current_app
from django.core.files.storage import storages
from django.db import connections
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from shop_genai.api.problems import RETRY_AFTER_SECONDS, Problem
from shop_genai.api.schema import problems
from shop_genai.api.titles import title_of
from shop_genai.api.views.studio import PublicView
from shop_genai.conf import genai_settings
from shop_genai.ledger import write_alias

logger = logging.getLogger(__name__)

LIMIT_SECONDS = 1


class HealthSerializer(serializers.Serializer):
    """One word."""

    status = serializers.CharField()


class HealthView(PublicView):
    @extend_schema(
        operation_id="healthz",
        summary="Is the process up?",
        responses={200: HealthSerializer},
        examples=[OpenApiExample("up", value={"status": "ok"}, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """Always 200 from a process that answers. It asks no other service."""
        return Response({"status": "ok"})


class ReadyView(PublicView):
    @extend_schema(
        operation_id="readyz",
        summary="Can it do its work?",
        responses={
            200: OpenApiResponse(HealthSerializer, description="Database, broker and storage answer."),
            **problems("/genai/readyz/", "not_ready"),
        },
        examples=[OpenApiExample("ready", value={"status": "ready"}, response_only=True, status_codes=["200"])],
    )
    def get(self, request: Request) -> Response:
        """200 when database, broker and storage answer within a second; else 503 that lists which do not."""
        failed = unanswered(PROBES, LIMIT_SECONDS)
        if not failed:
            return Response({"status": "ready"})
        problem = Problem(
            503,
            "not_ready",
            _("Not ready: %(services)s.") % {"services": ", ".join(failed)},
            errors=[{"field": name, "code": code, "detail": title_of(code)} for name, code in failed.items()],
            headers={"Retry-After": str(RETRY_AFTER_SECONDS)},
            retryable=True,
        )
        return problem.response(request.path)


def unanswered(probes: Mapping[str, Callable[[], None]], seconds: float) -> dict[str, str]:
    """Name → error code of each probe that raised, or that was not through after ``seconds``.

    Each probe has a thread of its own, because a service that swallows packets lets nothing else time out.
    """
    through: set[str] = set()

    def run(name: str, probe: Callable[[], None]) -> None:
        try:
            probe()
        except Exception:
            logger.warning("The %s does not answer", name, exc_info=True)
        else:
            through.add(name)

    threads = [threading.Thread(target=run, args=item, daemon=True) for item in probes.items()]
    ends = time.monotonic() + seconds
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0.0, ends - time.monotonic()))
    answered = frozenset(through)
    return {name: f"{name}_unavailable" for name in probes if name not in answered}


def ask_database() -> None:
    """Opens a connection of the probe's own thread, asks it a question, and closes it."""
    connection = connections[write_alias()]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def ask_broker() -> None:
    """Connects as a sender would, once and without retries. Redis is only asked when a channel opens."""
    with current_app.connection_for_write(connect_timeout=LIMIT_SECONDS) as connection:
        connection.ensure_connection(max_retries=1, timeout=LIMIT_SECONDS)
        channel: Any = connection.channel()
        channel.close()


def ask_storage() -> None:
    """Looks for a name that need not exist: an answer is all that counts."""
    for alias in {genai_settings.STORAGE, genai_settings.PRIVATE_STORAGE}:
        storages[alias].exists("genai/ready")


PROBES: Final[Mapping[str, Callable[[], None]]] = {
    "database": ask_database,
    "broker": ask_broker,
    "storage": ask_storage,
}
