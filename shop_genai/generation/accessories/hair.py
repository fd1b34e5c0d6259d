"""Hair of another colour: lights, shades and strands stay, in CIELAB."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from shop_genai.generation.lab import lab, rgb

Plane = NDArray[np.floating]
Values = NDArray[np.float64]

SPREAD = 9.0  # of lightness: what strands of hair differ by
MOST = 2.6  # times: dark hair that becomes light shows its strands more, but noise is not blown up
LIGHTEST, DARKEST = 92.0, 4.0


def dyed(pixels: Values, cover: Plane, colour: tuple[int, int, int], strength: float) -> Values:
    """Pixels (..., 3), 0..255, with dyed hair where it covers.

    Args:
        cover: (...): how far hair covers each.
        colour: what the hair looks like in its middle tones, sRGB.
        strength: 0..1.
    """
    sure = cover > 0.7
    if not sure.any():
        return pixels
    own = lab(pixels)
    wanted = lab(np.array(colour, np.float64))
    # Light falls on hair unevenly; the middle is that of most of it.
    middle = np.median(own[sure], axis=0)
    spread = float(np.percentile(own[sure][:, 0], 84) - np.percentile(own[sure][:, 0], 16)) / 2
    lighter = wanted[0] > middle[0]
    gain = float(np.clip(SPREAD / max(spread, 1.0), 1.0, MOST)) if lighter else 1.0
    if not lighter:
        gain = float(np.clip((0.35 + 0.65 * wanted[0] / max(middle[0], 1.0)), 0.4, 1.0))
    # At hair's edge the ground shines through, lighter than any strand.
    lights = np.percentile(own[sure][:, 0], (0.5, 99)) - middle[0]
    differs = np.clip(own[..., 0] - middle[0], *lights)
    made = np.empty_like(own)
    made[..., 0] = _soft(wanted[0] + gain * differs)
    # Pigment shows most in middle tones: deep shade and glints have less of it.
    tone = np.clip(made[..., 0] / max(wanted[0], 1.0), 0, None)
    rich = np.clip(np.where(tone < 1, 0.35 + 0.65 * tone, 1 - 0.45 * (tone - 1)), 0.25, 1.0)[..., None]
    made[..., 1:] = wanted[1:] * rich + 0.25 * (own[..., 1:] - middle[1:])
    share = (cover * strength)[..., None]
    return np.asarray(pixels + share * (rgb(made) - pixels))


def _soft(lightness: Values) -> Values:
    """Lightness that approaches black and white instead of being cut off there."""
    high = LIGHTEST - 12
    bent = np.where(lightness > high, high + 12 * np.tanh((lightness - high) / 12), lightness)
    low = DARKEST + 8
    return np.asarray(np.where(bent < low, low - 8 * np.tanh((low - bent) / 8), bent))
