"""What a shop may ask of a cut-out. Torch-free: web processes import it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shop_genai.errors import InvalidParams

BACKGROUNDS = {"transparent": "Transparent", "white": "Pure white", "colour": "One colour"}
FRAMES = {"original": "As in the photo", "square": "Square, the product centred"}
LARGEST_MARGIN = 0.4
HEX = re.compile(r"#[0-9a-fA-F]{6}")


@dataclass(frozen=True)
class CutoutParams:
    """Parameters of one cut-out.

    Raises:
        InvalidParams: a value is out of range; `details["field"]` names it.
    """

    background: str = field(
        default="transparent",
        metadata={
            "label": "Background",
            "help_text": "What is seen around the product.",
            "choices": BACKGROUNDS,
        },
    )
    colour: str = field(
        default="#f2f2f2",
        metadata={"label": "Colour", "help_text": "Of the background, as #rrggbb. Counts for “One colour” only."},
    )
    shadow: float = field(
        default=0.0,
        metadata={
            "label": "Shadow",
            "help_text": "How dark the soft shadow is that a standing product casts where it touches the ground.",
            "minimum": 0.0,
            "maximum": 1.0,
        },
    )
    frame: str = field(
        default="original",
        metadata={"label": "Frame", "help_text": "How the product lies in the picture.", "choices": FRAMES},
    )
    margin: float = field(
        default=0.08,
        metadata={
            "label": "Margin",
            "help_text": "Kept free on each side of a square picture, as a share of its side.",
            "minimum": 0.0,
            "maximum": LARGEST_MARGIN,
        },
    )

    def __post_init__(self) -> None:
        for name, known in (("background", BACKGROUNDS), ("frame", FRAMES)):
            if getattr(self, name) not in known:
                raise InvalidParams(
                    f"The {name} must be one of {', '.join(known)}, not {getattr(self, name)!r}.", field=name
                )
        if not isinstance(self.colour, str) or not HEX.fullmatch(self.colour):
            raise InvalidParams(f"The colour must be written as #rrggbb, not {self.colour!r}.", field="colour")
        for name, most in (("shadow", 1.0), ("margin", LARGEST_MARGIN)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
                raise InvalidParams(f"The {name} must be between 0 and {most:g}, not {value!r}.", field=name)

    @property
    def ground(self) -> tuple[int, int, int] | None:
        """The background's colour, 0..255; None: transparent."""
        if self.background == "transparent":
            return None
        text = "#ffffff" if self.background == "white" else self.colour
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
