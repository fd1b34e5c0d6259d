"""The enhancer at work: pictures in, restored pictures out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import (
    ImageTooLarge,
    InvalidInputs,
    InvalidParams,
    LightUnavailable,
    OutOfMemory,
    WeightsUnsupported,
)
from shop_genai.generation import weights
from shop_genai.generation.devices import out_of_memory, pick_device, pick_dtype
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.parameters import Given, one_each
from shop_genai.generation.pictures import Opened, put_together, take_apart, unchanged, visible

from . import foreign, quality
from .ground import OnWhite
from .light import Light, LightConfig, LightNetwork
from .light import estimate as estimate_light
from .network import GeneratorConfig
from .params import EnhanceParams
from .passes import Pass, run
from .presets import CUSTOM, Decision, decide
from .restorers import Blended, Network, Restorer

BATCH = {"cpu": 1, "cuda": 8}  # tiles per forward pass; a CPU gains nothing from more
LARGEST_OUTPUT = 200_000_000  # pixels; a result is held in memory as one 8-bit picture
LIGHT_SIDE = 768  # pixels; exposure and colour cast show in a small copy as well

LightEstimate = Callable[[NDArray[np.uint8]], Light]


def open_pipeline(source: Path | None, device: str, dtype: str) -> EnhancePipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`."""
    target = pick_device(device)
    if source is not None and foreign.is_file_of_weights(source):
        found = foreign.open_file(source)
        kind = foreign.pick_dtype(dtype)
        return EnhancePipeline(found.restorer, target, kind, found.digest, found.version)
    manifest = weights.manifest("enhance", source)
    if foreign.describes(manifest):
        kind = foreign.pick_dtype(dtype)
        return EnhancePipeline(foreign.open_manifest(manifest), target, kind, manifest.digest, manifest.version)
    roles = {"pixel"} | ({"gan"} & set(manifest.roles))
    states = {role: weights.tensors(manifest, role) for role in roles}
    restorer = Blended(GeneratorConfig(**manifest.content["network"]), states)
    light = _open_light(manifest) if "light" in manifest.roles else None
    return EnhancePipeline(restorer, target, pick_dtype(dtype, target), manifest.digest, manifest.version, light)


def _open_light(manifest: weights.Manifest) -> LightEstimate:
    network = LightNetwork(LightConfig(**manifest.content.get("light", {})))
    network.load_state_dict(weights.tensors(manifest, "light"))
    return partial(estimate_light, network.eval().requires_grad_(False))


@dataclass(frozen=True)
class _Work:
    """One picture on its way."""

    index: int
    params: EnhanceParams
    source: Opened
    decision: Decision


