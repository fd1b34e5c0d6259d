"""Where the product lies in the finished picture, and which sides of the photo cut it off."""

from __future__ import annotations

import math
from dataclasses import dataclass

from PIL import Image

SOLID = 128  # from this alpha on, a pixel counts as the product
SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True)
class Frame:
    """The finished picture, as a window over the photo."""

    size: tuple[int, int]  # pixels
    offset: tuple[int, int]  # the photo's left upper corner in it; negative: the window begins inside the photo

    def placed(self, photo: Image.Image) -> Image.Image:
        """A picture of the photo's size in this window; black or 0 where the window reaches beyond it."""
        if self.size == photo.size and self.offset == (0, 0):
            return photo
        left, top = -self.offset[0], -self.offset[1]
        return photo.crop((left, top, left + self.size[0], top + self.size[1]))


def product_box(alpha: Image.Image) -> tuple[int, int, int, int] | None:
    """Left, upper, right and lower edge of the product; None: nothing is solid enough to be one."""
    return alpha.point(lambda value: 255 * (value >= SOLID)).getbbox()


def original(size: tuple[int, int]) -> Frame:
    """The photo's own frame."""
    return Frame(size, (0, 0))


def square(box: tuple[int, int, int, int], margin: float) -> Frame:
    """A square with the product in its middle and `margin`, a share of the side, free on the nearer sides.

    Nothing is enlarged or shrunk: a pixel of the photo stays one.
    """
    left, top, right, bottom = box
    side = math.ceil(max(right - left, bottom - top) / (1 - 2 * margin))
    offset = ((side - (right - left)) // 2 - left, (side - (bottom - top)) // 2 - top)
    return Frame((side, side), offset)


def cut_off(box: tuple[int, int, int, int], size: tuple[int, int]) -> list[str]:
    """The sides at which the product goes on beyond the photo, of `SIDES`."""
    touching = (box[0] == 0, box[1] == 0, box[2] == size[0], box[3] == size[1])
    return [side for side, touches in zip(SIDES, touching, strict=True) if touches]
