"""What tests of the API share: signed-in clients, an assertion for problems, and jobs in any state."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import cache
from django.utils import timezone
from rest_framework.test import APIClient

from shop_genai.models import Job, JobInput, ProductImage, Status
from shop_genai.recipes import Recipe

API = "/genai/api/v1/"


class JSONClient(APIClient):
    """Sends JSON unless told otherwise."""

    default_format = "json"


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    """Throttles count in the cache."""
    cache.clear()


@pytest.fixture
def client_of() -> Callable[..., APIClient]:
    """``client_of(user)``: signed in by session; ``client_of()``: a stranger. Errors come back as responses."""

    def client_of(user: User | None = None, **options: Any) -> APIClient:
        client = JSONClient(raise_request_exception=False, **options)
        if user is not None:
            client.force_login(user)
        return client

    return client_of


@pytest.fixture
def other(db: None) -> User:
    """A second shopper."""
    return User.objects.create_user("other", password="other")


@pytest.fixture
def clerk(db: None) -> Callable[..., User]:
    """``clerk("view_job", …)``: a member of staff with just these permissions."""

    def clerk(*codenames: str) -> User:
        made = User.objects.create_user("-".join(codenames) or "clerk", is_staff=True)
        made.user_permissions.set(Permission.objects.filter(codename__in=codenames))
        return made

    return clerk


@pytest.fixture
def problem() -> Callable[..., dict[str, Any]]:
    """``problem(response, status, code)``: checks that it is that problem, complete, and returns its body."""

    def problem(response: Any, status: int, code: str) -> dict[str, Any]:
        assert response.status_code == status, response.content
        assert response["Content-Type"] == "application/problem+json"
        body: dict[str, Any] = response.json()
        assert body["code"] == code, body
        assert body["status"] == status
        assert body["type"] == f"urn:problem-type:shop-genai:{code}"
        assert body["title"]
        assert body["detail"]
        assert body["instance"] == response.wsgi_request.path
        assert isinstance(body["retryable"], bool)
        return body

    return problem


@pytest.fixture
def make_job(invert: Recipe) -> Callable[..., Job]:
    """``make_job(owner, image=None, status="queued", **fields)``: a row as the ledger would have left it."""

    def make_job(owner: User | None, image: ProductImage | None = None, **fields: Any) -> Job:
        number = Job.objects.count()
        values: dict[str, Any] = {
            "recipe": "invert",
            "key": f"{number:064x}",
            "batch_key": "0" * 64,
            "created": timezone.now() - timedelta(seconds=1000 - number),
            **fields,
        }
        status = values.get("status", Status.QUEUED)
        if status == Status.RUNNING:
            values["lease_until"] = timezone.now() + timedelta(seconds=60)
        elif status != Status.QUEUED:
            values["finished"] = timezone.now()
        job = Job.objects.create(owner=owner, **values)
        if image is not None:
            JobInput.objects.create(job=job, slot="image", image=image)
        return job

    return make_job
