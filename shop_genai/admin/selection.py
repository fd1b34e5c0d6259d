"""Rows chosen on one page and needed on the next: kept in the session, so that reload and Back work."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest

KEY = "shop_genai_selections"
KEPT = 5  # a session holds this many; the oldest goes first


def remember(request: HttpRequest, ids: Iterable[Any]) -> str:
    """Keep the ids and return the token that recalls them."""
    token = secrets.token_urlsafe(9)
    kept = list(request.session.get(KEY, {}).items())[-(KEPT - 1) :]
    request.session[KEY] = {**dict(kept), token: [str(pk) for pk in ids]}
    return token


def recall(request: HttpRequest, token: str) -> list[str]:
    """The ids under the token, in their order; empty when the session no longer has it."""
    return list(request.session.get(KEY, {}).get(token, []))
