"""Pictures in the back office: addresses without a storage call, and files that only the admin may hand out.

Catalogue pictures and their results are public in the shop anyway, so lists link the storage's own address.
Uploads belong to persons: every byte of them goes through a view that checks the viewer's permission.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from pathlib import PurePosixPath
from typing import Any

from django.core.files.storage import storages
from django.http import Http404, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from shop_genai import catalogue, media
from shop_genai.conf import genai_settings
from shop_genai.errors import GenaiError
from shop_genai.models import GeneratedImage, ProductImage

# Nothing else is ever sent as a picture: a file with another suffix becomes a download.
CONTENT_TYPES = {media.SUFFIXES[name]: kind for name, kind in media.CONTENT_TYPES.items()}
# The facts of a file's provenance packet that people read.
FACTS: dict[str, Any] = {
    "source_type": _("Digital source type (IPTC)"),
    "system": _("System"),
    "system_version": _("Version of the system"),
    "weights": _("SHA-256 of the weights"),
    "software": _("Software"),
}
THUMBNAIL_WIDTH = 320  # pixels; lists show the narrowest rendition at least this wide
HOUR = 3600
HEX = re.compile(r"#[0-9a-fA-F]{6}")


def thumbnail(url: str, alt: str) -> str:
    """A list's picture. It is a link to the row, so it needs a name even where there is no picture."""
    if not url:
        return format_html('<span class="genai-thumb genai-thumb--none" role="img" aria-label="{}"></span>', alt)
    return format_html('<img class="genai-thumb" src="{}" alt="{}" loading="lazy" decoding="async">', url, alt)


def badge(kind: str, label: Any) -> str:
    return format_html('<span class="genai-badge genai-badge--{}">{}</span>', kind, label)


def swatch(label: str, colour: str) -> str:
    """A colour's name, with the colour beside it where ``#rrggbb`` says it. Drawn, for a policy may forbid styles."""
    if not HEX.fullmatch(colour):
        return label
    return format_html(
        '<span class="genai-nowrap"><svg class="genai-swatch" width="16" height="16" aria-hidden="true">'
        '<rect width="16" height="16" rx="3" fill="{}"/></svg> {}</span>',
        colour,
        label,
    )


def joined(parts: Iterable[str]) -> str:
    """Marked-up parts with commas between them."""
    return format_html_join(", ", "{}", ((part,) for part in parts))


def titled(title: str, facts: str) -> str:
    """A row's name with a quiet line of facts under it: columns of their own would not fit beside the filters."""
    return format_html('{}<br><span class="genai-quiet">{}</span>', title, facts)


def facts(file: ProductImage | GeneratedImage) -> str:
    """Size in pixels, format, size in bytes."""
    return f"{file.width} × {file.height}, {file.format}, {filesizeformat(file.bytes)}"


# Addresses ----


def source_thumbnail_url(image: ProductImage) -> str:
    """The small version that was made when the picture came in; empty if none could be made."""
    if image.thumbnail and not media.is_private(image.thumbnail):
        address = _storage_url(genai_settings.STORAGE, image.thumbnail)
        if address:
            return address
    if not image.thumbnail:
        return ""
    return reverse("admin:shop_genai_productimage_picture", args=[image.pk, "thumbnail"])


def source_url(image: ProductImage) -> str:
    """The original bytes, also while a result is published in their place."""
    address = reverse("admin:shop_genai_productimage_picture", args=[image.pk, "original"])
    return f"{address}?{image.sha256[:12]}"


def result_url(result: GeneratedImage, width: int = 0) -> str:
    """The full-size file, or with ``width`` the narrowest rendition of at least so many pixels."""
    name = rendition(result, width) if width else result.name
    if not media.is_private(name):
        address = _storage_url(result.storage, name)
        if address:
            return address
    variant = "thumbnail" if width else "full"
    return reverse("admin:shop_genai_generatedimage_picture", args=[result.pk, variant]) + f"?{result.sha256[:12]}"


def rendition(result: GeneratedImage, width: int) -> str:
    """The name of the narrowest WebP or JPEG of at least ``width``; the full-size file without one."""
    fitting = [entry for entry in result.renditions if entry["format"] in ("WEBP", "JPEG") and entry["width"] >= width]
    return str(min(fitting, key=lambda entry: (entry["width"], entry["bytes"]))["name"]) if fitting else result.name


def _storage_url(alias: str, name: str) -> str:
    """The storage's own address; empty where it has none (a folder without a base address)."""
    try:
        return str(storages[alias].url(name))
    except (NotImplementedError, ValueError):
        return ""


# Files ----


def serve_source(image: ProductImage | None, variant: str) -> HttpResponse:
    """The original, or its small version."""
    if image is None or variant not in ("original", "thumbnail") or (variant == "thumbnail" and not image.thumbnail):
        raise Http404
    if variant == "thumbnail":
        alias = image.storage if image.is_upload else genai_settings.STORAGE
        return _sent(image.thumbnail, lambda: media.get(alias, image.thumbnail))
    reader = None if image.is_upload else catalogue.reader(image)
    return _sent(f"original{media.SUFFIXES.get(image.format, '')}", lambda: media.read_bytes(image, reader))


def serve_result(result: GeneratedImage | None, variant: str) -> HttpResponse:
    """The full-size file, or the rendition that lists show."""
    if result is None or variant not in ("full", "thumbnail"):
        raise Http404
    name = result.name if variant == "full" else rendition(result, THUMBNAIL_WIDTH)
    return _sent(name, lambda: media.get(result.files, name))


def provenance(result: GeneratedImage) -> dict[str, str] | None:
    """What the full-size file says of its making; None when it cannot be read. One storage call."""
    try:
        found = media.read_provenance(media.get(result.files, result.name))
    except GenaiError:
        return None
    return {str(label): getattr(found, field) for field, label in FACTS.items() if getattr(found, field, "")} or None


def _sent(name: str, read: Callable[[], bytes]) -> HttpResponse:
    """The file's bytes; an error of the studio as its sentence."""
    try:
        data = read()
    except GenaiError as error:
        status = error.http_status if error.retryable else 404
        return HttpResponse(str(error), status=status, content_type="text/plain; charset=utf-8")
    return picture(name, data)


def picture(name: str, data: bytes) -> HttpResponse:
    """Bytes whose name says what they are, for this viewer's own cache only."""
    known = CONTENT_TYPES.get(PurePosixPath(name).suffix)
    response = HttpResponse(data, content_type=known or "application/octet-stream")
    response["Content-Disposition"] = "inline" if known else "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'"
    response["Cache-Control"] = f"private, max-age={HOUR}"
    return response
