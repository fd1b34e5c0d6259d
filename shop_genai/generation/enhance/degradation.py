"""What happens to a shop's photo on its way to the shop: blur, shrinking, noise, JPEG.

One function, `degrade`, makes the inputs for training and for the benchmark. It is a pure function of the picture, the
scale and a `Degradation`, which `sample` draws from a seeded generator; numpy and Pillow only.

The ranges are those of shop photos, deliberately milder than those of Real-ESRGAN, whose extremes teach a network to
smooth fabric. Source for the second-order idea: Wang et al. 2021, "Real-ESRGAN", section 3.2.
"""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

FILTERS = {"area": Image.Resampling.BOX, "bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
CLEAN_SHARE = 0.10  # pairs that are only shrunk
SECOND_ORDER_SHARE = 0.30  # pairs that go through blur, noise and JPEG once more, in their small size
DOUBLE_JPEG_SHARE = 0.25  # pairs saved twice, the second time on a shifted block grid


@dataclass(frozen=True)
class Blur:
    """A Gaussian that may be longer in one direction."""

    sigma_x: float  # pixels, along the first axis of the ellipse
    sigma_y: float  # pixels, along the second
    angle: float  # radians, of the first axis against the picture's x axis


@dataclass(frozen=True)
class Noise:
    """Gaussian sensor noise."""

    sigma: float  # standard deviation in steps of 1/255
    grey: bool  # the same noise in all three channels
    seed: int


@dataclass(frozen=True)
class Jpeg:
    """One save as JPEG."""

    quality: int  # Pillow's scale, 35 to 95
    subsampling: int  # Pillow's code: 0 is 4:4:4, 2 is 4:2:0
    shift: tuple[int, int] = (0, 0)  # pixels between this save's block grid and the picture's corner, x and y


@dataclass(frozen=True)
class Degradation:
    """Everything that is done to one picture, in this order; the shrinking comes after the first blur."""

    shrink: str  # a key of FILTERS
    blurs: tuple[Blur, ...] = ()  # the first before, the second after shrinking
    noises: tuple[Noise, ...] = ()
    jpegs: tuple[Jpeg, ...] = ()


def seeded(name: str, scale: int) -> np.random.Generator:
    """The random generator that belongs to a picture's file name at a scale; the same on every machine."""
    digest = hashlib.sha256(f"{name}:x{scale}".encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))


def sample(rng: np.random.Generator) -> Degradation:
    """Draw a degradation from the distribution of shop photos."""
    shrink = str(rng.choice(list(FILTERS)))
    if rng.random() < CLEAN_SHARE:
        return Degradation(shrink)
    second = rng.random() < SECOND_ORDER_SHARE
    blurs, noises, jpegs = [_blur(rng, 2.0)], [_noise(rng, 12.0)], [_jpeg(rng)]
    if rng.random() < DOUBLE_JPEG_SHARE:
        jpegs.append(_jpeg(rng, shifted=True))
    if second:
        blurs.append(_blur(rng, 0.8))
        noises.append(_noise(rng, 5.0))
        jpegs.append(_jpeg(rng, shifted=True))
    return Degradation(shrink, tuple(blurs), tuple(noises), tuple(jpegs))


def degrade(picture: Image.Image, scale: int, how: Degradation) -> Image.Image:
    """The low-quality version of an RGB picture, `1/scale` of its size (which must be divisible)."""
    width, height = picture.size
    if picture.mode != "RGB" or width % scale or height % scale:
        raise ValueError(f"expected an RGB picture of a size divisible by {scale}, got {picture.mode} {picture.size}")
    pixels = np.asarray(picture, dtype=np.float32)  # (H, W, 3), 0..255
    if how.blurs:
        pixels = blur(pixels, how.blurs[0])
    pixels = _shrink(pixels, scale, how.shrink)  # (h, w, 3)
    if how.noises:
        pixels = add_noise(pixels, how.noises[0])
    second_order = len(how.blurs) > 1
    last = len(how.jpegs) - 1 if second_order else len(how.jpegs)
    for save in how.jpegs[:last]:
        pixels = save_as_jpeg(pixels, save)
    if second_order:
        pixels = add_noise(blur(pixels, how.blurs[1]), how.noises[1])
        pixels = save_as_jpeg(pixels, how.jpegs[last])
    return Image.fromarray(_rounded(pixels))


