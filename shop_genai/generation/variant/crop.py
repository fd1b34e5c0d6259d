"""How a product comes into the networks: its bounding box, with a small margin, as a square."""

from __future__ import annotations

from PIL import Image

MARGIN = 0.04  # of the box's sides, added around it where the picture goes on

Box = tuple[int, int, int, int]  # left, top, right, bottom, pixels


def framed(picture: Image.Image, mask: Image.Image, side: int) -> tuple[Image.Image, Image.Image, Box]:
    """The product's part of a picture, stretched to a square.

    Args:
        picture: RGB.
        mask: mode L, the same size: 255 on the product.
        side: of the square, pixels.

    Returns:
        The square (RGB), its mask (L), and the box of the picture that they show.

    Raises:
        ValueError: the sizes differ, or nothing is masked.
    """
    if picture.size != mask.size:
        raise ValueError(f"a mask of {mask.size} does not fit a picture of {picture.size}")
    tight = mask.point(lambda value: 255 if value > 127 else 0).getbbox()
    if tight is None:
        raise ValueError("the mask is empty")
    left, top, right, bottom = tight
    extra = round(MARGIN * (right - left)), round(MARGIN * (bottom - top))
    box = (
        max(0, left - extra[0]),
        max(0, top - extra[1]),
        min(picture.width, right + extra[0]),
        min(picture.height, bottom + extra[1]),
    )
    # Averaging in steps: a 50-megapixel photo must not cost a 50-megapixel filter.
    square = picture.resize((side, side), Image.Resampling.BOX, box=box, reducing_gap=4.0)
    return square, mask.resize((side, side), Image.Resampling.BOX, box=box, reducing_gap=4.0), box
