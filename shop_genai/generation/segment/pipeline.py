"""The segmentation at work: what in a picture is the product, and what a person wears."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import InvalidInputs, ProductNotFound
from shop_genai.generation import tensors, weights
from shop_genai.generation.devices import pick_device, pick_dtype
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.parameters import Given, one_each
from shop_genai.generation.pictures import strips, take_apart

from .classes import GARMENTS, PERSON, label_map, number
from .evidence import ALONE, WORN, Evidence, weighed
from .fitting import fitted
from .masks import LEAST, ProductMask, from_alpha, from_upload
from .network import SegmentConfig, SegmentNetwork
from .params import AUTO, SegmentParams
from .refine import refined
from .regions import without_specks

Values = NDArray[np.float32]
Box = tuple[int, int, int, int]  # left, upper, right, lower

SECOND_LOOK = 0.6  # share of the picture: what fills less of it is looked at once more, closer
MARGIN = 0.12  # of the longer side of what was found, around it in the second look
LARGEST = 512  # pixels a side of the whole, in which a closer look is placed
BODY = 0.03  # share of the foreground that skin and hair take up at least when somebody is in the picture
SEEN = 0.5  # probability from which a pixel belongs to something
SURE = 0.55  # mean probability of a product's pixels, below which it is none


def open_pipeline(source: Path | None, device: str, dtype: str) -> SegmentPipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`."""
    manifest = weights.manifest("segment", source)
    network = SegmentNetwork(SegmentConfig.from_dict(manifest.content["network"]))
    network.load_state_dict(weights.tensors(manifest, "segment"))
    target = pick_device(device)
    return SegmentPipeline(network, target, pick_dtype(dtype, target), manifest.digest, manifest.version)


@dataclass(frozen=True)
class Seen:
    """What the network says of a picture, coarsely: probabilities at the resolution of its last look."""

    classes: Values  # (K, h, w), of each class
    sold: Values  # (h, w), of belonging to what is sold

    @property
    def foreground(self) -> Values:
        """(h, w): of being anything but background."""
        shown: Values = 1 - self.classes[0]
        return shown

    @property
    def kind(self) -> Literal["product", "worn"]:
        """Whether somebody wears it. Clothes without anybody's skin or hair are no person."""
        worn = self.classes[[number(name) for name in PERSON]].sum()
        body = self.classes[[number("skin"), number("hair")]].sum()
        somebody = worn > self.classes[number("product")].sum() and body > BODY * self.foreground.sum()
        return "worn" if somebody else "product"

    @property
    def garment(self) -> str:
        """Which of the worn garments is sold."""
        amounts = {name: float((self.classes[number(name)] * self.sold).sum()) for name in GARMENTS}
        return max(amounts, key=lambda name: amounts[name])


