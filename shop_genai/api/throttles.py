"""How often one person may ask: exact counts per window, from ``SHOP_GENAI["THROTTLE_RATES"]``.

The framework's own throttles read a list, change it and write it back, so parallel requests slip through.
Here one atomic increment decides: a rate of 10 under 200 parallel requests lets exactly 10 pass. Counters
live in the default cache: processes share a limit if they share that cache (not the one in local memory).
"""

from __future__ import annotations

import time

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from shop_genai.conf import genai_settings

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_rate(rate: str) -> tuple[int, int]:
    """``"120/min"`` → (120, 60): requests and seconds. The unit is s, min, h or d, by its first letter.

    Raises:
        ValueError: not a number, or an unknown unit.
    """
    count, _, unit = rate.partition("/")
    if unit[:1] not in SECONDS:
        raise ValueError(f"{rate!r} is not a rate such as '120/min'")
    return int(count), SECONDS[unit[:1]]


class WindowThrottle(BaseThrottle):
    """Counts the requests of one person under one name in the present window; windows start at the epoch."""

    def __init__(self, scope: str) -> None:
        self.scope = scope
        self.ends = 0.0

    def allow_request(self, request: Request, view: APIView) -> bool:
        rate = genai_settings.THROTTLE_RATES.get(self.scope)
        if rate is None:
            return True
        limit, seconds = parse_rate(rate)
        window = int(time.time() // seconds)
        self.ends = (window + 1) * seconds
        person = request.user.pk if request.user and request.user.is_authenticated else self.get_ident(request)
        key = f"shop_genai.throttle.{self.scope}.{person}.{window}"
        cache.add(key, 0, timeout=seconds + 1)
        try:
            count = cache.incr(key)
        except ValueError:  # evicted between the two calls: the window starts anew
            cache.set(key, 1, timeout=seconds + 1)
            count = 1
        return count <= limit

    def wait(self) -> float:
        """Seconds until the next window."""
        return max(0.0, self.ends - time.time())
