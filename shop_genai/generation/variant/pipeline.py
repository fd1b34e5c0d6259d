"""Variants at work: a product photo in, the same photo with the product in another look out.

The look moves from the picture's own towards the target, a' = a + strength * (target - a), and the edit is

    E = D(a') + (1 - strength) * (I - D(a))

where D is the decoder's grid for this picture and I the grid that changes nothing. D(a) alone is a reconstruction, and
never quite the photo itself; so what it gets wrong is taken back by as much as the photo is still to be itself. At
strength 0 that is the photo, at 1 it is D(target), the edit that was trained; in between both fade without a jump.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import InvalidInputs, OutOfMemory, ProductNotFound
from shop_genai.generation import weights
from shop_genai.generation.devices import out_of_memory, pick_device, pick_dtype
from shop_genai.generation.lab import difference, rgb
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.parameters import Given, one_each
from shop_genai.generation.pictures import Opened, put_together, take_apart, unchanged

from . import colours
from .aim import Product
from .grid import Grid, apply_grid
from .looks import Look, pack
from .network import VariantConfig, VariantVae
from .params import VariantParams
from .prior import Prior
from .products import Finder, Framed, Products
from .regions import mean_lab
from .targets import Target, Targets

SLOTS = {"image", "mask", "appearance", "appearance_mask"}


def open_pipeline(source: Path | None, device: str, dtype: str) -> VariantPipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`.

    The networks compute in float32 whatever `dtype` says: they are small, and colours show what a shorter format loses.
    """
    manifest = weights.manifest("variant", source)
    network = VariantVae(VariantConfig(**manifest.content["network"]))
    network.load_state_dict(weights.tensors(manifest, "variant"))
    target = pick_device(device)
    pick_dtype(dtype, target)
    prior = Prior.read(manifest.content.get("prior"), network.config.appearance)
    named = manifest.content.get("colours", {})
    return VariantPipeline(network, target, manifest.digest, manifest.version, prior, named)


