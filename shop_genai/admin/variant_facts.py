"""What is worth knowing of a variant: its colour, and whether the shop sells that colour or only previews it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from shop_genai.admin.pictures import badge, swatch
from shop_genai.admin.words import colour_label
from shop_genai.models import GeneratedImage

# Shown in a place of their own, or numbers that only the studio can read.
SHOWN = ("look", "colour", "colour_hex", "preview", "target")


@dataclass(frozen=True)
class VariantFacts:
    """Of a result whose pipeline named a colour."""

    colour: str  # as people read it
    shown: str  # the same with the colour beside it, as markup
    preview: bool  # nobody can buy this colour here


def of(result: GeneratedImage) -> VariantFacts | None:
    """None for a result that is no variant."""
    info: dict[str, Any] = result.info
    if "colour" not in info or "preview" not in info:
        return None
    label = colour_label(str(info["colour"]))
    return VariantFacts(label, swatch(label, str(info.get("colour_hex", ""))), bool(info["preview"]))


def preview_badge() -> str:
    """Beside every picture of a colour that the shop does not sell."""
    return badge("waiting", gettext("Preview"))