class SegmentPipeline:
    """A loaded segmentation.

    Args:
        network: the weights.
        device, dtype: what to compute with.
        digest, version: the identity of the weights, for `Output.info`.
    """

    def __init__(
        self,
        network: SegmentNetwork,
        device: torch.device,
        dtype: torch.dtype,
        digest: str = "",
        version: str = "",
    ) -> None:
        self.network = network.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)  # type: ignore[call-overload]  # the stubs lack this form
        self.device = device
        self.dtype = dtype
        self.digest = digest
        self.version = version

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Given[SegmentParams] | Sequence[Given[SegmentParams]],
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Output]:
        """Segment a batch of pictures.

        Args:
            inputs: one dict per picture; the slot is `image`, of any size and of any mode that photos come in.
            params: one for all, or one each.
            seeds: one each. Nothing is drawn at random; seeds are only recorded.
            progress: called after each picture with the share done, rising to 1; may raise to stop.

        Returns:
            `Output.image` is the label map, mode P: a pixel is the number of a class of `info["classes"]`.
            `Output.mask`, mode L, is what `SegmentParams.mask` asks for. Both have the picture's size.

        Raises:
            InvalidParams, InvalidInputs: what was asked cannot be done.
            ProductNotFound: the product's mask was asked for, and none is seen.
        """
        wanted = one_each("segment", SegmentParams, params, len(inputs))
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} pictures came with {len(seeds)} seeds.", field="seeds")
        if any(set(slots) != {"image"} for slots in inputs):
            raise InvalidInputs("segment takes exactly one picture, called “image”.", field="image")
        outputs = []
        for slots, asked, seed in zip(inputs, wanted, seeds, strict=True):
            outputs.append(self._segmented(slots["image"], asked, seed))
            if progress is not None:
                progress(len(outputs) / len(inputs))
        return outputs

    def product_mask(self, picture: Image.Image, mask: Image.Image | None = None, garment: str = AUTO) -> ProductMask:
        """Where the product is: a thing or garment shown alone, or, on a person, the garment that is sold.

        Args:
            picture: of any size and mode; it is turned upright, and so is the answer.
            mask: drawn by somebody, white where the product is. It wins over the picture's own transparency, and that
                over the network.
            garment: of several worn garments "upper" or "lower"; "auto": the one that the picture is about.

        Raises:
            ProductNotFound: no product is seen, or what was given is empty.
            InvalidParams: no such garment.
        """
        asked = SegmentParams(garment=garment)
        colour = take_apart(picture).colour
        given = from_upload(mask, colour.size) if mask is not None else from_alpha(picture)
        if given is not None:
            return given
        return self._product(colour, self.look(colour), asked.garment)

    def look(self, picture: Image.Image) -> Seen:
        """What the network says of an RGB picture: of the whole, and, where things are small in it, of their part."""
        seen = self._looked_at(picture)
        box = _box(seen.foreground, picture.size)
        if box is None or (box[2] - box[0]) * (box[3] - box[1]) > SECOND_LOOK * picture.width * picture.height:
            return seen
        closer = self._looked_at(picture.crop(box))
        if _box(closer.foreground, picture.size) is None:
            return seen
        return _placed(closer, box, picture.size)

    @torch.inference_mode()
    def _looked_at(self, picture: Image.Image) -> Seen:
        """One look, at the picture and at its mirror image."""
        config = self.network.config
        batch = tensors.to_tensor(np.asarray(fitted(picture, config.side, config.multiple)), self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype is torch.bfloat16):
            logits = self.network(torch.cat([batch, batch.flip(3)])).float()
        classes, sold = logits[:, :-1].softmax(dim=1), logits[:, -1].sigmoid()
        both = torch.cat([classes, sold[:, None]], dim=1)
        mean = ((both[0] + both[1].flip(2)) / 2).cpu().numpy()
        return Seen(mean[:-1], mean[-1])

    def _product(self, colour: Image.Image, seen: Seen, garment: str) -> ProductMask:
        seemed = _product_of(seen, garment)
        coarse = weighed(colour, seemed, _evidence(seen))
        kept = without_specks(coarse >= SEEN)
        confidence = float(seemed[kept].mean()) if kept.any() else 0.0  # the network's own: colours know no products
        if min(kept.mean(), (seemed >= SEEN).mean()) < LEAST or confidence < SURE:
            raise ProductNotFound("No product is seen in this picture.", field="image")
        coarse = np.where(kept | (coarse < SEEN), coarse, 0)
        return ProductMask(refined(colour, coarse), "network", seen.kind, min(1.0, confidence))

    def _segmented(self, image: Image.Image, asked: SegmentParams, seed: int) -> Output:
        source = take_apart(image)
        seen = self.look(source.colour)
        foreground = refined(source.colour, weighed(source.colour, seen.foreground, _evidence(seen)))
        labels = _labels(seen, foreground)
        info: dict[str, Any] = {
            "recipe": "segment",
            "classes": list(self.network.config.classes),
            "kind": seen.kind,
            "garment": seen.garment if seen.kind == "worn" and asked.garment == AUTO else asked.garment,
            "confidence": round(_confidence(seen), 4),
            "shares": _shares(labels, self.network.config.classes),
            "seed": seed,
            "input_size": list(source.colour.size),
            "weights": self.digest,
            "weights_version": self.version,
            "device": str(self.device),
        }
        mask = foreground
        if asked.mask == "product":
            given = from_alpha(image)
            product = given if given is not None else self._product(source.colour, seen, asked.garment)
            mask = product.mask
            info |= {"mask_source": product.source, "product_share": round(float(np.asarray(mask).mean() / 255), 4)}
        return Output(label_map(labels), mask, info)


