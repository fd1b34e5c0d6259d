"""How far an edited product is from the photo that it should be, and whether its structure stayed."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.lab import difference, lab

Pixels = NDArray[np.uint8]
Values = NDArray[np.float64]
Inside = NDArray[np.bool_]

LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601
BORDER = 7  # pixels: the side of the square by which masks shrink before gradients are looked at
FLAT = 1.0  # root mean square of a gradient, steps of 255, below which rounding to 8 bits is a part of it that counts


def psnr(output: Values, target: Values) -> float:
    """Peak signal-to-noise ratio over pixels (N, 3) in 0..255, dB; infinite for equal ones."""
    error = float(np.mean((output - target) ** 2))
    return 10 * math.log10(255**2 / error) if error else math.inf


def delta_e(output: Values, target: Values) -> float:
    """Mean CIE 1976 colour difference, pixel by pixel, of (N, 3) in 0..255."""
    return float(difference(lab(output), lab(target)).mean())


def delta_e_of_means(output: Values, target: Values) -> float:
    """CIE 1976 difference between the mean colours; the pixels need not belong together."""
    return float(difference(lab(output).mean(axis=0), lab(target).mean(axis=0)))


def inner(mask: Image.Image) -> Inside:
    """(H, W): the product without its border, where gradients are those of the cloth."""
    return np.asarray(mask.filter(ImageFilter.MinFilter(BORDER))) > 0


def gradient_correlation(source: Pixels, output: Pixels, inside: Inside) -> float | None:
    """How much the edges and folds of the output's luma are those of the source's: 1 is the same but for its strength.

    The correlation of central differences, along both axes together. A black or a blown-out product may have hardly
    any gradients left that 8 bits can hold: below `FLAT` on either side there is nothing to compare, and no figure.
    """
    a, b = (_gradients(picture)[:, inside].ravel() for picture in (source, output))
    power = float(np.mean(a * a)), float(np.mean(b * b))
    if min(power) < FLAT**2:
        return None
    return float(np.mean(a * b) / math.sqrt(power[0] * power[1]))


def _gradients(picture: Pixels) -> Values:
    """Central differences of luma, in steps of 255 per two pixels: (2, H, W)."""
    luma = picture.astype(np.float64) @ LUMA
    found = np.zeros((2, *luma.shape))
    found[0, 1:-1] = luma[2:] - luma[:-2]
    found[1, :, 1:-1] = luma[:, 2:] - luma[:, :-2]
    return found
