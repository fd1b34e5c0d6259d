"""What a shop may ask of the enhancer. Torch-free: web processes import it."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop_genai.errors import InvalidParams

SCALES = (1, 2, 4)
DEFAULT_STRENGTH = 0.5


@dataclass(frozen=True)
class EnhanceParams:
    """Parameters of one enhancement.

    Raises:
        InvalidParams: a value is out of range; `details["field"]` names it.
    """

    scale: int = field(
        default=2,
        metadata={
            "label": "Enlargement",
            "help_text": "Times the width and height. 1 cleans the picture without enlarging it.",
            "choices": SCALES,
        },
    )
    strength: float = field(
        default=DEFAULT_STRENGTH,
        metadata={
            "label": "Sharpness",
            "help_text": "0 is the safest restoration, 1 the crispest; in between, the two are blended.",
            "minimum": 0.0,
            "maximum": 1.0,
        },
    )

    def __post_init__(self) -> None:
        if isinstance(self.scale, bool) or self.scale not in SCALES:
            raise InvalidParams(f"The scale must be 1, 2 or 4, not {self.scale!r}.", field="scale")
        if isinstance(self.strength, bool) or not isinstance(self.strength, int | float) or not 0 <= self.strength <= 1:
            raise InvalidParams(f"The strength must be between 0 and 1, not {self.strength!r}.", field="strength")
