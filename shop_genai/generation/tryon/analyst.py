"""Looks at a product's picture once and says what a try-on needs to know of the garment."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import numpy as np
import torch
from PIL import Image

from shop_genai.errors import CategoryUnsupported, GarmentNotFound, ProductNotFound
from shop_genai.generation import weights
from shop_genai.generation.pictures import take_apart
from shop_genai.generation.pose.keypoints import Pose
from shop_genai.generation.segment.masks import ProductMask
from shop_genai.generation.segment.pipeline import Seen, SegmentPipeline

from .body import HALF, studied
from .flat import Finder, Found, landmarks_of
from .garment import LARGEST, Garment
from .holes import filled
from .landmark_network import OTHER, LandmarkConfig, LandmarkNetwork
from .landmarks import KINDS, OF_KIND, SLEEVES, Kind, Sleeves
from .opening import inner_side
from .params import AUTO
from .plain import completed
from .worn import landmarks_of_worn

ASKED: dict[str, tuple[Kind, ...]] = {  # the kinds that a category stands for
    AUTO: KINDS,
    "upper": ("upper",),
    "lower": ("lower", "skirt"),
    "dress": ("dress",),
}
LIKELIEST = 0.45  # probability of the likeliest kind below which it is taken for no garment, if nobody says that it is
REFUSED = 0.85  # probability of being no garment from which it is refused even then
UNLIKELY = 0.05  # probability of the kinds that were asked for below which it is refused
OPEN = 0.6  # probability from which a front counts as open
FAINT = 0.12  # how sure landmarks are on average below which no garment is seen


class PoseFinder(Protocol):
    """What finds joints: `pose.pipeline.PosePipeline`. Its `digest`, if it has one, names its weights."""

    def look(self, picture: Image.Image) -> Pose: ...


class GarmentAnalyst:
    """A loaded analysis.

    Args:
        finder: finds landmarks.
        segment: finds the garment.
        pose: finds the bones of whoever wears it; None: worn garments are refused.
        digest: the identity of the finder's weights.
    """

    def __init__(self, finder: Finder, segment: SegmentPipeline, pose: PoseFinder | None, digest: str = "") -> None:
        self.finder = finder
        self.segment = segment
        self.pose = pose
        together = (digest, segment.digest, getattr(pose, "digest", ""))
        self.digest = hashlib.sha256(" ".join(together).encode()).hexdigest()

    @classmethod
    def packaged(
        cls,
        segment: SegmentPipeline,
        pose: PoseFinder | None,
        device: torch.device | None = None,
        source: Path | None = None,
    ) -> GarmentAnalyst:
        """With the weights that ship, or those of a folder.

        Raises:
            WeightsMissing, WeightsTampered: see `generation.weights`.
        """
        manifest = weights.manifest("landmarks", source)
        networks = {}
        for role, shape in manifest.content["network"].items():
            networks[role] = LandmarkNetwork(LandmarkConfig.from_dict(shape))
            networks[role].load_state_dict(weights.tensors(manifest, role))
        finder = Finder(networks["whole"], networks.get("neck"), device if device is not None else segment.device)
        return cls(finder, segment, pose, manifest.digest)

    def analyse(self, picture: Image.Image, mask: Image.Image | None = None, category: str = AUTO) -> Garment:
        """Everything about the garment in a picture.

        Args:
            picture: of any size and mode; landmarks and masks are in the pixels of the upright picture.
            mask: drawn by somebody, white on the garment; else the picture's transparency or the segmentation says it.
            category: "upper", "lower" or "dress", where a model wears several; "auto": what the picture is about.

        Raises:
            GarmentNotFound: there is none, or nothing can be made of it.
            CategoryUnsupported: it is nothing that can be tried on, or not of the category.
        """
        colour = take_apart(picture).colour
        product = self._cut_out(picture, mask, category)
        # Masks that were given do not say whether somebody wears what they show.
        seen = None if product.source == "network" and product.kind == "product" else self.segment.look(colour)
        if seen is not None and seen.kind == "worn" and product.source == "network" and category == AUTO:
            # What is sold may smear over two garments; the class of the one that is meant does less.
            product = self._cut_out(picture, None, seen.garment)
        size = colour.size
        scale = min(1.0, LARGEST / max(size))
        if scale < 1:
            fewer = (max(1, round(size[0] * scale)), max(1, round(size[1] * scale)))
            colour = colour.resize(fewer, Image.Resampling.BOX)
            product = replace(product, mask=product.mask.resize(fewer, Image.Resampling.BOX))
        if product.source == "network" and product.kind == "product":
            product = replace(product, mask=completed(colour, product.mask))
        if seen is not None and seen.kind == "worn":
            garment = self._worn(colour, product, seen, category)
        else:
            garment = self._flat(colour, product, category)
        return garment if scale == 1 else _enlarged(garment, size)

    def _cut_out(self, picture: Image.Image, mask: Image.Image | None, category: str) -> ProductMask:
        """The garment's mask."""
        try:
            return self.segment.product_mask(picture, mask, category if category in ("upper", "lower") else AUTO)
        except ProductNotFound as error:
            raise GarmentNotFound("No garment is seen in the product's picture.", field="garment") from error

    def _flat(self, colour: Image.Image, product: ProductMask, category: str) -> Garment:
        found = self.finder.look(colour, product.mask)
        kind, chance = _kind(found, category)
        sleeves: Sleeves = "none"
        certain = 1.0
        if kind in ("upper", "dress"):
            sleeves = max(SLEEVES, key=lambda name: found.sleeves[name])
            certain = found.sleeves[sleeves]
        sure = float(np.mean([found.sure[name] for name in OF_KIND[kind]]))
        if sure < FAINT:
            raise GarmentNotFound("No garment can be made out in the product's picture.", field="garment")
        landmarks = landmarks_of(found, kind, sleeves, product.mask)
        whole = product.mask if product.source == "upload" else filled(product.mask, kind, landmarks)
        if whole is not product.mask:
            product = replace(product, mask=whole)
            found = self.finder.look(colour, whole)
            landmarks = landmarks_of(found, kind, sleeves, whole)
        inside, guessed = inner_side(colour, product.mask, found.inside, kind, landmarks)
        return Garment(
            kind=kind,
            sleeves=sleeves,
            source="flat",
            landmarks=landmarks,
            confidence=float(np.clip(product.confidence * chance * (0.5 + 0.5 * certain) * min(1, sure * 1.4), 0, 1)),
            mask=product.mask,
            inside=inside,
            open_front=kind == "upper" and found.opens > OPEN,
            inside_guessed=guessed,
            digest=self.digest,
        )

    def _worn(self, colour: Image.Image, product: ProductMask, seen: Seen, category: str) -> Garment:
        """The garment of whoever wears it in the picture."""
        if self.pose is None:
            raise GarmentNotFound("A garment that somebody wears needs the pose's weights.", field="garment")
        pose = self.pose.look(colour)
        if pose.people != 1 or pose.facing != "front":
            raise GarmentNotFound(
                "Whoever wears the garment has to be alone in the picture and seen from the front.", field="garment"
            )
        kind = self._worn_kind(colour, product, seen, category)
        try:
            landmarks, sleeves = landmarks_of_worn(pose, product.mask, kind)
        except ValueError as error:
            raise GarmentNotFound(
                "Of whoever wears the garment, too little is in the picture.", field="garment"
            ) from error
        return Garment(
            kind=kind,
            sleeves=sleeves,
            source="worn",
            landmarks=landmarks,
            confidence=float(np.clip(product.confidence * (0.5 + 0.5 * pose.people_confidence), 0, 1)),
            mask=product.mask,
            inside=Image.new("L", colour.size),
            digest=self.digest,
            wearer=pose,
            before=_hiding(colour, pose, seen, kind),
        )

    def _worn_kind(self, colour: Image.Image, product: ProductMask, seen: Seen, category: str) -> Kind:
        """What a wearer's garment is. Trousers and skirts are told apart by their shape."""
        worn = category if category != AUTO else seen.garment
        if worn == "upper" or worn == "dress":
            return "upper" if worn == "upper" else "dress"
        found = self.finder.look(colour, product.mask)
        return "skirt" if found.kinds["skirt"] > found.kinds["lower"] else "lower"


