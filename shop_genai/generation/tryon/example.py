"""One photo of somebody who wears what is sold, and all that the composer's sampler needs to know of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation.example import Example
from shop_genai.generation.pose.keypoints import Pose

from .landmarks import Kind


@dataclass(frozen=True)
class TryOnExample(Example):
    """One photo, from the front, in all the colours that it was taken in; everything has its size.

    `picture` is the first of the colourways.
    """

    pictures: tuple[Image.Image, ...] = field(kw_only=True)  # RGB, the same but for the garment's colours
    person: Image.Image = field(kw_only=True)  # mode L, 255 on the person
    worn: Image.Image | None = field(kw_only=True)  # mode L, 255 on the garment that is sold; None: nobody drew it
    kind: Kind = field(kw_only=True)  # of that garment
    pose: Pose = field(kw_only=True)  # in pixels
    classes: NDArray[np.uint8] = field(kw_only=True)  # (K, H, W): the segmenter's probabilities, 255 for 1
