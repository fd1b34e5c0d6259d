"""What the page benchmark compares: requests through the whole of Django, and the peers that answer the same bytes."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.models import User
from django.core.wsgi import get_wsgi_application
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path, reverse

from benchmarks._pages_rows import PAGE
from example_project.shop.models import Photo
from shop_genai.api.titles import title_of
from shop_genai.models import Job, JobInput

COMPACT = {"separators": (",", ":"), "ensure_ascii": False}  # as the API writes JSON
PICTURES = (
    "{% load shop_genai %}{% genai_prefetch photos %}"
    '{% for photo in photos %}<li>{% genai_picture photo alt=photo.alt sizes="300px" %}</li>{% endfor %}'
)
PLAIN = (
    "{% for photo in photos %}<li>"
    '<img src="{{ photo.image.url }}" alt="{{ photo.alt }}" loading="lazy">'
    "</li>{% endfor %}"
)


@dataclass(frozen=True)
class Answer:
    """One answer, how long it took, and how many queries it cost where they were counted."""

    body: bytes
    seconds: float
    queries: int | None = None


class Browser:
    """Sends GET requests straight into the WSGI application: all middleware, no socket."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user)
        self._cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        self._application = get_wsgi_application()

    def get(self, address: str) -> Answer:
        """Raises RuntimeError unless the answer is a 200."""
        where, _mark, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": where,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT": "application/json",
            "HTTP_COOKIE": self._cookie,
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(),
        }
        statuses: list[str] = []
        began = time.perf_counter()
        answer: Any = self._application(environ, lambda status, headers: statuses.append(status))
        body = b"".join(answer)
        answer.close()
        took = time.perf_counter() - began
        if not statuses[0].startswith("200"):
            raise RuntimeError(f"{address}: {statuses[0]}: {body[:200]!r}")
        return Answer(body, took)

    def counted(self, address: str) -> Answer:
        """The same, with its queries counted (which takes longer)."""
        with CaptureQueriesContext(connection) as queries:
            answer = self.get(address)
        return Answer(answer.body, answer.seconds, len(queries))


def canned(request: HttpRequest) -> HttpResponse:
    """A ready list of the same rows: no login, no query, nothing but JSON. The promise's peer."""
    return JsonResponse(_canned(), json_dumps_params=COMPACT)


def by_hand(request: HttpRequest) -> HttpResponse:
    """The view that a careful person writes without a framework: signed in, dicts from the same rows, JSON."""
    if not request.user.is_authenticated:
        return JsonResponse({}, status=401)
    base = request.build_absolute_uri("/genai/api/v1/")
    jobs = Job.objects.filter(owner=request.user).order_by("-created", "id")[:PAGE]
    rows = list(jobs.values(*COLUMNS, "weights__digest", "result__id"))
    inputs: dict[UUID, dict[str, str]] = {}
    for job, slot, image in JobInput.objects.filter(job__in=[row["id"] for row in rows]).values_list(
        "job", "slot", "image"
    ):
        inputs.setdefault(job, {})[slot] = str(image)
    results = [_row(row, inputs.get(row["id"], {}), base) for row in rows]
    first = json.loads(_first_page())
    return JsonResponse({**first, "results": results}, json_dumps_params=COMPACT)


COLUMNS = (
    *("id", "recipe", "status", "progress", "lane", "params", "seed", "attempt", "cancel_requested"),
    *("error_code", "error_message", "seconds", "created", "started", "finished", "deadline"),
)


def _row(row: dict[str, Any], inputs: dict[str, str], base: str) -> dict[str, Any]:
    error, result = row["error_code"], row["result__id"]
    times = {
        name: row[name] and row[name].isoformat().replace("+00:00", "Z")
        for name in ("created", "started", "finished", "deadline")
    }
    return {
        "id": str(row["id"]),
        "url": f"{base}jobs/{row['id']}/",
        **{name: row[name] for name in ("recipe", "status", "progress", "lane")},
        "inputs": inputs,
        **{name: row[name] for name in ("params", "seed")},
        "weights": row["weights__digest"],
        **{name: row[name] for name in ("attempt", "cancel_requested")},
        "error": {"code": error, "title": title_of(error), "detail": row["error_message"]} if error else None,
        "result": result and f"{base}results/{result}/",
        "seconds": row["seconds"],
        **times,
    }


_page: list[bytes] = []  # the API's own first page, once it was fetched


def remember(body: bytes) -> None:
    """Tell the peers what to answer."""
    _page[:] = [body]
    _canned.cache_clear()
    _first_page.cache_clear()


@cache
def _canned() -> dict[str, Any]:
    body: dict[str, Any] = json.loads(_page[0])
    return body


@cache
def _first_page() -> str:
    """Everything but the rows: the cursors' arithmetic is the API's own business."""
    return json.dumps({**_canned(), "results": []})


def pictures(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_render(PICTURES))


def plain_pictures(request: HttpRequest) -> HttpResponse:
    return HttpResponse(_render(PLAIN))


@cache
def _template(source: str) -> Template:
    return Template(source)


def _render(source: str) -> str:
    photos = Photo.objects.select_related("product").order_by("pk")[:PAGE]
    return str(_template(source).render(Context({"photos": photos})))


urlpatterns = [
    path("genai/", include("shop_genai.urls")),
    path("canned/", canned, name="canned"),
    path("by-hand/", by_hand, name="by-hand"),
    path("pictures/", pictures, name="pictures"),
    path("plain-pictures/", plain_pictures, name="plain-pictures"),
]


def in_turns(visits: dict[str, Callable[[], Answer]], rounds: int, warm: int = 20) -> dict[str, list[float]]:
    """Seconds of each visit, one after the other in every round, so that all meet the same machine."""
    taken: dict[str, list[float]] = {name: [] for name in visits}
    for number in range(warm + rounds):
        for name, visit in visits.items():
            seconds = visit().seconds
            if number >= warm:
                taken[name].append(seconds)
    return taken


def addresses(names: Iterable[str]) -> dict[str, str]:
    return {name: reverse(name) for name in names}
