"""Pure white behind an enhanced product: the work of the cut-out, asked for through the door that everyone uses.

One generator's folder imports nothing of another's; it may open another by name, as any caller does. The cut-out is
opened when it is first needed, so an enhancer that is never asked for white needs no segmenter.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import torch
from PIL import Image

from shop_genai.generation import load
from shop_genai.generation.output import Output

WHITE = {"background": "white"}
TOLD = ("kind", "mask_source", "confidence", "cut_off")  # what the cut-out says that is passed on


class OnWhite:
    """Puts products on pure white, with the packaged segmenter.

    Args:
        device: where it computes.
    """

    def __init__(self, device: torch.device) -> None:
        self._open = cache(partial(load, "cutout", device=str(device)))

    def __call__(self, image: Image.Image, info: dict[str, Any]) -> Output:
        """The picture's product on white, in the same frame.

        Args:
            info: the facts about the picture so far; those about the cut-out are added.

        Raises:
            ProductNotFound: no product is seen.
            WeightsMissing: there is no segmenter.
        """
        cut: Output = self._open()([{"image": image}], WHITE, [info["seed"]])[0]
        facts = {name: cut.info[name] for name in TOLD} | {"segment_weights": cut.info["weights"]}
        return Output(cut.image, cut.mask, info | facts)
