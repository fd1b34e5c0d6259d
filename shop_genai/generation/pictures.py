"""Pictures of any mode to plain RGB for a network, and back.

A network sees three 8-bit channels. Grey pictures are shown to it as grey RGB and come back grey; an alpha channel is
enlarged on its own. A colour profile describes the encoded values, which networks keep, so RGB and grey pictures
take theirs along. Whatever needs arithmetic is done in strips: a photo is never held as floating-point numbers whole.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageFilter

from shop_genai.errors import InvalidInputs

BLEED = 8  # pixels over which colour is spread under a transparent edge
REACH = 4 * BLEED  # farther than Pillow's blur of that radius looks
STRIP = 256  # rows that are worked on at a time
ORIENTATION = 0x0112  # the EXIF tag
TURNING = ("exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif")  # entries of `info` that can hold it
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Opened:
    """A picture, taken apart."""

    colour: Image.Image  # mode RGB
    alpha: Image.Image | None  # mode L
    grey: bool
    profile: bytes | None  # ICC


def upright(image: Image.Image) -> Image.Image:
    """The picture turned or mirrored as its EXIF says; the same object where it says nothing, or nothing sensible."""
    try:
        turn = image.getexif().get(ORIENTATION, 1)
    except Exception:  # noqa: BLE001 Pillow's EXIF reader raises whatever broken bytes provoke
        return image
    if turn not in TURNS:
        return image
    turned = image.transpose(TURNS[turn])
    # Else the turned picture would say that it still has to be turned.
    turned.info = {key: value for key, value in turned.info.items() if key not in TURNING}
    return turned


def take_apart(image: Image.Image, *, bleed: bool = True) -> Opened:
    """Any mode that a photo or a cut-out comes in → an upright RGB picture and the rest.

    16-bit grey becomes 8-bit. CMYK is converted to sRGB, through its own profile if it has a usable one.

    Args:
        image: the picture.
        bleed: spread the colours near a cut-out's edge under its transparent pixels, for networks that look beyond
            the edge; else what lies there stays.

    Raises:
        InvalidInputs: a mode with no picture meaning, such as floating-point maps.
    """
    profile = image.info.get("icc_profile")
    image = upright(image)
    if image.mode == "La":  # Pillow converts it to nothing but LA
        image = image.convert("LA")
    if image.mode in ("RGBA", "LA", "PA", "RGBa") or "transparency" in image.info:
        whole = image.convert("RGBA")
        colour = _bleed(whole) if bleed else whole.convert("RGB")
        return Opened(colour, whole.getchannel("A"), image.mode in ("1", "L", "LA"), profile)
    if image.mode == "I" or image.mode.startswith("I;16"):
        return Opened(_from_wide(image).convert("RGB"), None, True, profile)
    if image.mode in ("1", "L"):
        return Opened(image.convert("RGB"), None, True, profile)
    if image.mode == "CMYK":
        return Opened(_from_cmyk(image, profile), None, False, None)
    if image.mode in ("RGB", "RGBX", "P", "YCbCr", "HSV", "LAB"):
        return Opened(image if image.mode == "RGB" else image.convert("RGB"), None, False, profile)
    raise InvalidInputs(f"A picture of mode {image.mode} cannot be worked on.", field="image", mode=image.mode)


def put_together(colour: Image.Image, source: Opened) -> Image.Image:
    """The network's RGB picture → a picture of the source's kind: RGB, RGBA, L or LA. `colour` may be changed."""
    image = _to_grey(colour) if source.grey else colour
    if source.alpha is not None:
        same = source.alpha.size == image.size
        image.putalpha(source.alpha if same else source.alpha.resize(image.size, Image.Resampling.LANCZOS))
    image.info = {"icc_profile": source.profile} if source.profile else {}
    return image


def unchanged(image: Image.Image) -> Image.Image:
    """A picture that is returned as it came: the same mode and pixels, upright, no metadata but its profile."""
    turned = upright(image)
    result = turned.copy()
    result.info = {key: value for key, value in image.info.items() if key in ("icc_profile", "transparency")}
    return result


def visible(source: Opened) -> Image.Image:
    """The part of a picture that is not transparent."""
    box = source.alpha.getbbox() if source.alpha is not None else None
    return source.colour.crop(box) if box is not None else source.colour


def strips(height: int, width: int) -> Iterator[tuple[int, int, int, int]]:
    """Boxes (left, upper, right, lower) that cover a picture from top to bottom."""
    for top in range(0, height, STRIP):
        yield 0, top, width, min(top + STRIP, height)


def _to_grey(colour: Image.Image) -> Image.Image:
    """The mean of three nearly equal channels; a luma formula would weigh the network's rounding errors."""
    result = Image.new("L", colour.size)
    for box in strips(colour.height, colour.width):
        mean = np.asarray(colour.crop(box)).mean(axis=2, dtype=np.float32)
        result.paste(Image.fromarray(np.rint(mean).astype(np.uint8)), box)
    return result


def _from_wide(image: Image.Image) -> Image.Image:
    """16-bit grey → L."""
    result = Image.new("L", image.size)
    for box in strips(image.height, image.width):
        values = np.asarray(image.crop(box), dtype=np.float32) * np.float32(255 / 65535)
        result.paste(Image.fromarray(np.clip(np.rint(values), 0, 255).astype(np.uint8)), box)
    return result


def _bleed(image: Image.Image) -> Image.Image:
    """The colours of an RGBA picture, with those near visible ones spread under its fully transparent pixels.

    What lies under a transparent pixel is arbitrary; without this it would show as a fringe along the cut-out's edge.
    """
    result = image.convert("RGB")
    if image.getchannel("A").getextrema()[0] != 0:
        return result
    for left, top, right, bottom in strips(image.height, image.width):
        above, below = max(0, top - REACH), min(bottom + REACH, image.height)
        colours = _spread(image.crop((left, above, right, below)))[top - above : bottom - above]
        result.paste(Image.fromarray(colours), (left, top))
    return result


def _spread(image: Image.Image) -> NDArray[np.uint8]:
    """One strip of `_bleed`: (H, W, 3)."""
    rgba = np.asarray(image, dtype=np.float32)
    cover = rgba[:, :, 3:] / 255
    premultiplied = Image.fromarray(np.rint(rgba[:, :, :3] * cover).astype(np.uint8))
    spread = np.asarray(premultiplied.filter(ImageFilter.GaussianBlur(BLEED)), dtype=np.float32)
    blurred = image.getchannel("A").filter(ImageFilter.GaussianBlur(BLEED))
    weight = np.asarray(blurred, dtype=np.float32)[:, :, None] / 255
    filled = np.where(weight > 1 / 255, np.clip(spread / np.maximum(weight, 1 / 255), 0, 255), rgba[:, :, :3])
    colours = np.where(cover > 0, rgba[:, :, :3], filled)
    return np.rint(colours).astype(np.uint8)


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
