"""One clock for all machines: the database's.

Leases compare times that different machines wrote. If each used its own clock, a worker two minutes ahead
would take every other worker's fresh lease for an expired one. So the difference to the database's clock is
measured once a minute and added. SQLite lives on one machine and needs none of it.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from django.db import connections
from django.utils import timezone

MEASURED_FOR = 60.0  # seconds

_offsets: dict[str, tuple[float, timedelta]] = {}  # alias → (monotonic time of the measurement, database − here)


def now(alias: str) -> datetime:
    """The database's time, aware, within a few milliseconds.

    Raises:
        django.db.OperationalError: the database does not answer.
    """
    connection = connections[alias]
    if connection.vendor != "postgresql":
        return timezone.now()
    measured, offset = _offsets.get(alias, (float("-inf"), timedelta()))
    if time.monotonic() - measured > MEASURED_FOR:
        with connection.cursor() as cursor:
            before = timezone.now()
            cursor.execute("SELECT clock_timestamp()")
            answered = cursor.fetchone()[0]
        # The answer was given somewhere between the two looks at our own clock. One that fits in there is no sign of a
        # difference, however long a busy machine kept us waiting.
        offset = answered - min(max(answered, before), timezone.now())
        _offsets[alias] = time.monotonic(), offset
    return timezone.now() + offset
