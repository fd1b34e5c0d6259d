"""What a shop may ask of the variant generator. Torch-free: web processes import it."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop_genai.errors import InvalidParams

from . import colours, looks

PRIOR, COLOUR, LOOK, APPEARANCE = "prior", "colour", "look", "appearance"
TARGETS = {
    PRIOR: "New looks, drawn at random",
    COLOUR: "A colour",
    LOOK: "A given look",
    APPEARANCE: "The look of another picture",
}
MOST = 12  # looks drawn together


@dataclass(frozen=True)
class VariantParams:
    """Parameters of one variant.

    Raises:
        InvalidParams: a value is out of range, or two of them contradict each other; `details["field"]` names it.
    """

    target: str = field(
        default=PRIOR,
        metadata={
            "label": "Target",
            "help_text": "Where the new look comes from. With a second picture, its look is taken.",
            "choices": TARGETS,
        },
    )
    colour: str = field(
        default="",
        metadata={
            "label": "Colour",
            "help_text": "For the target “A colour”: a name such as navy or mustard, or #rrggbb.",
        },
    )
    look: str = field(
        default="",
        metadata={
            "label": "Look",
            "help_text": "For the target “A given look”: a look of these weights, as text.",
        },
    )
    strength: float = field(
        default=1.0,
        metadata={
            "label": "Strength",
            "help_text": "How far the look goes towards the target: 0 leaves the picture as it is, 1 is all of it.",
            "minimum": 0.0,
            "maximum": 1.0,
        },
    )
    count: int = field(
        default=1,
        metadata={
            "label": "Number of looks",
            "help_text": "For new looks: so many are drawn together, as different from each other as possible.",
            "minimum": 1,
            "maximum": MOST,
        },
    )
    number: int = field(
        default=0,
        metadata={
            "label": "Which of them",
            "help_text": "For new looks: which of those drawn together this picture shows, counted from 0.",
            "minimum": 0,
            "maximum": MOST - 1,
        },
    )
    stocked: str = field(
        default="",
        metadata={
            "label": "Colours in stock",
            "help_text": "Colours that the shop really sells, separated by commas. Others are marked as previews.",
        },
    )
    stocked_only: bool = field(
        default=False,
        metadata={
            "label": "Only colours in stock",
            "help_text": "Moves the look to the nearest colour in stock.",
        },
    )

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            raise InvalidParams(f"The target must be one of {', '.join(TARGETS)}, not {self.target!r}.", field="target")
        if isinstance(self.strength, bool) or not isinstance(self.strength, int | float) or not 0 <= self.strength <= 1:
            raise InvalidParams(f"The strength must be between 0 and 1, not {self.strength!r}.", field="strength")
        _check_whole("count", self.count, 1, MOST)
        _check_whole("number", self.number, 0, self.count - 1)
        self._check_targets()
        if self.stocked_only and not self.in_stock.names:
            raise InvalidParams(
                "None of the colours in stock is known by name, so there is none to keep to.", field="stocked"
            )

    def _check_targets(self) -> None:
        """Each target's own parameter is there, and no other's, which would be ignored."""
        for name, target in (("colour", COLOUR), ("look", LOOK)):
            given = bool(getattr(self, name))
            if given and self.target != target:
                raise InvalidParams(f"A {name} was given, but the target is “{self.target}”.", field=name)
            if self.target == target and not given:
                raise InvalidParams(f"The target “{target}” needs a {name}.", field=name)
        if self.colour and colours.named(self.colour) is None and not colours.is_hex(self.colour):
            known = ", ".join(colours.NAMES)
            raise InvalidParams(f"The colour must be #rrggbb or one of: {known}; not {self.colour!r}.", field="colour")
        if self.look:
            try:
                looks.unpack(self.look)
            except ValueError as error:
                raise InvalidParams("The look is not one that the studio wrote.", field="look") from error

    @property
    def in_stock(self) -> colours.Found:
        """The stocked colours by the names used here."""
        return colours.read(self.stocked)


def _check_whole(name: str, value: object, least: int, most: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise InvalidParams(f"The {name} must be a whole number from {least} to {most}, not {value!r}.", field=name)
