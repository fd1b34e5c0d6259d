"""Links to shoppers' pictures: good for at most 300 seconds, and only in the browser of the shopper they belong to."""

from __future__ import annotations

from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.urls import reverse

from shop_genai.conf import genai_settings

Which = Literal["photo", "tryon"]

LONGEST = 300  # seconds, whatever LINK_SECONDS says
_SALT = "shop_genai.api.signatures"
_VIEWS: dict[Which, str] = {"photo": "shop_genai:tryon-photo-file", "tryon": "shop_genai:tryon-file"}


def signed(which: Which, id: UUID) -> str:
    """The path of a photo's or a try-on's picture, with a fresh signature."""
    token = signing.dumps([which, str(id)], salt=_SALT, compress=True)
    return f"{reverse(_VIEWS[which], args=[id])}?{urlencode({'token': token})}"


def is_signed(token: str, which: Which, id: UUID) -> bool:
    """Whether the token was made for this picture, and not too long ago."""
    try:
        found = signing.loads(token, salt=_SALT, max_age=min(LONGEST, genai_settings.LINK_SECONDS))
    except signing.BadSignature:
        return False
    return bool(found == [which, str(id)])
