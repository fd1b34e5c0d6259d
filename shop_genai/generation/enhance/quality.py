"""What is wrong with a picture, measured without a better copy: blur, noise, JPEG blocks, darkness and colour cast.

At most `SAMPLES` squares of full-resolution pixels are looked at, spread evenly, so that a large photo costs no more
than one of a megapixel or two, and neither noise nor block edges are averaged away by shrinking.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SIDE = 192  # pixels of a sample's side; a multiple of 8, so that JPEG's grid lies alike in all samples
SAMPLES = (6, 6)  # rows and columns of samples
BLOCK = 16  # pixels of the side of the patches in which noise is measured
QUIET = 0.2  # the share of patches, the quietest first, whose median counts as the noise
TAIL = 0.93  # what that median is of the true sigma when there is nothing but noise: the quietest are too quiet
CLIPPED = (6, 249)  # values outside may have been cut off; noise there would be measured too small
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
EDGES = 0.02  # the share of pixels, the steepest, that count as edges
REBLUR = 1.0  # sigma in pixels, of the known blur that the unknown one is compared with
LOUD = 2.5  # noise from which it would pass for sharp edges
SHARPEST = 0.3  # quantile of the edges' widths: soft shadows and backgrounds are no fault of the picture
BRIGHT = 0.8  # share of the white's luma from which a pixel is bright
GREYISH = 48.0  # steps of 1/255 between its channels, below which it could be a grey in coloured light
GREYS = 0.05  # share of the picture that such pixels must make up
SEEN = 1.0  # steps of 1/255: block edges far below cannot be seen, however much smoother the rest is
CAP = 12.0  # steps of 1/255: the picture's own edges say nothing of JPEG blocks


@dataclass(frozen=True)
class Quality:
    """The faults of a picture."""

    width: int
    height: int
    blur: float  # sigma of a Gaussian in pixels, at the sharpest edges; about 0.5 is as sharp as pixels can be
    noise: float  # standard deviation in steps of 1/255
    blockiness: float  # steps across the edges of 8x8 blocks against those inside; 1: none
    grid: tuple[int, int]  # where the block grid lies, x and y in 0..7; (0, 0) where no picture was cut
    white: float  # luma that 99 % of the pixels stay below, 0..255
    cast: float  # largest difference between the means of the channels over the bright greys, 0..255; 0 without such


def estimate(pixels: NDArray[np.uint8]) -> Quality:
    """Measure (H, W, 3) pixels of any size. Deterministic; seconds never, whatever the size."""
    samples = list(_samples(pixels))
    lumas = [sample @ LUMA for sample in samples]
    block, grid = _blockiness(lumas)
    white, cast = _light(samples)
    # One channel: luma would average independent noise of three channels and call it less than it is.
    noise = _noise([sample[:, :, 1] for sample in samples])
    return Quality(
        width=pixels.shape[1],
        height=pixels.shape[0],
        blur=_blur(lumas, noise),
        noise=noise,
        blockiness=block,
        grid=grid,
        white=white,
        cast=cast,
    )


def _samples(pixels: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
    """Squares at multiples of 8, spread evenly; all of a small picture."""
    places = [_places(length, count) for length, count in zip(pixels.shape[:2], SAMPLES, strict=True)]
    for top, bottom in places[0]:
        for left, right in places[1]:
            yield pixels[top:bottom, left:right].astype(np.float32)


def _places(length: int, count: int) -> list[tuple[int, int]]:
    if length <= SIDE * count:
        return [(start, min(start + SIDE, length)) for start in range(0, length, SIDE)]
    starts = [(length - SIDE) * i // (count - 1) // 8 * 8 for i in range(count)]
    return [(start, start + SIDE) for start in starts]


def _noise(channels: list[NDArray[np.float32]]) -> float:
    """Sigma of what remains after a filter that removes planes and straight edges, in the quietest patches.

    Source: Immerkaer 1996, "Fast Noise Variance Estimation", eq. 2 (the filter). The mean there takes texture for
    noise; a patch's median absolute deviation, and of the patches only the quietest, hardly do.
    """
    found: list[NDArray[np.float64]] = []
    for values in channels:
        if min(values.shape) < BLOCK + 2:
            continue
        rows = values[:-2] - 2 * values[1:-1] + values[2:]
        rest = rows[:, :-2] - 2 * rows[:, 1:-1] + rows[:, 2:]  # (H-2, W-2), standard deviation 6 sigma
        patches = _patches(rest)
        inner = _patches(values[1:-1, 1:-1])
        clipped = ((inner < CLIPPED[0]) | (inner > CLIPPED[1])).mean(axis=1)
        deviations = np.median(np.abs(patches), axis=1) / (0.6745 * 6)
        found.append(deviations[clipped < 0.05].astype(np.float64))
    sigmas = np.sort(np.concatenate(found)) if found else np.empty(0)
    if not sigmas.size:
        return 0.0
    return float(np.median(sigmas[: max(1, round(QUIET * sigmas.size))]) / TAIL)


def _patches(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) → (patches, BLOCK²)."""
    height, width = values.shape[0] // BLOCK * BLOCK, values.shape[1] // BLOCK * BLOCK
    cut = values[:height, :width].reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK)
    return cut.swapaxes(1, 2).reshape(-1, BLOCK * BLOCK)


