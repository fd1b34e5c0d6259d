"""Requests to try-on backends, drawn."""

from __future__ import annotations

from typing import Any

from PIL import Image, ImageDraw

from shop_genai.generation.tryon.backends import Fit, FitRequest
from shop_genai.generation.tryon.garment import Garment
from shop_genai.generation.tryon.landmarks import OF_KIND
from tests.generation.pictures import drawn


def shirt(width: int = 48, height: int = 56) -> Garment:
    """The analysis of a garment that fills the middle of its picture."""
    mask = Image.new("L", (width, height))
    ImageDraw.Draw(mask).rectangle((width // 4, height // 8, 3 * width // 4, 7 * height // 8), fill=255)
    landmarks = {name: (float(number), 2.0 * number) for number, name in enumerate(OF_KIND["upper"])}
    return Garment("upper", "short", "flat", landmarks, 0.9, mask, Image.new("L", (width, height)))


def request(width: int = 60, height: int = 80, **changes: Any) -> FitRequest:
    """A person and a garment that nobody would recognise."""
    values: dict[str, Any] = {
        "person": drawn(width, height, 1),
        "body": None,  # what it is for is known already:
        "region": Image.new("L", (width, height), 255),
        "garment_picture": drawn(48, 56, 2),
        "garment": shirt(),
        "category": "upper",
        "tuck": "auto",
        "outer": "replace",
        "seed": 7,
    }
    return FitRequest(**{**values, **changes})


def red(asked: FitRequest, **changes: Any) -> Fit:
    """An answer: a red middle."""
    picture = asked.person.copy()
    region = Image.new("L", picture.size)
    box = (picture.width // 4, picture.height // 4, picture.width // 2, picture.height // 2)
    picture.paste((200, 0, 0), box)
    region.paste(255, box)
    return Fit(**{"picture": picture, "region": region, "confidence": 0.8, **changes})
