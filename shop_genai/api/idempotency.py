"""The ``Idempotency-Key`` header: send a request twice, get one job.

Source: draft-ietf-httpapi-idempotency-key-header. The field is a quoted string; a bare token is accepted too.
"""

from __future__ import annotations

import re

from django.utils.translation import gettext as _
from rest_framework.request import Request

from shop_genai.errors import BadRequest

HEADER = "Idempotency-Key"
MAX_LENGTH = 255

_QUOTED = re.compile(r'"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_BARE = re.compile(r"[\x21\x23-\x5b\x5d-\x7e]+")


class InvalidIdempotencyKey(BadRequest):
    code = "invalid_idempotency_key"


def key_of(request: Request) -> str | None:
    """The request's key without its quotes, or None where the header is absent.

    Raises:
        InvalidIdempotencyKey: empty, longer than 255 characters, or not printable ASCII.
    """
    raw = request.headers.get(HEADER)
    if raw is None:
        return None
    raw = raw.strip()
    if quoted := _QUOTED.fullmatch(raw):
        key = re.sub(r'\\(["\\])', r"\1", quoted[1])
    elif _BARE.fullmatch(raw):
        key = raw
    else:
        raise InvalidIdempotencyKey(_("The Idempotency-Key must be a string of printable ASCII characters."))
    if not 1 <= len(key) <= MAX_LENGTH:
        raise InvalidIdempotencyKey(
            _("The Idempotency-Key must have 1 to %(limit)d characters.") % {"limit": MAX_LENGTH}
        )
    return key
