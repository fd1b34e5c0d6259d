"""What may be asked of accessories. Torch-free: web processes import it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from shop_genai.errors import InvalidParams

AUTO = "auto"
GLASSES, SUNGLASSES, EARRINGS, HAT, LIPSTICK, HAIR = "glasses", "sunglasses", "earrings", "hat", "lipstick", "hair"
KINDS = {
    GLASSES: "Glasses",
    SUNGLASSES: "Sunglasses",
    EARRINGS: "Earrings",
    HAT: "Hat",
    LIPSTICK: "Lipstick",
    HAIR: "Hair colour",
}
STYLES = {  # the first is what "auto" means
    GLASSES: ("round", "square", "cat_eye", "aviator"),
    SUNGLASSES: ("aviator", "square", "round", "cat_eye"),
    EARRINGS: ("hoop", "stud", "drop"),
    HAT: ("beanie", "cap", "fedora", "sun_hat"),
    LIPSTICK: ("satin", "matte", "gloss"),
    HAIR: ("natural",),
}
COLOURS = {  # where none is named
    "round": "#3a2a22",
    "square": "#1d1d20",
    "cat_eye": "#6b1f2f",
    "aviator": "#b8954a",
    "hoop": "#d2a649",
    "stud": "#e8e6e0",
    "drop": "#c9ccd2",
    "beanie": "#7c2f3a",
    "cap": "#2b3f63",
    "fedora": "#5b4a3d",
    "sun_hat": "#d9bf8c",
    "satin": "#a8223a",
    "matte": "#8c2f39",
    "gloss": "#c2405a",
    "natural": "#8a4a2b",
}
CHOICES = {AUTO: "As usual"} | {
    style: style.replace("_", " ").capitalize() for styles in STYLES.values() for style in styles
}
HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class AccessoryParams:
    """Parameters of one picture.

    Raises:
        InvalidParams: a value is none of the choices or out of range; `details["field"]` names it.
    """

    kind: str = field(
        default=GLASSES,
        metadata={"label": "Accessory", "help_text": "What is put on, or what is coloured.", "choices": KINDS},
    )
    style: str = field(
        default=AUTO,
        metadata={
            "label": "Style",
            "help_text": "Its form, or the finish of a lipstick. It is not used with a picture of the accessory.",
            "choices": CHOICES,
        },
    )
    colour: str = field(
        default=AUTO,
        metadata={
            "label": "Colour",
            "help_text": "As #rrggbb, or auto: the style's own, or that of the accessory's picture.",
        },
    )
    strength: float = field(
        default=0.85,
        metadata={
            "label": "Strength",
            "help_text": "Of lipstick and hair colour, and how dark sunglasses are: 0 is nothing, 1 all of it.",
            "minimum": 0.0,
            "maximum": 1.0,
        },
    )
    size: float = field(
        default=1.0,
        metadata={
            "label": "Size",
            "help_text": "Of what is put on: 1 fits the face.",
            "minimum": 0.7,
            "maximum": 1.4,
        },
    )

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise InvalidParams(f"The kind must be one of {', '.join(KINDS)}, not {self.kind!r}.", field="kind")
        if self.style != AUTO and self.style not in STYLES[self.kind]:
            known = ", ".join((AUTO, *STYLES[self.kind]))
            raise InvalidParams(f"The style of {self.kind} is one of {known}, not {self.style!r}.", field="style")
        if not isinstance(self.colour, str) or (self.colour != AUTO and not HEX.fullmatch(self.colour)):
            raise InvalidParams(f"The colour is #rrggbb or auto, not {self.colour!r}.", field="colour")
        for name, least, most in (("strength", 0.0, 1.0), ("size", 0.7, 1.4)):
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
                raise InvalidParams(f"The {name} must be between {least} and {most}, not {value!r}.", field=name)

    @property
    def form(self) -> str:
        """The style, with “auto” resolved."""
        return STYLES[self.kind][0] if self.style == AUTO else self.style

    def rgb(self, otherwise: Colour | None = None) -> Colour:
        """The colour, with “auto” resolved.

        Args:
            otherwise: the colour of the accessory's picture, if there is one.
        """
        if self.colour == AUTO and otherwise is not None:
            return otherwise
        text = COLOURS[self.form] if self.colour == AUTO else self.colour
        return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