class VariantPipeline:
    """A loaded variant generator.

    Args:
        network: the weights.
        device: what to compute with.
        digest, version: the identity of the weights, for `Output.info`.
        prior: what looks real products have; None: N(0, I).
        named: the mean look of each colour's products.
        finder: what finds products where no mask is given; None: the packaged segmenter, opened when it is needed.
    """

    def __init__(
        self,
        network: VariantVae,
        device: torch.device,
        digest: str = "",
        version: str = "",
        prior: Prior | None = None,
        named: Mapping[str, Sequence[float]] | None = None,
        finder: Finder | None = None,
    ) -> None:
        self.network = network.to(device).eval().requires_grad_(False)
        self.device = device
        self.digest = digest
        self.version = version
        self.prior = prior or Prior.standard(network.config.appearance)
        self.targets = Targets(self.network, self.prior, named or {})
        self.products = Products(network.config.side, device, finder)

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Given[VariantParams] | Sequence[Given[VariantParams]],
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Output]:
        """Make one variant of each picture.

        Args:
            inputs: one dict per picture: `image`; optional `mask` (of the product), `appearance` (a picture whose
                product's look is taken) and `appearance_mask`. Any size and mode that photos come in.
            params: one for all, or one each.
            seeds: one each; they decide what is drawn from the prior, whatever else is in the batch.
            progress: called with the share done, rising to 1; may raise to stop.

        Returns:
            The pictures, outside the product equal to the bit; masks of what was edited; and facts: `look` (packed),
            `colour`, `colour_hex` and `lab` of the result, `preview` (whether no such colour is in stock), and more.

        Raises:
            InvalidParams, InvalidInputs: what was asked cannot be done.
            ProductNotFound: no product is seen in a picture, or its mask is empty.
            OutOfMemory: the device's memory ran out.
        """
        wanted = one_each("variant", VariantParams, params, len(inputs))
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} pictures came with {len(seeds)} seeds.", field="seeds")
        for slots in inputs:
            _check_slots(slots)
        outputs = []
        try:
            for slots, asked, seed in zip(inputs, wanted, seeds, strict=True):
                outputs.append(self._vary(slots, asked, seed))
                if progress is not None:
                    progress(len(outputs) / len(inputs))
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
        else:
            return outputs
        # Out of the except block: the traceback, which kept the failed tensors alive, is gone.
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        raise OutOfMemory("There is not enough free memory to make a variant of this picture.")

    def looks(
        self, pictures: Sequence[Image.Image], masks: Sequence[Image.Image | None] | None = None
    ) -> list[Look | None]:
        """The look of the product in each picture; None where no product is seen.

        Args:
            pictures: any size and mode.
            masks: of the products, where they are known.

        Raises:
            InvalidInputs: not as many masks as pictures.
        """
        given = masks if masks is not None else [None] * len(pictures)
        if len(given) != len(pictures):
            raise InvalidInputs(f"{len(pictures)} pictures came with {len(given)} masks.", field="masks")
        return [self._look(picture, mask) for picture, mask in zip(pictures, given, strict=True)]

    @torch.no_grad()
    def posterior_statistics(
        self, pictures: Sequence[Image.Image], masks: Sequence[Image.Image | None]
    ) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and log variance of the looks of pictures, (N, A) each.

        Raises:
            ProductNotFound: no product is seen in one of them.
        """
        found = [
            self.network.encode_appearance(*self.products.find(picture, mask).encodable(self.device))
            for picture, mask in zip(pictures, masks, strict=True)
        ]
        mean = torch.cat([posterior.mean for posterior in found])
        return mean.cpu().numpy(), torch.cat([posterior.log_variance for posterior in found]).cpu().numpy()

    def _look(self, picture: Image.Image, mask: Image.Image | None) -> Look | None:
        try:
            frame = self.products.find(picture, mask)
        except ProductNotFound:
            return None
        vector = self._encoded(frame)
        mean = frame.mean()
        return Look(tuple(map(float, vector)), colours.nearest(mean), mean, self.digest)

    @torch.no_grad()
    def _vary(self, slots: Mapping[str, Image.Image], asked: VariantParams, seed: int) -> Output:
        image = slots["image"]
        frame = self.products.find(image, slots.get("mask"))
        product = self._product(frame)
        own = self._encoded(frame)
        appearance = None
        if "appearance" in slots:
            appearance = self._encoded(self.products.find(slots["appearance"], slots.get("appearance_mask")))
        target = self.targets.choose(asked, seed, product, own, appearance)
        look = own + asked.strength * (target.look - own)
        if asked.strength == 0:
            result, mask = unchanged(image), Image.new("L", frame.found.mask.size)
        else:
            grid = self._edit(product, own, look, asked.strength)
            result, mask = _edited(image, frame, grid), frame.found.mask
        info = self._info(asked, seed, frame, target, look, result)
        return Output(result, mask, info)

    def _product(self, frame: Framed) -> Product:
        square, mask = frame.encodable(self.device)
        return Product(square, mask, self.network.encode_content(square, mask))

    @torch.no_grad()
    def _encoded(self, frame: Framed) -> NDArray[np.float64]:
        """The look of a product: (A,)."""
        posterior = self.network.encode_appearance(*frame.encodable(self.device))
        look: NDArray[np.float64] = posterior.mode()[0].double().cpu().numpy()
        return look

    def _edit(self, product: Product, own: NDArray[np.float64], look: NDArray[np.float64], strength: float) -> Grid:
        """E of the module's docstring, on the CPU."""

        def drawn(vector: NDArray[np.float64]) -> Grid:
            return self.network.decode(product.content, torch.from_numpy(vector[None]).to(product.square))

        grid = drawn(look)
        if strength < 1:
            identity = torch.eye(3, 4).to(grid.affines).flatten().view(1, 12, 1, 1, 1)
            grid = Grid(grid.affines + (1 - strength) * (identity - drawn(own).affines), grid.levels)
        return Grid(grid.affines.cpu(), grid.levels.cpu())

    def _info(
        self,
        asked: VariantParams,
        seed: int,
        frame: Framed,
        target: Target,
        look: NDArray[np.float64],
        result: Image.Image,
    ) -> dict[str, Any]:
        mean = mean_lab(result, frame.found.mask)
        name = colours.nearest(mean.tolist())
        if target.colour is not None and colours.fits(mean.tolist(), target.colour):
            name = target.colour  # where two names meet, the wanted one
        stocked = asked.in_stock
        info: dict[str, Any] = {
            "recipe": "variant",
            "target": target.kind,
            "strength": asked.strength,
            "count": asked.count,
            "number": asked.number,
            "seed": seed,
            "look": pack(look.tolist()),
            "colour": name,
            "colour_hex": colours.to_hex(rgb(mean).tolist()),
            "lab": [round(float(value), 2) for value in mean],
            "preview": not (name in stocked.names and (name == target.colour or colours.means(mean.tolist(), name))),
            "source_colour": colours.nearest(frame.mean()),
            "mask_source": frame.found.source,
            "kind": frame.found.kind,
            "confidence": round(float(frame.found.confidence), 3),
            "input_size": list(frame.found.mask.size),
            "weights": self.digest,
            "weights_version": self.version,
            "device": str(self.device),
            "dtype": "float32",
        }
        if target.lab is not None:
            info["colour_difference"] = round(float(difference(mean, np.array(target.lab))), 2)
        if stocked.unknown:
            info["stocked_unknown"] = list(stocked.unknown)
        return info


def _edited(image: Image.Image, frame: Framed, grid: Grid) -> Image.Image:
    """The picture, RGB or RGBA, with the grid's edit inside the mask."""
    source = take_apart(image, bleed=False)
    colour = source.colour.copy() if source.colour is image else source.colour
    part = np.asarray(colour.crop(frame.box))
    edited = apply_grid(grid, part, np.asarray(frame.found.mask.crop(frame.box)))
    colour.paste(Image.fromarray(edited), frame.box)
    return put_together(colour, _coloured(source))


def _coloured(source: Opened) -> Opened:
    """A grey picture's new look may have a colour, and its grey profile no meaning for that."""
    return replace(source, grey=False, profile=None) if source.grey else source


def _check_slots(slots: Mapping[str, Image.Image]) -> None:
    if "image" not in slots:
        raise InvalidInputs("variant needs a picture, called “image”.", field="image")
    for name in slots:
        if name not in SLOTS:
            raise InvalidInputs(f"variant has no input “{name}”.", field=name)
    if "appearance_mask" in slots and "appearance" not in slots:
        raise InvalidInputs("A mask came without the picture that it belongs to.", field="appearance_mask")
