"""What a picture's own colours say of a coarse mask.

The network has seen a few hundred garments; this shirt on this floor it has not. But once it has found most of it, the
colours of the shirt and those of the floor are known, and where only one of the two has a colour, that decides. Where
both have it (white on white) nothing changes.

Source: the colour models of Boykov and Jolly 2001, "Interactive Graph Cuts", section 3, and of Rother, Kolmogorov and
Blake 2004, "GrabCut", section 3: here histograms, started from the network's probabilities, which also take the place
of the graph; neighbours are brought into line by the guided filter afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Values = NDArray[np.float32]
BINS = 16  # of each channel
DOUBT = 1e-3  # no pixel is surer than this of being something, or not
RARE = 1e-4  # added to each colour's share, so that colours seen once decide little


@dataclass(frozen=True)
class Evidence:
    """How much colours count."""

    weight: float  # of a colour's log likelihood ratio against the network's own log odds
    most: float  # that a colour can say, either way, in nats
    rounds: int


ALONE = Evidence(1.0, 4.0, 2)  # things alone: theirs are the only colours besides the ground's
WORN = Evidence(0.5, 4.0, 2)  # skin, hair and other clothes may well have the garment's colours


def weighed(picture: Image.Image, coarse: Values, how: Evidence) -> Values:
    """A coarse mask, (h, w) in 0..1 of an RGB picture of any size, with the evidence of the colours added."""
    colours = _binned(picture, coarse.shape)
    chance = np.clip(coarse.astype(np.float64), DOUBT, 1 - DOUBT)
    odds = np.log(chance / (1 - chance))
    for _ in range(how.rounds):
        # Squared: what is uncertain says little of either.
        inside, outside = histogram(colours, chance**2), histogram(colours, (1 - chance) ** 2)
        ratio = np.clip(np.log((inside + RARE) / (outside + RARE)), -how.most, how.most)
        chance = 1 / (1 + np.exp(-(odds + how.weight * ratio[colours])))
    return chance.astype(np.float32)


def histogram(colours: NDArray[np.intp], weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of each colour, (BINS³,), smoothed over neighbouring bins; sums to 1."""
    counts = np.bincount(colours.ravel(), weights.ravel(), BINS**3).reshape(BINS, BINS, BINS)
    for axis in range(3):
        padded = np.pad(counts, [(1, 1) if each == axis else (0, 0) for each in range(3)], mode="edge")
        before, after = padded.take(range(BINS), axis), padded.take(range(2, BINS + 2), axis)
        counts = 0.25 * before + 0.5 * counts + 0.25 * after
    shares: NDArray[np.float64] = counts.ravel() / max(float(counts.sum()), 1e-9)
    return shares


def _binned(picture: Image.Image, shape: tuple[int, ...]) -> NDArray[np.intp]:
    """The number of each pixel's colour at the coarse mask's resolution."""
    small = picture.resize((shape[1], shape[0]), Image.Resampling.BOX)
    channels = np.asarray(small).astype(np.intp) * BINS // 256
    return (channels[:, :, 0] * BINS + channels[:, :, 1]) * BINS + channels[:, :, 2]
