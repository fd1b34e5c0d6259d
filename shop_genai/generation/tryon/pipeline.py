"""Try-on at work: a person's photo and a garment's picture in, the person wearing the garment out.

    parse and pose of the person → refusals → the garment's analysis → a method (`backends`) → paste-back

Whatever the method, the photo outside the edit region is what came in, to the bit.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import GarmentNotFound, InvalidInputs, OutOfMemory, ProductNotFound
from shop_genai.generation import load, weights
from shop_genai.generation.devices import out_of_memory, pick_device, pick_dtype
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.parameters import Given, one_each
from shop_genai.generation.pictures import put_together, take_apart, upright
from shop_genai.generation.pose.keypoints import Pose
from shop_genai.generation.pose.mediapipe_pose import MediapipePose

from .analyst import GarmentAnalyst
from .backends import OWN, BackendOptions, Backends, FitRequest
from .body import studied
from .composer import Composer, ComposerConfig
from .fitting import OwnMethod
from .garment import Garment
from .params import AUTO, LANDMARK_GAN, TryOnParams
from .refusals import check_person
from .wardrobe import Analyst, GarmentCache, Wardrobe

REQUIRED, OPTIONAL = {"person", "garment"}, {"garment_mask"}
FAMILY = {"upper": "upper", "lower": "lower", "skirt": "lower", "dress": "dress"}


class Looked(Protocol):
    """What a segmenter says of a picture."""

    classes: NDArray[np.float32]


class Segmenter(Protocol):
    def look(self, picture: Image.Image) -> Any: ...


class PoseFinder(Protocol):
    def look(self, picture: Image.Image) -> Pose: ...


@dataclass(frozen=True)
class Eyes:
    """The networks that look at people and garments."""

    segment: Segmenter
    pose: PoseFinder
    analyst: Analyst


def open_pipeline(
    source: Path | None,
    device: str,
    dtype: str,
    backends: BackendOptions | None = None,
    garments: GarmentCache | None = None,
    pose: str = "network",
) -> TryOnPipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`.

    Args:
        source: of the composer's weights; those of segmenter, pose and landmarks are the packaged ones.
        device, dtype: what to compute with; the composer computes in float32, for its colours meet the photo's own.
        backends: which other methods the shop allows.
        garments: where analyses of garments are kept; None: in memory.
        pose: "network": the packaged one; "mediapipe": a stronger one of others, which the extra installs.

    Raises:
        ExtraMissing: MediaPipe was asked for and is not installed.
    """
    manifest = weights.manifest("tryon", source)
    network = Composer(ComposerConfig(**manifest.content["network"]))
    network.load_state_dict(weights.tensors(manifest, "tryon"))
    target = pick_device(device)
    pick_dtype(dtype, target)
    segment = load("segment", device=device)
    looks: PoseFinder = MediapipePose() if pose == "mediapipe" else load("pose", device=device)
    eyes = Eyes(segment, looks, GarmentAnalyst.packaged(segment, looks, target))
    return TryOnPipeline(network, target, eyes, manifest.digest, manifest.version, backends, garments)


