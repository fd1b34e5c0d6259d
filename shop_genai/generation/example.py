"""One picture to learn from, and what is known of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from PIL import Image


@dataclass(frozen=True)
class Example:
    """What a training sampler receives for each picture of its batch."""

    picture: Image.Image  # RGB
    label: str = ""  # the class it belongs to; "" when nobody says
    facts: Mapping[str, str] = field(default_factory=dict)  # the row of the pack's manifest
