"""Absolute addresses in answers. Each pattern is reversed once per request, not once per row."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.urls import reverse
from rest_framework.request import Request

_PLACE = UUID(int=0)


class Links:
    """Addresses for one request."""

    def __init__(self, request: Request | HttpRequest) -> None:
        self._request = request
        self._patterns: dict[str, tuple[str, str]] = {}

    def to(self, name: str, row: UUID) -> str:
        """The address of one row: ``name`` is a name of ``shop_genai.urls`` that takes an id."""
        if name not in self._patterns:
            path = self.absolute(reverse(f"shop_genai:{name}", args=[_PLACE]))
            before, after = path.split(str(_PLACE))
            self._patterns[name] = before, after
        before, after = self._patterns[name]
        return f"{before}{row}{after}"

    def absolute(self, path: str) -> str:
        """A path or an address → an address with scheme and host."""
        return self._request.build_absolute_uri(path)