def _kind(found: Found, category: str) -> tuple[Kind, float]:
    """The kind, and its probability.

    Raises:
        CategoryUnsupported: it is no garment that can be tried on, or none of the category.
    """
    asked = ASKED[category]
    unlikely = max(found.kinds[kind] for kind in KINDS) < LIKELIEST
    if found.kinds[OTHER] > REFUSED or (category == AUTO and unlikely):
        raise CategoryUnsupported("This cannot be tried on: it is no top, dress, skirt or trousers.", field="garment")
    together = sum(found.kinds[kind] for kind in asked)
    if together < UNLIKELY:
        seems = max(KINDS, key=lambda kind: found.kinds[kind])
        raise CategoryUnsupported(
            "The garment in this picture is not of the category that was asked for.", field="category", seems=seems
        )
    kind = max(asked, key=lambda name: found.kinds[name])
    # A category that somebody named is no guess.
    return kind, found.kinds[kind] if category == AUTO else max(found.kinds[kind], 1 - found.kinds[OTHER])


def _hiding(colour: Image.Image, pose: Pose, seen: Seen, kind: Kind) -> Image.Image:
    """Mode L, the picture's size: the wearer's arms and hair."""
    body = studied(colour, pose, seen.classes, kind)
    plane = body.parse.of("arms", "hair")
    frame = body.frame
    across, down = HALF[0] / (frame.right - frame.left), HALF[1] / (frame.bottom - frame.top)
    data = (across, 0.0, -frame.left * across, 0.0, down, -frame.top * down)
    small = Image.fromarray(np.rint(np.clip(plane, 0, 1) * 255).astype(np.uint8))
    return small.transform(colour.size, Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)


def _enlarged(garment: Garment, size: tuple[int, int]) -> Garment:
    """The analysis of a smaller copy, in the picture's own pixels."""
    across, down = size[0] / garment.size[0], size[1] / garment.size[1]

    def larger(plane: Image.Image) -> Image.Image:
        return plane.resize(size, Image.Resampling.BILINEAR)

    return replace(
        garment,
        landmarks={name: (x * across, y * down) for name, (x, y) in garment.landmarks.items()},
        mask=larger(garment.mask),
        inside=larger(garment.inside),
        wearer=None if garment.wearer is None else _moved(garment.wearer, across, down),
        before=None if garment.before is None else larger(garment.before),
    )


def _moved(pose: Pose, across: float, down: float) -> Pose:
    return replace(pose, points=tuple((x * across, y * down) for x, y in pose.points))
