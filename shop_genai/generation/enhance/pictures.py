"""Pictures of any mode to plain RGB pixels for the network, and back.

The network sees three 8-bit channels. Grey pictures are shown to it as grey RGB and come back grey; an alpha channel is
enlarged on its own. A colour profile describes the encoded values, which the network keeps, so RGB and grey pictures
take theirs along.
"""

from __future__ import annotations

import io
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFilter

from shop_genai.errors import InvalidInputs

BLEED = 8  # pixels over which colour is spread under a transparent edge


@dataclass(frozen=True)
class Opened:
    """A picture, taken apart."""

    pixels: NDArray[np.uint8]  # (H, W, 3)
    alpha: Image.Image | None  # mode L
    grey: bool
    profile: bytes | None  # ICC


def take_apart(image: Image.Image) -> Opened:
    """Any mode that a photo or a cut-out comes in → RGB pixels and the rest.

    16-bit grey becomes 8-bit. CMYK is converted to sRGB, through its own profile if it has a usable one.

    Raises:
        InvalidInputs: a mode with no picture meaning, such as floating-point maps.
    """
    profile = image.info.get("icc_profile")
    if image.mode == "La":  # Pillow converts it to nothing but LA
        image = image.convert("LA")
    if image.mode in ("RGBA", "LA", "PA", "RGBa") or "transparency" in image.info:
        whole = image.convert("RGBA")
        alpha = whole.getchannel("A")
        colour = _bleed(whole)
        return Opened(np.asarray(colour), alpha, image.mode in ("1", "L", "LA"), profile)
    if image.mode == "I" or image.mode.startswith("I;16"):
        values = np.asarray(image, dtype=np.float64) * (255 / 65535)
        grey = np.clip(np.rint(values), 0, 255).astype(np.uint8)
        return Opened(np.repeat(grey[:, :, None], 3, axis=2), None, True, None)
    if image.mode in ("1", "L"):
        return Opened(np.asarray(image.convert("RGB")), None, True, profile)
    if image.mode == "CMYK":
        return Opened(np.asarray(_from_cmyk(image, profile)), None, False, None)
    if image.mode in ("RGB", "RGBX", "P", "YCbCr", "HSV", "LAB"):
        return Opened(np.asarray(image.convert("RGB")), None, False, profile)
    raise InvalidInputs(f"A picture of mode {image.mode} cannot be enhanced.", field="image", mode=image.mode)


def put_together(pixels: NDArray[np.uint8], source: Opened) -> Image.Image:
    """The network's (H, W, 3) pixels → a picture of the source's kind: RGB, RGBA, L or LA."""
    image = Image.fromarray(pixels)
    if source.grey:
        # The mean of three nearly equal channels; a luma formula would weigh the network's rounding errors.
        image = Image.fromarray(np.rint(pixels.mean(axis=2)).astype(np.uint8))
    if source.alpha is not None:
        image.putalpha(source.alpha.resize(image.size, Image.Resampling.LANCZOS))
    if source.profile:
        image.info["icc_profile"] = source.profile
    return image


def _bleed(image: Image.Image) -> Image.Image:
    """The colours of an RGBA picture, with those near visible ones spread under its fully transparent pixels.

    What lies under a transparent pixel is arbitrary; without this it would show as a fringe along the cut-out's edge.
    """
    rgba = np.asarray(image, dtype=np.float32)
    cover = rgba[:, :, 3:] / 255
    premultiplied = Image.fromarray(np.rint(rgba[:, :, :3] * cover).astype(np.uint8))
    spread = np.asarray(premultiplied.filter(ImageFilter.GaussianBlur(BLEED)), dtype=np.float32)
    blurred = image.getchannel("A").filter(ImageFilter.GaussianBlur(BLEED))
    weight = np.asarray(blurred, dtype=np.float32)[:, :, None] / 255
    filled = np.where(weight > 1 / 255, np.clip(spread / np.maximum(weight, 1 / 255), 0, 255), rgba[:, :, :3])
    colours = np.where(cover > 0, rgba[:, :, :3], filled)
    return Image.fromarray(np.rint(colours).astype(np.uint8))


def _from_cmyk(image: Image.Image, profile: bytes | None) -> Image.Image:
    if profile:
        try:
            converted = ImageCms.profileToProfile(
                image, io.BytesIO(profile), ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None  # a broken profile says nothing about the picture itself
        if converted is not None:
            return converted
    return image.convert("RGB")
