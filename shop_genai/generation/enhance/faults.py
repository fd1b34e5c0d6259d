"""What a shop's lamp and a phone's automatic do to a photo: too dark or too bright, too warm or too cool.

One function, `spoil`, makes the inputs for training and for the benchmark of exposure and colour-cast repair. NumPy
only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

HARMLESS_SHARE = 0.2  # of the photos that come as they are: a repair must learn to leave them alone


@dataclass(frozen=True)
class Fault:
    """A fault of the light; zeros leave a photo as it is."""

    exposure: float = 0.0  # stops; negative is too dark
    warmth: float = 0.0  # natural logarithm: red is multiplied by exp(warmth), blue divided by it
    tint: float = 0.0  # natural logarithm of green's factor
    curve: float = 0.0  # natural logarithm of an exponent on the encoded values; above 0 the middle tones are darker

    @property
    def harmless(self) -> bool:
        return self == Fault()


def sample(rng: np.random.Generator) -> Fault:
    """Draw a fault as shops make them: more often too dark than too bright, more often warm than cool."""
    if rng.random() < HARMLESS_SHARE:
        return Fault()
    exposure = float(np.clip(rng.normal(-0.45, 0.5), -1.6, 0.35))
    warmth = float(np.clip(rng.normal(0.05, 0.16), -0.35, 0.4))
    return Fault(exposure, warmth, float(np.clip(rng.normal(0, 0.05), -0.12, 0.12)), float(rng.uniform(-0.12, 0.2)))


def spoil(pixels: NDArray[np.uint8], fault: Fault) -> NDArray[np.uint8]:
    """A photo, (H, W, 3), as it would look under the fault. Exposure and colour act on linear light, as in a camera."""
    if fault.harmless:
        return pixels
    ramp = np.arange(256) / 255
    linear = np.where(ramp <= 0.04045, ramp / 12.92, ((ramp + 0.055) / 1.055) ** 2.4)
    gains = 2**fault.exposure * np.exp([fault.warmth, fault.tint, -fault.warmth])  # (3,)
    lit = np.clip(linear[:, None] * gains, 0, 1)  # (256, 3)
    encoded = np.where(lit <= 0.0031308, lit * 12.92, 1.055 * lit ** (1 / 2.4) - 0.055)
    curves = np.rint(255 * encoded ** np.exp(fault.curve)).astype(np.uint8)
    return np.stack([curves[pixels[:, :, channel], channel] for channel in range(3)], axis=2)
