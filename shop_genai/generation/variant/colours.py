"""The colour names of shops: what a measured colour is called, and which colours a shop's own words mean.

Plain Python: web processes import it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

Lab = Sequence[float]  # CIELAB: L, a, b

# What each name looks like as the mean over a product, folds and shadows included: CIELAB, typical colours first.
PROTOTYPES: dict[str, tuple[tuple[float, float, float], ...]] = {
    "black": ((12, 0, 0), (20, 0, -2)),
    "grey": ((50, 0, -1), (35, 1, -3), (65, 0, -1), (74, 0, -1)),
    "white": ((91, 0, 0), (84, 0, 0)),
    "cream": ((89, 0, 12),),
    "sand": ((82, 3, 6), (78, 4, 9)),
    "beige": ((72, 4, 15), (62, 6, 17)),
    "brown": ((40, 14, 20), (47, 10, 16), (28, 10, 12)),
    "olive": ((45, -5, 28), (33, -4, 18)),
    "khaki": ((60, 0, 24),),
    "red": ((44, 52, 32), (36, 43, 24), (51, 60, 40)),
    "burgundy": ((26, 33, 12), (32, 34, 10)),
    "coral": ((60, 44, 27), (68, 34, 22)),
    "peach": ((79, 11, 14), (83, 8, 11)),
    "orange": ((66, 35, 55), (68, 20, 45)),
    "rust": ((46, 32, 36),),
    "yellow": ((85, -8, 40), (83, 0, 65)),
    "mustard": ((66, 10, 56), (62, 8, 42)),
    "green": ((48, -30, 9), (37, -29, 13), (28, -24, 12), (38, -12, 8), (55, -40, 35)),
    "mint": ((79, -13, 9),),
    "teal": ((46, -25, -7), (36, -18, -7)),
    "turquoise": ((66, -28, -12),),
    "light blue": ((74, -4, -18), (66, -5, -26)),
    "blue": ((46, 5, -40), (55, 4, -50), (40, -2, -24), (30, 34, -58)),
    "navy": ((22, 6, -20), (17, 3, -12), (22, 14, -30)),
    "purple": ((40, 29, -35), (29, 29, -36), (55, 24, -33)),
    "plum": ((29, 30, -12), (38, 32, -14)),
    "lavender": ((66, 11, -24), (76, 6, -11)),
    "pink": ((72, 28, 2), (62, 40, 0), (82, 13, 3)),
    "magenta": ((48, 60, -10),),
}
NAMES = tuple(PROTOTYPES)

# Other words that mean one of the names; in Chinese, where words are not set apart, they are looked for anywhere.
WORDS: dict[str, str] = {
    **{name: name for name in NAMES if " " not in name},
    "gray": "grey",
    "charcoal": "grey",
    "silver": "grey",
    "ivory": "cream",
    "ecru": "cream",
    "natural": "beige",
    "nude": "beige",
    "camel": "beige",
    "taupe": "beige",
    "tan": "brown",
    "chocolate": "brown",
    "maroon": "burgundy",
    "wine": "burgundy",
    "bordeaux": "burgundy",
    "salmon": "coral",
    "gold": "mustard",
    "ochre": "mustard",
    "lime": "green",
    "forest": "green",
    "emerald": "green",
    "petrol": "teal",
    "aqua": "turquoise",
    "cyan": "turquoise",
    "denim": "blue",
    "sky": "light blue",
    "indigo": "navy",
    "violet": "purple",
    "lilac": "lavender",
    "aubergine": "plum",
    "rose": "pink",
    "fuchsia": "magenta",
}
PHRASES: dict[str, str] = {
    "off-white": "white",
    "off white": "white",
    "light blue": "light blue",
    "sky blue": "light blue",
    "navy blue": "navy",
    "dark blue": "navy",
    "米白": "cream",
    "藏青": "navy",
    "深蓝": "navy",
    "天蓝": "light blue",
    "浅蓝": "light blue",
    "卡其": "khaki",
    "酒红": "burgundy",
    "珊瑚": "coral",
    "橄榄": "olive",
    "薄荷": "mint",
    "薰衣草": "lavender",
    "黑": "black",
    "白": "white",
    "灰": "grey",
    "米": "beige",
    "沙": "sand",
    "棕": "brown",
    "褐": "brown",
    "红": "red",
    "橙": "orange",
    "橘": "orange",
    "黄": "yellow",
    "绿": "green",
    "青": "teal",
    "蓝": "blue",
    "紫": "purple",
    "粉": "pink",
}
SEPARATORS = re.compile(r"[,;/+&|、，；]")
HEX = re.compile(r"#[0-9a-f]{6}", re.IGNORECASE)
TOLERANCE = 8.0  # ΔE by which a colour may be nearer to another name and still pass for this one


@dataclass(frozen=True)
class Found:
    """What a shop's own words for colours mean here."""

    names: tuple[str, ...]  # of `NAMES`, in the order of the words, each once
    unknown: tuple[str, ...] = ()  # parts in which no colour was found


def read(text: str) -> Found:
    """A list such as "white/navy, Forest green" → names. A part may hold several: "white with navy stripes"."""
    names: list[str] = []
    unknown: list[str] = []
    for part in SEPARATORS.split(text.lower()):
        found = _in_part(part)
        names += found
        if part.strip() and not found:
            unknown.append(part.strip())
    return Found(tuple(dict.fromkeys(names)), tuple(unknown))


def named(text: str) -> str | None:
    """The one name that a text means; None if it means none, or several."""
    found = read(text)
    return found.names[0] if len(found.names) == 1 and not found.unknown else None


def nearest(lab: Lab) -> str:
    """The name of a colour: that of the nearest prototype."""
    return min(NAMES, key=lambda name: distance(lab, name))


def fits(lab: Lab, name: str) -> bool:
    """Whether a colour may be called that, though another name may be a little nearer."""
    return distance(lab, name) <= distance(lab, nearest(lab)) + TOLERANCE


def means(lab: Lab, name: str) -> bool:
    """Whether a colour is so near to a name that nobody would object. Slate blue is nearest to grey, and is not."""
    return distance(lab, name) <= TOLERANCE


def distance(lab: Lab, name: str) -> float:
    """ΔE (CIE 1976) from a colour to the nearest prototype of a name."""
    return min(math.dist(lab, prototype) for prototype in PROTOTYPES[name])


def is_hex(text: str) -> bool:
    return HEX.fullmatch(text) is not None


def from_hex(text: str) -> tuple[int, int, int]:
    """ "#rrggbb" → sRGB values 0..255.

    Raises:
        ValueError: it is not of that form.
    """
    if not is_hex(text):
        raise ValueError(f"not a colour of the form #rrggbb: {text!r}")
    red, green, blue = (int(text[at : at + 2], 16) for at in (1, 3, 5))
    return red, green, blue


def to_hex(rgb: Sequence[float]) -> str:
    """sRGB values 0..255 → "#rrggbb", rounded."""
    return "#" + "".join(f"{min(255, max(0, round(float(value)))):02x}" for value in rgb)


def _in_part(part: str) -> list[str]:
    """Names in the order in which their words stand; a word that was part of a longer one does not count again."""
    places: list[tuple[int, str]] = []
    for phrase in sorted(PHRASES, key=len, reverse=True):
        while (at := part.find(phrase)) >= 0:
            places.append((at, PHRASES[phrase]))
            part = part[:at] + " " * len(phrase) + part[at + len(phrase) :]
    places += [(m.start(), WORDS[m.group()]) for m in re.finditer(r"[a-z]+", part) if m.group() in WORDS]
    return [name for _, name in sorted(places)]