def _blockiness(lumas: list[NDArray[np.float32]]) -> tuple[float, tuple[int, int]]:
    """How much rougher the picture is across one of eight columns (and rows) than across the others, and which.

    Source: Wang, Sheikh and Bovik 2002, "No-Reference Perceptual Quality Assessment of JPEG Compressed Images", eq. 1
    (steps across block edges), as a ratio and for every position of the grid.
    """
    ratios, offsets = [], []
    for axis in (1, 0):
        sums, counts = np.zeros(8), np.zeros(8)
        for luma in lumas:
            if luma.shape[axis] < 18:
                continue
            step = np.diff(luma if axis else luma.T, axis=1)
            # How far a step stands out from its neighbours; a slope has equal steps and does not.
            out = np.abs(step[:, 1:-1] - (step[:, :-2] + step[:, 2:]) / 2)
            profile = np.minimum(out, CAP).mean(axis=0)
            phase = (np.arange(profile.size) + 2) % 8  # of the pixel behind the step
            sums += np.bincount(phase, profile, 8)
            counts += np.bincount(phase, minlength=8)
        if not counts.all() or not sums.any():
            return 1.0, (0, 0)
        means = sums / counts
        offset = int(means.argmax())
        # Two steps beside an edge between blocks share in it, so they do not count as inside.
        inside = np.median([means[(offset + i) % 8] for i in range(2, 7)])
        ratios.append(float((means[offset] + SEEN) / (inside + SEEN)))
        offsets.append(offset)
    return float(np.mean(ratios)), (offsets[0], offsets[1])


def _blur(lumas: list[NDArray[np.float32]], noise: float) -> float:
    """Sigma of the blur at the sharpest edges: how much a further, known blur flattens them.

    A noisy picture is first blurred by as much again, which is taken off the result: noise is sharp.

    Source: Zhuo and Sim 2011, "Defocus map estimation from a single image", eq. 4 and 5.
    """
    calmed = noise > LOUD
    steep, ratios = [], []
    for luma in lumas:
        if min(luma.shape) < 16:
            continue
        if calmed:
            luma = _smooth(luma)
        before, after = _gradient(luma)[4:-4, 4:-4], _gradient(_smooth(luma))[4:-4, 4:-4]
        steep.append(before.ravel())
        ratios.append((before / np.maximum(after, 1e-3)).ravel())
    if not steep:
        return 0.0
    gradients, ratio = np.concatenate(steep), np.concatenate(ratios)
    edges = gradients >= max(float(np.quantile(gradients, 1 - EDGES)), 4.0)
    if not edges.any():
        return 0.0
    sigma = REBLUR / np.sqrt(np.maximum(ratio[edges].astype(np.float64) ** 2 - 1, 1e-2))
    found = float(np.quantile(sigma, SHARPEST))
    return float(np.sqrt(max(found**2 - REBLUR**2, 0))) if calmed else found


def _gradient(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """Length of the gradient by central differences, one pixel smaller on each side."""
    y, x = luma[2:, 1:-1] - luma[:-2, 1:-1], luma[1:-1, 2:] - luma[1:-1, :-2]
    length: NDArray[np.float32] = np.hypot(y, x) / 2
    return length


def _smooth(luma: NDArray[np.float32]) -> NDArray[np.float32]:
    """A Gaussian of `REBLUR`, borders repeated."""
    taps = np.exp(-0.5 * (np.arange(-3, 4) / REBLUR) ** 2).astype(np.float32)
    taps /= taps.sum()
    for axis in (0, 1):
        padded = np.pad(luma, [(3, 3) if a == axis else (0, 0) for a in (0, 1)], mode="edge")
        length = luma.shape[axis]
        luma = sum((tap * padded.take(range(i, i + length), axis) for i, tap in enumerate(taps)), np.zeros_like(luma))
    return luma


def _light(samples: list[NDArray[np.float32]]) -> tuple[float, float]:
    """The luma that all but a hundredth stay below, and the tint of what could be white or grey.

    Bright pixels with hardly any colour are taken for such, if there are enough; a bright red dress says nothing.
    """
    colours = np.concatenate([sample[::4, ::4].reshape(-1, 3) for sample in samples])  # (N, 3)
    luma = colours @ LUMA
    white = float(np.quantile(luma, 0.99))
    bright = colours[luma >= BRIGHT * white]
    grey = bright[np.ptp(bright, axis=1) < GREYISH]
    if len(grey) < max(GREYS * len(colours), len(bright) / 2):
        return white, 0.0
    return white, float(np.ptp(grey.mean(axis=0)))