def blur(pixels: NDArray[np.float32], how: Blur) -> NDArray[np.float32]:
    """Gaussian blur of (H, W, C) with mirrored borders.

    Done by multiplying the spectrum with the Gaussian's own transform exp(-w' S w / 2), S being the covariance: no
    kernel has to be cut off, and a slanted ellipse costs what a circle costs.
    """
    margin = int(np.ceil(3 * max(how.sigma_x, how.sigma_y))) + 1
    padded = np.pad(pixels, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")
    height, width = padded.shape[:2]
    frequency_y = 2 * np.pi * np.fft.fftfreq(height)[:, None]  # radians per pixel
    frequency_x = 2 * np.pi * np.fft.rfftfreq(width)[None, :]
    cos, sin = np.cos(how.angle), np.sin(how.angle)
    along = frequency_x * cos + frequency_y * sin
    across = frequency_y * cos - frequency_x * sin
    transfer = np.exp(-0.5 * ((how.sigma_x * along) ** 2 + (how.sigma_y * across) ** 2)).astype(np.float32)
    spectrum = np.fft.rfft2(padded, axes=(0, 1)) * transfer[:, :, None]
    smooth = np.fft.irfft2(spectrum, s=(height, width), axes=(0, 1))
    return smooth[margin:-margin, margin:-margin].astype(np.float32)


def add_noise(pixels: NDArray[np.float32], how: Noise) -> NDArray[np.float32]:
    """Add Gaussian noise to (H, W, C), values 0..255, not clipped."""
    shape = (*pixels.shape[:2], 1 if how.grey else pixels.shape[2])
    noise = np.random.default_rng(how.seed).standard_normal(shape, dtype=np.float32)
    return pixels + how.sigma * noise


def save_as_jpeg(pixels: NDArray[np.float32], how: Jpeg) -> NDArray[np.float32]:
    """Through a JPEG file and back; a shift moves the 8x8 block grid against the picture."""
    shift_x, shift_y = how.shift
    padded = np.pad(_rounded(pixels), ((shift_y, 0), (shift_x, 0), (0, 0)), mode="edge")
    file = io.BytesIO()
    Image.fromarray(padded).save(file, "JPEG", quality=how.quality, subsampling=how.subsampling)
    with Image.open(file) as decoded:
        return np.asarray(decoded, dtype=np.float32)[shift_y:, shift_x:]


def _blur(rng: np.random.Generator, largest: float) -> Blur:
    sigma = float(rng.uniform(0.2, largest))
    if rng.random() < 0.5:
        return Blur(sigma, sigma, 0.0)
    return Blur(sigma, float(rng.uniform(0.2, largest)), float(rng.uniform(0, np.pi)))


def _noise(rng: np.random.Generator, largest: float) -> Noise:
    return Noise(float(rng.uniform(0, largest)), bool(rng.random() < 1 / 3), int(rng.integers(2**32)))


def _jpeg(rng: np.random.Generator, shifted: bool = False) -> Jpeg:
    shift = (int(rng.integers(8)), int(rng.integers(8))) if shifted else (0, 0)
    return Jpeg(int(rng.integers(35, 96)), 2 if rng.random() < 0.7 else 0, shift)


def _shrink(pixels: NDArray[np.float32], scale: int, name: str) -> NDArray[np.float32]:
    if scale == 1:
        return pixels
    size = (pixels.shape[1] // scale, pixels.shape[0] // scale)
    channels = [Image.fromarray(np.ascontiguousarray(pixels[:, :, c])).resize(size, FILTERS[name]) for c in range(3)]
    return np.stack([np.asarray(channel, dtype=np.float32) for channel in channels], axis=2)


def _rounded(pixels: NDArray[np.float32]) -> NDArray[np.uint8]:
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)