class TryOnPipeline:
    """A loaded try-on.

    Args:
        composer: the network of the method `landmark_gan`.
        device: what it computes with.
        eyes: what looks at people and garments.
        digest, version: the identity of the composer's weights, for `Output.info`.
        backends: what other methods are allowed.
        garments: where analyses of garments are kept.
    """

    def __init__(
        self,
        composer: Composer,
        device: torch.device,
        eyes: Eyes,
        digest: str = "",
        version: str = "",
        backends: BackendOptions | None = None,
        garments: GarmentCache | None = None,
    ) -> None:
        self.composer = composer.to(device).eval().requires_grad_(False)
        self.device = device
        self.eyes = eyes
        self.digest = digest
        self.version = version
        self.wardrobe = Wardrobe(eyes.analyst, garments)
        self.own = {name: OwnMethod(self, composed=name == LANDMARK_GAN) for name in OWN}
        self.backends = Backends(backends or BackendOptions(), self, self.own)

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Given[TryOnParams] | Sequence[Given[TryOnParams]],
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Output]:
        """Dress a batch of people.

        Args:
            inputs: one dict each: `person`, `garment`, optional `garment_mask` (white on the garment). Any size and
                mode that photos come in.
            params: one for all, or one each.
            seeds: one each, for methods that draw at random. Our own do not: equal inputs give equal pictures.
            progress: called with the share done, rising to 1; may raise to stop.

        Returns:
            `image`: the upright photo, in which only the edit region differs; `mask`, mode L: that region; `info`:
            `category`, `kind`, `sleeves`, `garment_source`, `confidence` (0..1), `warnings` (codes), `seconds` by
            step, and more. Nothing in it says where the person's face or joints are.

        Raises:
            InvalidParams, InvalidInputs: what was asked cannot be done.
            ImageTooSmall, NoPerson, MultiplePeople, NotFrontFacing, TorsoCutOff: this photo cannot be dressed.
            GarmentNotFound, CategoryUnsupported: this garment cannot be tried on.
            WeightsNotCommercial, BackendUnavailable, ExtraMissing: the method cannot be used here.
            OutOfMemory: the device's memory ran out.
        """
        wanted = one_each("tryon", TryOnParams, params, len(inputs))
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} photos came with {len(seeds)} seeds.", field="seeds")
        for slots in inputs:
            _check_slots(slots)
        outputs: list[Output] = []
        try:
            for slots, asked, seed in zip(inputs, wanted, seeds, strict=True):
                report = partial(_report, progress, len(outputs), len(inputs))
                outputs.append(self._dressed(slots, asked, seed, report))
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
        else:
            return outputs
        # Out of the except block: the traceback, which kept the failed tensors alive, is gone.
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        raise OutOfMemory("There is not enough free memory for this photo.")

    def analyse(self, picture: Image.Image, mask: Image.Image | None = None, category: str = AUTO) -> Garment:
        """What a picture tells of a garment; kept, so that nobody waits for it again.

        Raises:
            GarmentNotFound, CategoryUnsupported: there is none, or none that can be tried on.
        """
        shown = upright(picture)
        try:
            return self.wardrobe.garment(shown, mask, category)
        except ProductNotFound as error:
            raise GarmentNotFound("No garment is seen in this picture.", field="garment") from error

    def _dressed(self, slots: Mapping[str, Image.Image], asked: TryOnParams, seed: int, report: Progress) -> Output:
        clock = _Clock()
        self.backends.get(asked.backend)  # a method that is not there is refused before anything is looked at
        garment = self.analyse(slots["garment"], slots.get("garment_mask"), asked.category)
        clock.stop("garment")
        report(0.2)
        source = take_apart(slots["person"])
        pose, seen = self.eyes.pose.look(source.colour), self.eyes.segment.look(source.colour)
        check_person(source.colour, pose, seen, kind=garment.kind)
        body = studied(source.colour, pose, seen.classes, garment.kind)
        clock.stop("person")
        report(0.4)
        request = FitRequest(
            person=source.colour,
            body=body,
            garment_picture=take_apart(upright(slots["garment"])).colour,
            garment=garment,
            category=FAMILY[garment.kind],
            tuck=asked.tuck,
            outer=asked.outer,
            seed=seed,
        )
        fit = self.backends.fit(asked.backend, request)
        clock.stop("fit")
        report(0.9)
        image = put_together(_kept(source.colour, fit.picture, fit.region), source)
        clock.stop("paste")
        report(1.0)
        able = self.backends.get(asked.backend).capabilities()
        info: dict[str, Any] = {
            "recipe": "tryon",
            "backend": asked.backend,
            "licence": able.licence,
            "category": request.category,
            "kind": garment.kind,
            "sleeves": garment.sleeves,
            "garment_source": garment.source,
            "garment_confidence": round(garment.confidence, 4),
            "confidence": round(fit.confidence, 4),
            "warnings": list(fit.warnings),
            "tuck": asked.tuck,
            "outer": asked.outer,
            "edited_share": round(float(np.asarray(fit.region, np.float32).mean() / 255), 4),
            "seed": seed,
            "input_size": list(source.colour.size),
            "weights": self.digest,
            "weights_version": self.version,
            "device": str(self.device),
            "seconds": clock.seconds,
        }
        return Output(image, fit.region, info)


class _Clock:
    """Seconds by step."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.perf_counter()

    def stop(self, step: str) -> None:
        now = time.perf_counter()
        self.seconds[step] = round(now - self._last, 4)
        self._last = now


def _report(progress: Progress | None, done: int, count: int, share: float) -> None:
    if progress is not None:
        progress((done + share) / count)


def _kept(photo: Image.Image, made: Image.Image, region: Image.Image) -> Image.Image:
    """The photo, and within the region what was made: outside it equal to the bit, whatever a method did."""
    inside = region.point(lambda value: 255 if value > 0 else 0)
    return Image.composite(made, photo, inside)


def _check_slots(slots: Mapping[str, Image.Image]) -> None:
    for name in REQUIRED - set(slots):
        raise InvalidInputs(f"A try-on needs the picture “{name}”.", field=name)
    for name in set(slots) - REQUIRED - OPTIONAL:
        raise InvalidInputs(f"A try-on takes no picture “{name}”.", field=name)