class EnhancePipeline:
    """A loaded enhancer.

    Args:
        restorer: the weights.
        device, dtype: what to compute with.
        digest, version: the identity of the weights, for `Output.info`.
        light: finds the repair of a picture's light; None: these weights cannot.
    """

    def __init__(
        self,
        restorer: Restorer,
        device: torch.device,
        dtype: torch.dtype,
        digest: str = "",
        version: str = "",
        light: LightEstimate | None = None,
    ) -> None:
        self.restorer = restorer
        self.device = device
        self.dtype = dtype
        self.digest = digest
        self.version = version
        self.light = light
        self.on_white = OnWhite(device)
        self._reset()

    def _reset(self) -> None:
        self.tile = self.restorer.tile
        self.batch = BATCH.get(self.device.type, 1)

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Given[EnhanceParams] | Sequence[Given[EnhanceParams]],
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Output]:
        """Enhance a batch of pictures.

        Args:
            inputs: one dict per picture; the slot is `image`, of any size and of any mode that photos come in.
            params: one for all, or one each.
            seeds: one each. The enhancer draws nothing at random; seeds are only recorded.
            progress: called after each batch of tiles with the share done, rising to 1; may raise to stop.

        Raises:
            InvalidParams, InvalidInputs: what was asked cannot be done.
            LightUnavailable: light was asked for, and the weights have no part that repairs it.
            ProductNotFound: a white ground was asked for, and no product is seen.
            ImageTooLarge: the result would exceed `LARGEST_OUTPUT`.
            OutOfMemory: not even the smallest tile fits into memory, the CPU's included.
        """
        wanted = one_each("enhance", EnhanceParams, params, len(inputs))
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} pictures came with {len(seeds)} seeds.", field="seeds")
        for slots, asked in zip(inputs, wanted, strict=True):
            self._check(slots, asked)
        outputs: dict[int, Output] = {}
        groups: defaultdict[tuple[int, float], list[_Work]] = defaultdict(list)
        for index, (slots, asked) in enumerate(zip(inputs, wanted, strict=True)):
            work = self._prepare(index, slots["image"], asked)
            if work.decision.leave:
                info = self._info(work, seeds[index], self.device, self.dtype)
                outputs[index] = self._on_ground(work, unchanged(slots["image"]), info)
            else:
                groups[work.decision.scale, work.decision.strength].append(work)
        reached = 0.0
        if progress is not None and not groups:
            progress(1.0)
        for works in groups.values():
            before = len(outputs)

            def within(share: float, before: int = before, part: int = len(works)) -> None:
                nonlocal reached
                # After memory ran out a group starts again; what people see does not go back.
                reached = max(reached, (before + share * part) / len(inputs))
                if progress is not None:
                    progress(reached)

            results, device, dtype = self._enhance(works, within)
            for work, result in zip(works, results, strict=True):
                if work.decision.size is not None:
                    result = result.resize(work.decision.size, Image.Resampling.LANCZOS)
                info = self._info(work, seeds[work.index], device, dtype)
                outputs[work.index] = self._on_ground(work, put_together(result, work.source), info)
        return [outputs[index] for index in range(len(inputs))]

    def _check(self, slots: Mapping[str, Image.Image], params: EnhanceParams) -> None:
        """Refuse what cannot be done before anything is done."""
        if set(slots) != {"image"}:
            raise InvalidInputs("enhance takes exactly one picture, called “image”.", field="image")
        if params.preset != CUSTOM:
            return  # a preset asks for what there is
        if params.scale not in self.restorer.scales:
            known = ", ".join(map(str, self.restorer.scales))
            raise InvalidParams(f"These weights enlarge by {known}, not by {params.scale}.", field="scale")
        if params.light > 0 and self.light is None:
            raise LightUnavailable("These weights cannot repair exposure and colour. Set light to 0.", field="light")
        _check_size(slots["image"], params.scale)

    def _prepare(self, index: int, image: Image.Image, params: EnhanceParams) -> _Work:
        """Take a picture apart, decide what is done to it, and repair its light."""
        source = take_apart(image)
        decision = self._decide(source, params)
        if not decision.leave:
            _check_size(image, decision.scale)
        if decision.light > 0 and self.light is not None:
            source = replace(source, colour=_lit(self.light, source, decision.light))
        return _Work(index, params, source, decision)

    def _decide(self, source: Opened, params: EnhanceParams) -> Decision:
        if params.preset == CUSTOM:
            decision = Decision(params.scale, params.strength, params.light)
        else:
            found = quality.estimate(np.asarray(visible(source)))
            decision = decide(params.preset, source.colour.size, found, self.restorer.scales)
        if decision.light > 0 and self.light is None:
            decision = decision.because("light_unavailable", light=0.0)
        if decision.strength > 0 and not self.restorer.blends:
            decision = decision.because("strength_unavailable", strength=0.0)
        return decision

    def _on_ground(self, work: _Work, image: Image.Image, info: dict[str, Any]) -> Output:
        """The restored picture, on white if the preset wants it so."""
        return self.on_white(image, info) if work.decision.white else Output(image, None, info)

    def _info(self, work: _Work, seed: int, device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
        decision = work.decision
        info: dict[str, Any] = {
            "recipe": "enhance",
            "preset": work.params.preset,
            "scale": decision.scale,
            "strength": decision.strength,
            "light": decision.light,
            "seed": seed,
            "input_size": list(work.source.colour.size),
            "weights": self.digest,
            "weights_version": self.version,
            "device": str(device),
            "dtype": str(dtype).removeprefix("torch."),
        }
        if decision.reasons:
            info["decision"] = decision.as_dict()
        return info

    def _enhance(self, works: list[_Work], progress: Progress) -> tuple[list[Image.Image], torch.device, torch.dtype]:
        """Restore pictures that share scale and strength.

        When memory runs out, try again with less at a time; when nothing is left to take away, on the CPU.
        """
        scale, strength = works[0].decision.scale, works[0].decision.strength
        pictures = [work.source.colour for work in works]
        grid = self.restorer.grid(scale)
        smallest = grid.smallest // grid.unit
        device, dtype = self.device, self.dtype
        while True:
            try:
                network = self.restorer.network(strength, device, dtype)
                how = Pass(network, device, scale, self.restorer.factor(scale), grid, self.tile, self.batch)
                results = run(how, pictures, progress)
            except (MemoryError, RuntimeError) as error:
                if not out_of_memory(error):
                    raise
            else:
                if device != self.device:
                    self._reset()  # the next call tries the GPU again, with all that fits
                return results, device, dtype
            # Out of the except block: the traceback, which kept the failed pass's tensors alive, is gone.
            if device.type == "cuda":
                torch.cuda.empty_cache()
            if self.batch > 1:
                self.batch //= 2
            elif self.tile > smallest:
                self.tile = max(self.tile // 2, smallest)
            elif device.type != "cpu":
                device = torch.device("cpu")
                dtype = pick_dtype("auto", device) if dtype != torch.float32 else dtype
                self.tile, self.batch = self.restorer.tile, BATCH["cpu"]
            else:
                self._reset()
                raise OutOfMemory("There is not enough free memory for even one small tile.")

    @property
    def config(self) -> GeneratorConfig:
        """The shape of our network.

        Raises:
            WeightsUnsupported: these are other people's weights.
        """
        if not isinstance(self.restorer, Blended):
            raise WeightsUnsupported("Only the enhancer's own weights have such a configuration.")
        return self.restorer.config

    def network(self, strength: float) -> Network:
        """The network for one strength, ready on this pipeline's device."""
        return self.restorer.network(strength, self.device, self.dtype)


def _check_size(image: Image.Image, scale: int) -> None:
    pixels = image.width * image.height * scale**2
    if pixels > LARGEST_OUTPUT:
        raise ImageTooLarge(
            f"Enlarged {scale} times, the picture would have {pixels / 1e6:.0f} megapixels;"
            f" the limit is {LARGEST_OUTPUT / 1e6:.0f}.",
            field="scale",
        )


def _lit(estimate: LightEstimate, source: Opened, amount: float) -> Image.Image:
    """The colours with `amount` of the repair that they need."""
    small = visible(source).copy()
    small.thumbnail((LIGHT_SIDE, LIGHT_SIDE), Image.Resampling.BOX)
    light = estimate(np.asarray(small)).scaled(amount)
    if light.is_identity:
        return source.colour
    return source.colour.point(light.curves().T.ravel().tolist())
