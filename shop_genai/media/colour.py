"""Whatever a file holds → 8-bit sRGB in mode RGB, RGBA or L, with nothing of the file left but pixels."""

from __future__ import annotations

import io
import logging

from PIL import Image, ImageCms

logger = logging.getLogger(__name__)

ORIENTATION = 0x0112  # the EXIF tag
MAX_PROFILE_BYTES = 4 * 1024 * 1024  # real display and press profiles stay below; larger ones are ignored
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_WIDE = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")  # grey with more than 8 bits
_GREY = ("1", "L")


def orientation(picture: Image.Image) -> int:
    """The EXIF orientation, 1 to 8. Damaged EXIF counts as upright: nobody is refused for metadata."""
    try:
        value = picture.getexif().get(ORIENTATION, 1)
    except Exception as error:  # noqa: BLE001 Pillow's EXIF reader raises whatever the bytes provoke
        logger.info("EXIF ignored: %s", error)
        return 1
    return value if value in _TURNS else 1


def upright(picture: Image.Image, turn: int) -> Image.Image:
    """The picture turned or mirrored as EXIF orientation ``turn`` says; the same object for 1."""
    return picture.transpose(_TURNS[turn]) if turn in _TURNS else picture


def to_srgb(picture: Image.Image) -> Image.Image:
    """A loaded picture of any mode → a new one in RGB, L, or RGBA if something is transparent; no ``info``.

    An embedded profile is applied. One that is damaged, huge or made for other channels is ignored, as
    browsers do.
    """
    profile = picture.info.get("icc_profile")
    plain = _eight_bits(picture)
    if profile:
        plain = _profile_applied(plain, profile)
    if plain.mode not in ("RGB", "RGBA", "L"):
        plain = plain.convert("RGB")
    if plain.mode == "RGBA" and plain.getchannel("A").getextrema() == (255, 255):
        plain = plain.convert("RGB")
    return bare(plain)


def bare(picture: Image.Image) -> Image.Image:
    """A plain ``Image`` with the same pixels and nothing else: no info, no EXIF, no reader behind it."""
    plain = picture.copy()
    plain.info = {}
    return plain


def is_plain(picture: Image.Image) -> bool:
    """Whether ``to_srgb`` leaves the pixels as they are."""
    return picture.mode in ("RGB", "L") and not _needed(picture.info.get("icc_profile"))


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Any mode → L, RGB, RGBA or CMYK with 8 bits a channel."""
    if picture.mode in _WIDE:
        return _wide_to_grey(picture)
    if picture.has_transparency_data and picture.mode != "RGBA":
        return picture.convert("RGBA")
    if picture.mode in _GREY:
        return picture.convert("L")
    if picture.mode in ("RGB", "RGBA", "CMYK"):
        return picture
    return picture.convert("RGB")


def _wide_to_grey(picture: Image.Image) -> Image.Image:
    """16-bit grey → L by its high byte; Pillow's own conversion clips everything above 255 to white."""
    if picture.mode == "F":
        return picture.convert("L")
    wide = picture if picture.mode == "I" else picture.convert("I")
    return wide.point(lambda value: value * (1 / 257)).convert("L")


def _needed(profile: bytes | None) -> ImageCms.ImageCmsProfile | None:
    """The opened profile, or None where there is none, it is broken, or it is sRGB already."""
    if not profile or len(profile) > MAX_PROFILE_BYTES:
        return None
    try:
        opened = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in (opened.profile.profile_description or "").lower():
            return None
    except (OSError, ValueError, TypeError, UnicodeError, ImageCms.PyCMSError) as error:
        logger.info("Colour profile ignored: %s", error)
        return None
    return opened


def _profile_applied(picture: Image.Image, profile: bytes) -> Image.Image:
    """Relative colorimetric with black point compensation, as photo editors convert for the web."""
    opened = _needed(profile)
    if opened is None:
        return picture
    target = "RGBA" if picture.mode == "RGBA" else "RGB"
    try:
        converted = ImageCms.profileToProfile(
            picture,
            opened,
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode=target,
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        logger.info("Colour profile ignored: %s", error)
        return picture
    return converted or picture
