"""A trained VAE at work: pictures from nothing, from themselves, and between two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from shop_genai.errors import InvalidInputs, InvalidParams
from shop_genai.generation import squares, weights
from shop_genai.generation.devices import pick_device, pick_dtype

from . import paths
from .network import Posterior, Vae, VaeConfig

BATCH = 64
MOST = 10_000  # pictures in one call; they are all held in memory


def open_pipeline(source: Path | None, device: str, dtype: str) -> VaePipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`."""
    manifest = weights.manifest("vae", source)
    network = Vae(VaeConfig(**manifest.content["network"]))
    network.load_state_dict(weights.tensors(manifest, "vae"))
    target = pick_device(device)
    return VaePipeline(network, target, pick_dtype(dtype, target), manifest.digest, manifest.version)


class VaePipeline:
    """A loaded VAE. Photos may have any shape; they are padded to squares of `network.config.side` pixels."""

    def __init__(
        self, network: Vae, device: torch.device, dtype: torch.dtype, digest: str = "", version: str = ""
    ) -> None:
        self.network = network.to(device).eval().requires_grad_(False)
        self.device = device
        self.dtype = dtype
        self.digest = digest
        self.version = version

    @torch.inference_mode()
    def sample(self, count: int, seed: int = 0) -> list[Image.Image]:
        """Pictures of codes drawn from the prior; the same seed draws the same ones.

        Raises:
            InvalidParams: count is not in 1..10000.
        """
        _counted("count", count, 1)
        source = torch.Generator().manual_seed(seed)  # on the CPU: the same codes on every device
        return self._decoded(torch.randn(count, self.network.config.latent, generator=source))

    @torch.inference_mode()
    def reconstruct(self, pictures: Sequence[Image.Image]) -> list[Image.Image]:
        """Each picture as its most likely code draws it.

        Raises:
            InvalidInputs: no pictures.
        """
        return self._decoded(self._posterior(pictures).mode())

    @torch.inference_mode()
    def interpolate(self, a: Image.Image, b: Image.Image, steps: int, *, spherical: bool = True) -> list[Image.Image]:
        """Pictures on the way from a's code to b's, the reconstructions of both included.

        Args:
            a, b: photos.
            steps: how many pictures, at least 2.
            spherical: along the great arc; else along the straight line. See `paths`.

        Raises:
            InvalidParams: steps is not in 2..10000.
        """
        _counted("steps", steps, 2)
        start, end = self._posterior([a, b]).mode()
        way = paths.spherical if spherical else paths.linear
        return self._decoded(way(start, end, steps))

    @torch.inference_mode()
    def posterior_statistics(self, pictures: Sequence[Image.Image]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Mean and log variance of the pictures' codes, (N, latent) each.

        Raises:
            InvalidInputs: no pictures.
        """
        posterior = self._posterior(pictures)
        return posterior.mean.cpu().numpy(), posterior.log_variance.cpu().numpy()

    def _posterior(self, pictures: Sequence[Image.Image]) -> Posterior:
        if not pictures:
            raise InvalidInputs("There is no picture to encode.")
        parts = []
        for first in range(0, len(pictures), BATCH):
            batch = squares.to_batch(pictures[first : first + BATCH], self.network.config.side, self.device)
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype is torch.bfloat16):
                parts.append(self.network.encode(batch))
        return Posterior(
            torch.cat([part.mean for part in parts]).float(), torch.cat([part.log_variance for part in parts]).float()
        )

    def _decoded(self, codes: Tensor) -> list[Image.Image]:
        pictures: list[Image.Image] = []
        for z in torch.split(codes.to(self.device), BATCH):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype is torch.bfloat16):
                pictures += squares.to_pictures(self.network.decode(z))
        return pictures


def _counted(field: str, value: int, least: int) -> None:
    if not least <= value <= MOST:
        raise InvalidParams(f"{field} must be from {least} to {MOST}, not {value}.", field=field)