def _product_of(seen: Seen, garment: str) -> Values:
    """(h, w): the probability of belonging to the product."""
    if seen.kind == "product":
        alone: Values = (seen.sold + seen.foreground) / np.float32(2)
        return alone
    if garment == AUTO:
        # What is sold is learned pixel by pixel, and may smear over two garments; the class holds it together.
        both: Values = (seen.sold + seen.classes[number(seen.garment)]) / 2
        return both
    wanted: Values = seen.classes[[number(garment), number("dress")]].sum(axis=0)
    return wanted


def _evidence(seen: Seen) -> Evidence:
    return ALONE if seen.kind == "product" else WORN


def _confidence(seen: Seen) -> float:
    """How sure the network is of what it takes for foreground; 0 where there is none."""
    found = seen.foreground >= SEEN
    return float(seen.foreground[found].mean()) if found.any() else 0.0


def _box(foreground: Values, size: tuple[int, int]) -> Box | None:
    """What holds all of the foreground and a margin, in pixels of the picture; None where nothing is found."""
    kept = without_specks(foreground >= SEEN)
    if not kept.any():
        return None
    rows, columns = np.flatnonzero(kept.any(axis=1)), np.flatnonzero(kept.any(axis=0))
    down, across = size[1] / kept.shape[0], size[0] / kept.shape[1]
    left, right = columns[0] * across, (columns[-1] + 1) * across
    upper, lower = rows[0] * down, (rows[-1] + 1) * down
    margin = MARGIN * max(right - left, lower - upper)
    return (
        max(0, int(left - margin)),
        max(0, int(upper - margin)),
        min(size[0], int(right + margin) + 1),
        min(size[1], int(lower + margin) + 1),
    )


def _placed(seen: Seen, box: Box, size: tuple[int, int]) -> Seen:
    """A look at a part of a picture as one at the whole, where nothing is around that part."""
    # In the look's resolution, unless the part is so small that the whole would become large.
    finest = min(seen.sold.shape[1] / (box[2] - box[0]), seen.sold.shape[0] / (box[3] - box[1]))
    scale = min(finest, LARGEST / max(size))
    width, height = max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    left, upper = min(width - 1, round(box[0] * scale)), min(height - 1, round(box[1] * scale))
    part = (max(1, round(box[2] * scale) - left), max(1, round(box[3] * scale) - upper))

    def placed(plane: Values, outside: float) -> Values:
        whole = np.full((height, width), outside, np.float32)
        small = Image.fromarray(plane).resize(part, Image.Resampling.BILINEAR)
        whole[upper : upper + part[1], left : left + part[0]] = np.asarray(small)
        return whole

    classes = np.stack([placed(plane, float(place == 0)) for place, plane in enumerate(seen.classes)])
    return Seen(classes, placed(seen.sold, 0.0))


def _labels(seen: Seen, foreground: Image.Image) -> NDArray[np.uint8]:
    """(H, W): background where the refined foreground says so, else the most probable of the other classes."""
    width, height = foreground.size
    planes = [Image.fromarray(plane) for plane in seen.classes[1:]]
    down = seen.sold.shape[0] / height
    labels = np.zeros((height, width), np.uint8)
    for left, upper, right, lower in strips(height, width):
        box = (0, upper * down, seen.sold.shape[1], lower * down)
        size = (right - left, lower - upper)
        best = np.full(size[::-1], -1, np.float32)
        label = np.zeros(size[::-1], np.uint8)
        for place, plane in enumerate(planes, start=1):
            value = np.asarray(plane.resize(size, Image.Resampling.BILINEAR, box=box))
            label = np.where(value > best, place, label).astype(np.uint8)
            best = np.maximum(best, value)
        inside = np.asarray(foreground.crop((left, upper, right, lower))) >= 128
        labels[upper:lower] = np.where(inside, label, 0)
    return labels


def _shares(labels: NDArray[np.uint8], classes: Sequence[str]) -> dict[str, float]:
    """How much of the picture each class takes up."""
    counts = np.bincount(labels.ravel(), minlength=len(classes))
    return {name: round(float(count / labels.size), 4) for name, count in zip(classes, counts, strict=True)}
