"""What the enhancer is compared with: plain resampling, and the classical methods that a shop could use instead."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
from PIL import Image, ImageFilter

Restorer = Callable[[Image.Image], Image.Image]
UNSHARP = ImageFilter.UnsharpMask(radius=2, percent=80, threshold=2)  # applied after enlarging
MEANS_STRENGTH = 4  # OpenCV's h, for luma and colour: about the noise of the inputs


def peers(scale: int) -> dict[str, Restorer]:
    """The methods for a scale, by name; non-local means only where OpenCV is installed (shop-genai[bench])."""

    def enlarged(how: Image.Resampling) -> Restorer:
        return lambda low: low.resize((low.width * scale, low.height * scale), how)

    bicubic = enlarged(Image.Resampling.BICUBIC)
    found: dict[str, Restorer] = {"input": lambda low: low}
    if scale > 1:
        found = {"bicubic": bicubic, "Lanczos": enlarged(Image.Resampling.LANCZOS)}
    found["unsharp"] = lambda low: bicubic(low).filter(UNSHARP)
    opencv = _opencv()
    if opencv is not None:
        found["non-local means"] = lambda low: bicubic(_means(opencv, low))
    return found


def grey_world(picture: Image.Image) -> Image.Image:
    """Each channel scaled to the common mean. Source: Buchsbaum 1980, "A spatial processor model", grey-world."""
    pixels = np.asarray(picture, dtype=np.float64)
    means = pixels.mean(axis=(0, 1))
    return Image.fromarray(np.clip(np.rint(pixels * means.mean() / np.maximum(means, 1)), 0, 255).astype(np.uint8))


def white_patch(picture: Image.Image) -> Image.Image:
    """Each channel scaled so that its 99th percentile becomes white: auto levels, as photo editors have it."""
    pixels = np.asarray(picture, dtype=np.float64)
    white = np.percentile(pixels, 99, axis=(0, 1))
    return Image.fromarray(np.clip(np.rint(pixels * 255 / np.maximum(white, 1)), 0, 255).astype(np.uint8))


def _opencv() -> ModuleType | None:
    try:
        import cv2
    except ImportError:
        return None
    return cv2  # type: ignore[no-any-return]  # a module


def _means(opencv: ModuleType, low: Image.Image) -> Image.Image:
    done = opencv.fastNlMeansDenoisingColored(np.asarray(low), None, MEANS_STRENGTH, MEANS_STRENGTH, 7, 21)
    return Image.fromarray(done)
