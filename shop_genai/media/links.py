"""Addresses of results: the storage's own for the catalogue's, signed and short-lived ones for a person's."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode
from uuid import UUID

from django.core import signing
from django.urls import reverse

from shop_genai.conf import genai_settings
from shop_genai.media.files import PRIVATE
from shop_genai.models import GeneratedImage

_SALT = "shop_genai.media.links"


@dataclass(frozen=True, slots=True)
class SignedFile:
    """What a valid token allows: one file of one result."""

    result_id: UUID
    name: str


def is_private(name: str) -> bool:
    """Whether a storage name belongs to a person and must never be linked without a signature."""
    return name.startswith(PRIVATE)


def link(result: GeneratedImage, name: str = "") -> str:
    """An address for the full-size file, or for the rendition called ``name``. No query, no storage call.

    A person's result gets an address of this site that dies after ``LINK_SECONDS``; it serves only the
    holder.
    """
    name = name or result.name
    if not is_private(name):
        return str(result.files.url(name))
    address = reverse("shop_genai:result-file", args=[result.pk])
    return f"{address}?{urlencode({'token': sign(result, name)})}"


def sign(result: GeneratedImage, name: str = "") -> str:
    """A token for one file of a result."""
    return signing.dumps([str(result.pk), name or result.name], salt=_SALT, compress=True)


def unsign(token: str) -> SignedFile | None:
    """What the token allows; None if it was forged or is older than ``LINK_SECONDS``."""
    try:
        result_id, name = signing.loads(token, salt=_SALT, max_age=genai_settings.LINK_SECONDS)
        return SignedFile(UUID(result_id), name)
    except (signing.BadSignature, ValueError):
        return None
