"""A picture with what is known of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from shop_genai.generation.example import Example


@dataclass(frozen=True, kw_only=True)
class Labelled(Example):
    """What the segmentation learns from. The maps have the picture's size."""

    possible: NDArray[np.uint16]  # (H, W): bits of the classes that a pixel can have, see `classes`; 0: unknown
    sold: NDArray[np.uint8]  # (H, W): 1 belongs to what is sold, 0 does not, 2 unknown
    matte: NDArray[np.uint8] | None = None  # (H, W): how far what is shown covers its ground; None: cannot be cut out
