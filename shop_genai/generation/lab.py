"""sRGB ↔ CIELAB, in which distances are about as large as colours look different. NumPy only.

Source: IEC 61966-2-1 (sRGB); ISO/CIE 11664-4:2019 (CIELAB). White is D65.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

TO_XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
WHITE = TO_XYZ.sum(axis=1)
DELTA = 6 / 29  # where the cube root becomes a straight line


def lab(rgb: Values) -> Values:
    """sRGB values 0..255, (..., 3) → CIELAB: L 0..100, a and b about -110..110."""
    value = rgb / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    relative = linear @ TO_XYZ.T / WHITE
    root = np.where(relative > DELTA**3, np.cbrt(relative), relative / (3 * DELTA**2) + 4 / 29)
    x, y, z = root[..., 0], root[..., 1], root[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def rgb(lab: Values) -> Values:
    """CIELAB (..., 3) → sRGB values 0..255; what sRGB cannot show is clipped, channel by channel."""
    y = (lab[..., 0] + 16) / 116
    root = np.stack([y + lab[..., 1] / 500, y, y - lab[..., 2] / 200], axis=-1)
    relative = np.where(root > DELTA, root**3, 3 * DELTA**2 * (root - 4 / 29))
    linear = np.clip(relative * WHITE @ np.linalg.inv(TO_XYZ).T, 0, 1)
    value = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(255 * value)


def difference(a: Values, b: Values) -> Values:
    """The CIE 1976 colour difference ΔE of CIELAB values, (..., 3) and (..., 3) → (...); about 2 is just seen."""
    return np.asarray(np.sqrt(np.sum((a - b) ** 2, axis=-1)))
