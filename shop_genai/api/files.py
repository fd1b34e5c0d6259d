"""Pictures as answers."""

from __future__ import annotations

from typing import Final

from django.http import HttpResponse

from shop_genai.media import CONTENT_TYPES, SUFFIXES

FORMAT_OF: Final = {suffix: name for name, suffix in SUFFIXES.items()}


def picture(data: bytes, format: str) -> HttpResponse:
    """An answer with a picture's bytes: a browser shows it, and never takes it for anything else.

    ``format`` is one of ``media.FORMATS``; a host's own file in another format is offered as plain bytes.
    """
    return HttpResponse(
        data,
        content_type=CONTENT_TYPES.get(format, "application/octet-stream"),
        headers={"X-Content-Type-Options": "nosniff", "Content-Disposition": "inline"},
    )
