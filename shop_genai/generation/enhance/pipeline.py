"""The enhancer at work: pictures in, restored pictures out, tile by tile.

`strength` blends two weight sets of one network, the pixel-loss weights (0) and the GAN weights (1). Source: Wang et
al. 2018, "ESRGAN", section 3.4 (network interpolation).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from shop_genai.errors import ImageTooLarge, InvalidInputs, InvalidParams, OutOfMemory
from shop_genai.generation import tensors, weights
from shop_genai.generation.devices import pick_device, pick_dtype
from shop_genai.generation.output import Output, Progress

from .network import GRID, Generator, GeneratorConfig
from .params import EnhanceParams
from .pictures import Opened, put_together, take_apart
from .tiles import Tile, tiles

TILE = 128  # largest side of a tile on the trunk's grid: the convolutions run on at most 128x128
SMALLEST_TILE = 32  # on the same grid; below this the halo would be most of the work
HALO = 10  # on the same grid, on each side; more changes no pixel by more than 2/255 (tests/generation/enhance)
BATCH = {"cpu": 1, "cuda": 8}  # tiles per forward pass; a CPU gains nothing from more
LARGEST_OUTPUT = 200_000_000  # pixels; a result is held in memory as one uint8 picture
INTERPOLATIONS = 3  # strengths whose blended networks are kept ready


def open_pipeline(folder: Path | None, device: str, dtype: str) -> EnhancePipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`."""
    source = weights.manifest("enhance", folder)
    states = {role: weights.tensors(source, role) for role in ("pixel", "gan")}
    target = pick_device(device)
    config = GeneratorConfig(**source.content["network"])
    return EnhancePipeline(config, states, target, pick_dtype(dtype, target), source.digest, source.version)


@dataclass(frozen=True)
class _Piece:
    """One tile of one of the pictures that are worked on together."""

    picture: int
    tile: Tile


