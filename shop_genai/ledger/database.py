"""The statements that all steps share: where the rows are, and an UPDATE that says which rows it changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db import connections, router
from django.db.models import Q, QuerySet, sql

from shop_genai.ledger import clock
from shop_genai.ledger.values import Claim
from shop_genai.models import Job, JobEvent, Status


def write_alias() -> str:
    """The database that jobs are written to. Reads go there too: a replica would lag behind the truth."""
    return router.db_for_write(Job)


def jobs() -> QuerySet[Job]:
    return Job.objects.using(write_alias())


def now() -> datetime:
    return clock.now(write_alias())


def held(claims: Iterable[Claim]) -> QuerySet[Job]:
    """The jobs that are still running under exactly these claims."""
    mine = reduce(or_, (Q(id=claim.job_id, fence=claim.fence) for claim in claims))
    return jobs().filter(mine, status=Status.RUNNING)


def update_returning(rows: QuerySet[Job], **values: Any) -> dict[UUID, int]:
    """``rows.update(**values)`` that returns the changed rows' id → attempt.

    The ORM writes the statement, so types are converted as everywhere else; only ``RETURNING`` is added.
    """
    query: Any = rows.query.chain(sql.UpdateQuery)
    query.add_update_values(values)
    connection = connections[rows.db]
    statement, params = query.get_compiler(connection=connection).as_sql()
    with connection.cursor() as cursor:
        cursor.execute(f"{statement} RETURNING id, attempt", params)
        changed = cursor.fetchall()
    return {_uuid(job_id): attempt for job_id, attempt in changed}


def log(kind: str, changed: Mapping[UUID, int], at: datetime, data: dict[str, Any] | None = None) -> None:
    """One event per changed job (id → attempt), in one INSERT."""
    if changed:
        JobEvent.objects.using(write_alias()).bulk_create(
            JobEvent(job_id=job_id, kind=kind, attempt=attempt, at=at, data=data or {})
            for job_id, attempt in changed.items()
        )


def _uuid(value: UUID | str) -> UUID:
    """PostgreSQL returns UUIDs, SQLite their hex digits."""
    return value if isinstance(value, UUID) else UUID(value)
