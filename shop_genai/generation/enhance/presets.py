"""Presets: what a purpose asks of a picture, and how that becomes parameters. Free of torch and NumPy.

`decide` looks at a picture's size and at its measured faults (`quality.estimate`) and says what is done and why. It is
careful by design: sharpness is lowered where noise or JPEG blocks could be taken for detail, light is only touched
where it is visibly off, and a picture that needs nothing is left alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .quality import Quality

CUSTOM = "custom"  # no preset: the parameters count as they are
ENOUGH = 0.9  # share of the wanted size from which a picture counts as large enough: a tenth is not worth inventing

# A fault counts from these values on. The units are those of `Quality`; benchmarks/quality.py shows what they tell
# apart.
NOISY = 3.0
BLOCKY = 1.7
BLURRED = 1.2
DARK = 190.0
CAST = 10.0

CAREFUL = 0.25  # the sharpest allowed for a noisy or blocky picture
CRISP = 0.75  # `auto` for a blurred one

# What is said, in English; the figures are filled in by `Reason.text`. The admin translates the sentences.
SENTENCES = {
    "small": "The longer side has %(long)d pixels, %(aim)d are wanted: enlarged %(scale)d times.",
    "small_shrunk": "The longer side has %(long)d pixels, %(aim)d are wanted: enlarged %(scale)d times, then shrunk.",
    "too_small": "The longer side has %(long)d pixels, %(aim)d are wanted: enlarged %(scale)d times, not more.",
    "large_enough": "The longer side has %(long)d pixels, enough for the %(aim)d that are wanted: not enlarged.",
    "noisy": "Noise of %(noise).1f steps of 255: cleaned, with a sharpness of %(strength).2f.",
    "blocky": "JPEG blocks show (%(blockiness).1f, 1 is none): cleaned, with a sharpness of %(strength).2f.",
    "blurred": "The sharpest edges are blurred over %(blur).1f pixels: restored with a sharpness of %(strength).2f.",
    "dark": "The brightest parts reach %(white)d of 255: exposure is repaired by up to %(light)d percent.",
    "cast": "The brightest parts are tinted by %(cast)d steps of 255: colour is repaired by up to %(light)d percent.",
    "already_good": "No noise, JPEG blocks or blur worth mentioning: left exactly as it is.",
    "light_unavailable": "These weights cannot repair light and colour: both are left as they are.",
    "on_white": "The product is cut out and put on pure white.",
    "strength_unavailable": "These weights know one sharpness only, which was used.",
}


@dataclass(frozen=True)
class Reason:
    """Why something was done: a stable code, and the figures behind it."""

    code: str  # a key of SENTENCES
    figures: dict[str, float] = field(default_factory=dict, hash=False)

    @property
    def text(self) -> str:
        """The English sentence."""
        return SENTENCES[self.code] % self.figures

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {"code": self.code, "text": self.text, "figures": self.figures}


@dataclass(frozen=True)
class Decision:
    """What is done to one picture."""

    scale: int
    strength: float
    light: float
    reasons: tuple[Reason, ...] = ()
    size: tuple[int, int] | None = None  # width and height the result is shrunk to; None: as the network returns it
    leave: bool = False  # nothing is needed: the picture is returned as it came
    white: bool = False  # the product is then cut out and put on pure white

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON, for `Output.info`."""
        return {
            "scale": self.scale,
            "strength": self.strength,
            "light": self.light,
            "size": list(self.size) if self.size is not None else None,
            "white": self.white,
            "reasons": [reason.as_dict() for reason in self.reasons],
        }

    def because(self, code: str, **changes: Any) -> Decision:
        """The decision with changes and one more reason."""
        return replace(self, reasons=(*self.reasons, Reason(code)), **changes)


@dataclass(frozen=True)
class Preset:
    """What a purpose asks for."""

    label: str
    aim: int  # pixels wanted on the longer side
    exact: bool  # enlarged pictures are shrunk to the aim; never those that are larger by themselves
    strength: float  # for a picture without noise and blocks
    light: float  # of the repair, where light is off
    white: bool = False  # whether the product is put on pure white


PRESETS = {
    "auto": Preset("Automatic", aim=800, exact=False, strength=0.5, light=0.5),
    "catalogue": Preset("Catalogue, 1600 pixels", aim=1600, exact=True, strength=0.5, light=1.0),
    "marketplace": Preset(
        "Marketplace, 2000 pixels, true to the original", aim=2000, exact=True, strength=0.0, light=0.5
    ),
    "marketplace_white": Preset(
        "Marketplace, 2000 pixels, on pure white", aim=2000, exact=True, strength=0.0, light=0.5, white=True
    ),
    "zoom": Preset("Zoom, 3000 pixels, crisp", aim=3000, exact=True, strength=0.8, light=1.0),
}


def decide(preset: str, size: tuple[int, int], quality: Quality, scales: Sequence[int] = (1, 2, 4)) -> Decision:
    """Choose for one picture.

    Args:
        preset: a key of `PRESETS`.
        size: width and height in pixels.
        quality: the picture's measured faults.
        scales: what the weights can do, rising from 1.
    """
    wish = PRESETS[preset]
    scale, target, reason = _enlargement(wish, size, scales)
    noisy, blocky = quality.noise >= NOISY, quality.blockiness >= BLOCKY
    blurred = quality.blur >= BLURRED
    dark, cast = quality.white < DARK, quality.cast >= CAST
    at_last = (Reason("on_white"),) if wish.white else ()
    if scale == 1 and not (noisy or blocky or blurred or dark or cast):
        return Decision(1, 0.0, 0.0, (reason, Reason("already_good"), *at_last), leave=True, white=wish.white)
    strength = wish.strength
    if noisy or blocky:
        strength = min(strength, CAREFUL)
    elif blurred and preset == "auto":
        strength = max(strength, CRISP)
    light = wish.light if dark or cast else 0.0
    reasons = [reason]
    if noisy:
        reasons.append(Reason("noisy", {"noise": quality.noise, "strength": strength}))
    if blocky:
        reasons.append(Reason("blocky", {"blockiness": quality.blockiness, "strength": strength}))
    if blurred:
        reasons.append(Reason("blurred", {"blur": quality.blur, "strength": strength}))
    if dark:
        reasons.append(Reason("dark", {"white": quality.white, "light": 100 * light}))
    if cast:
        reasons.append(Reason("cast", {"cast": quality.cast, "light": 100 * light}))
    return Decision(scale, strength, light, (*reasons, *at_last), target, white=wish.white)


def _enlargement(
    wish: Preset, size: tuple[int, int], scales: Sequence[int]
) -> tuple[int, tuple[int, int] | None, Reason]:
    """The smallest scale that reaches the aim, the size to shrink to, and why."""
    long = max(size)
    figures: dict[str, float] = {"long": long, "aim": wish.aim}
    if long >= ENOUGH * wish.aim:
        return 1, None, Reason("large_enough", figures)
    scale = next((s for s in scales if long * s >= ENOUGH * wish.aim), scales[-1])
    figures["scale"] = scale
    if long * scale < ENOUGH * wish.aim:
        return scale, None, Reason("too_small", figures)
    if not wish.exact or long * scale <= wish.aim:
        return scale, None, Reason("small", figures)
    shrunk = (max(1, round(size[0] * wish.aim / long)), max(1, round(size[1] * wish.aim / long)))
    return scale, shrunk, Reason("small_shrunk", figures)
