"""What a shop may ask of the enhancer. Torch-free: web processes import it."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop_genai.errors import InvalidParams

from .presets import CUSTOM, PRESETS

SCALES = (1, 2, 4)
DEFAULT_STRENGTH = 0.5


@dataclass(frozen=True)
class EnhanceParams:
    """Parameters of one enhancement.

    Raises:
        InvalidParams: a value is out of range; `details["field"]` names it.
    """

    preset: str = field(
        default=CUSTOM,
        kw_only=True,
        metadata={
            "label": "Preset",
            "help_text": "Chooses the rest for each picture, from its size and its faults, and says why.",
            "choices": {CUSTOM: "As set below"} | {name: preset.label for name, preset in PRESETS.items()},
        },
    )
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
    light: float = field(
        default=0.0,
        metadata={
            "label": "Light",
            "help_text": "How much of a wrong exposure and of a colour cast is repaired: 0 nothing, 1 all of it.",
            "minimum": 0.0,
            "maximum": 1.0,
        },
    )

    def __post_init__(self) -> None:
        if self.preset != CUSTOM and self.preset not in PRESETS:
            known = ", ".join([CUSTOM, *PRESETS])
            raise InvalidParams(f"The preset must be one of {known}, not {self.preset!r}.", field="preset")
        if isinstance(self.scale, bool) or self.scale not in SCALES:
            raise InvalidParams(f"The scale must be 1, 2 or 4, not {self.scale!r}.", field="scale")
        for name in ("strength", "light"):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
                raise InvalidParams(f"The {name} must be between 0 and 1, not {value!r}.", field=name)