class EnhancePipeline:
    """A loaded enhancer.

    Args:
        config: the shape of the network.
        states: "pixel" and "gan" → state dict of a `Generator` of that shape.
        device, dtype: what to compute with.
        digest, version: the identity of the weights, for `Output.info`.
    """

    def __init__(
        self,
        config: GeneratorConfig,
        states: Mapping[str, dict[str, Tensor]],
        device: torch.device,
        dtype: torch.dtype,
        digest: str = "",
        version: str = "",
    ) -> None:
        self.config = config
        self.states = states
        self.device = device
        self.dtype = dtype
        self.digest = digest
        self.version = version
        self.tile = TILE
        self.batch = BATCH.get(device.type, 1)
        self._networks: dict[float, Generator] = {}  # by strength, the last used last

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: EnhanceParams | Mapping[str, Any] | Sequence[EnhanceParams | Mapping[str, Any]],
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
            ImageTooLarge: the result would exceed `LARGEST_OUTPUT`.
            OutOfMemory: not even the smallest tile fits into the device's memory.
        """
        wanted = _one_each(params, len(inputs))
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} pictures came with {len(seeds)} seeds.", field="seeds")
        groups: defaultdict[EnhanceParams, list[int]] = defaultdict(list)
        for index, (slots, asked) in enumerate(zip(inputs, wanted, strict=True)):
            _check(slots, asked)
            groups[asked].append(index)
        outputs: dict[int, Output] = {}
        reached = 0.0
        for asked, indices in groups.items():
            sources = [take_apart(inputs[index]["image"]) for index in indices]
            before = len(outputs)

            def within(share: float, before: int = before, part: int = len(indices)) -> None:
                nonlocal reached
                # After memory ran out a group starts again; what people see does not go back.
                reached = max(reached, (before + share * part) / len(inputs))
                if progress is not None:
                    progress(reached)

            results = self._enhance([source.pixels for source in sources], asked, within)
            for index, source, pixels in zip(indices, sources, results, strict=True):
                info = self._info(asked, seeds[index], source)
                outputs[index] = Output(put_together(pixels, source), None, info)
        return [outputs[index] for index in range(len(inputs))]

    def _info(self, params: EnhanceParams, seed: int, source: Opened) -> dict[str, Any]:
        return {
            "recipe": "enhance",
            "scale": params.scale,
            "strength": params.strength,
            "seed": seed,
            "input_size": [source.pixels.shape[1], source.pixels.shape[0]],
            "weights": self.digest,
            "weights_version": self.version,
            "device": str(self.device),
            "dtype": str(self.dtype).removeprefix("torch."),
        }

    def _enhance(
        self, pictures: list[NDArray[np.uint8]], params: EnhanceParams, progress: Progress
    ) -> list[NDArray[np.uint8]]:
        """Restore pictures that share their parameters; when memory runs out, try again with less at a time."""
        while True:
            try:
                return self._once(pictures, params, progress)
            except (MemoryError, RuntimeError) as error:
                if not out_of_memory(error):
                    raise
            # Out of the except block: the traceback, which kept the failed pass's tensors alive, is gone.
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
            if self.batch > 1:
                self.batch //= 2
            elif self.tile > SMALLEST_TILE:
                self.tile //= 2
            else:
                raise OutOfMemory("The device has not enough free memory for even one small tile.")

    def _once(
        self, pictures: list[NDArray[np.uint8]], params: EnhanceParams, progress: Progress
    ) -> list[NDArray[np.uint8]]:
        scale, unit = params.scale, GRID // params.scale
        padded = [_padded(picture, unit) for picture in pictures]
        pieces = [
            _Piece(index, tile)
            for index, picture in enumerate(padded)
            for tile in tiles(picture.shape[0], picture.shape[1], self.tile * unit, HALO * unit, unit)
        ]
        results = [np.empty((p.shape[0] * scale, p.shape[1] * scale, 3), np.uint8) for p in pictures]
        network = self.network(params.strength)
        done = 0
        for group in _batches(pieces, self.batch):
            low = np.stack([_read(padded[piece.picture], piece.tile) for piece in group])
            with torch.inference_mode():
                high = tensors.to_pixels(network(tensors.to_tensor(low, self.device), scale))
            for piece, pixels in zip(group, high, strict=True):
                _write(results[piece.picture], pixels, piece.tile, scale)
            done += len(group)
            progress(done / len(pieces))
        return results

    def network(self, strength: float) -> Generator:
        """The network for one strength: weights blended, convolutions folded, ready on the device."""
        network = self._networks.pop(strength, None)
        if network is None:
            pixel, gan = self.states["pixel"], self.states["gan"]
            network = Generator(self.config)
            network.load_state_dict({name: torch.lerp(pixel[name], gan[name], strength) for name in pixel})
            network.fold().requires_grad_(False)
            network = network.to(self.device, self.dtype, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self._networks[strength] = network
        if len(self._networks) > INTERPOLATIONS:
            del self._networks[next(iter(self._networks))]
        return network


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on a GPU or on the CPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


def _one_each(
    params: EnhanceParams | Mapping[str, Any] | Sequence[EnhanceParams | Mapping[str, Any]], count: int
) -> list[EnhanceParams]:
    several = [params] * count if isinstance(params, EnhanceParams | Mapping) else list(params)
    if len(several) != count:
        raise InvalidParams(f"{count} pictures came with {len(several)} sets of parameters.", field="params")
    return [p if isinstance(p, EnhanceParams) else _from_mapping(p) for p in several]


def _from_mapping(values: Mapping[str, Any]) -> EnhanceParams:
    unknown = sorted(values.keys() - EnhanceParams.__dataclass_fields__.keys())
    if unknown:
        raise InvalidParams(f"enhance has no parameter “{unknown[0]}”.", field=unknown[0])
    return EnhanceParams(**values)


def _check(slots: Mapping[str, Image.Image], params: EnhanceParams) -> None:
    if set(slots) != {"image"}:
        raise InvalidInputs("enhance takes exactly one picture, called “image”.", field="image")
    width, height = slots["image"].size
    pixels = width * height * params.scale**2
    if pixels > LARGEST_OUTPUT:
        raise ImageTooLarge(
            f"Enlarged {params.scale} times, the picture would have {pixels / 1e6:.0f} megapixels;"
            f" the limit is {LARGEST_OUTPUT / 1e6:.0f}.",
            field="scale",
        )


def _padded(picture: NDArray[np.uint8], unit: int) -> NDArray[np.uint8]:
    """Repeat the last row and column until both sides are multiples of `unit`."""
    height, width = picture.shape[:2]
    if height % unit == width % unit == 0:
        return picture
    return np.pad(picture, ((0, -height % unit), (0, -width % unit), (0, 0)), mode="edge")


def _read(picture: NDArray[np.uint8], tile: Tile) -> NDArray[np.uint8]:
    return picture[tile.y.start : tile.y.stop, tile.x.start : tile.x.stop]


def _write(result: NDArray[np.uint8], pixels: NDArray[np.uint8], tile: Tile, scale: int) -> None:
    """Copy the part of a tile's result that is kept; what lies in the padding is cut off."""
    height, width = result.shape[:2]
    top, bottom = tile.y.keep_start * scale, min(tile.y.keep_stop * scale, height)
    left, right = tile.x.keep_start * scale, min(tile.x.keep_stop * scale, width)
    y, x = tile.y.start * scale, tile.x.start * scale
    result[top:bottom, left:right] = pixels[top - y : bottom - y, left - x : right - x]


def _batches(pieces: list[_Piece], size: int) -> Iterator[list[_Piece]]:
    """Pieces in order, in groups of at most `size` that share one shape."""
    group: list[_Piece] = []
    for piece in pieces:
        if group and (len(group) == size or _shape(piece) != _shape(group[0])):
            yield group
            group = []
        group.append(piece)
    if group:
        yield group


def _shape(piece: _Piece) -> tuple[int, int]:
    return piece.tile.y.stop - piece.tile.y.start, piece.tile.x.stop - piece.tile.x.start
