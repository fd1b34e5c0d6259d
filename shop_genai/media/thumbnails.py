"""One small WebP per picture for lists in the back office."""

from __future__ import annotations

from PIL import Image

from shop_genai.conf import genai_settings
from shop_genai.media import encoding, files
from shop_genai.media.decoding import preview
from shop_genai.models import ProductImage

SIDE = 320  # pixels, the longer side: sharp at 160 CSS pixels on a dense screen
_OPTIONS = {"quality": 75, "method": 4}


def make_thumbnail(image: ProductImage, picture: Image.Image) -> str:
    """Store a thumbnail of ``picture`` where ``image`` belongs (private for uploads); returns its name.

    ``image`` needs its ``id``, ``owner_id`` and ``sha256``; it is not saved.

    Raises:
        StorageUnavailable: nothing was stored.
    """
    small = picture.copy()
    small.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
    data = encoding.encode(small, "WEBP", _OPTIONS)
    if image.is_upload:
        folder = files.upload_folder(image)
        return files.put(image.storage, files.named(folder, "thumbnail", data, ".webp"), data)
    folder = f"{files.ROOT}/thumbnails/{image.sha256[:2]}"
    return files.put(genai_settings.STORAGE, files.named(folder, image.sha256[:16], data, ".webp"), data)


def thumbnail_of_bytes(image: ProductImage, data: bytes) -> str:
    """The same from a file's bytes, without decoding a large JPEG in full.

    Raises:
        ImageRefused: or one of its kinds.
        StorageUnavailable: nothing was stored.
    """
    return make_thumbnail(image, preview(data, SIDE))
