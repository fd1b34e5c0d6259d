"""A trained DCGAN at work: as many product pictures as are asked for."""

from __future__ import annotations

from pathlib import Path

import torch
from PIL import Image

from shop_genai.errors import InvalidParams
from shop_genai.generation import squares, weights
from shop_genai.generation.devices import pick_device, pick_dtype

from .network import Generator, GeneratorConfig, noise

BATCH = 64
MOST = 10_000  # pictures in one call; they are all held in memory


def open_pipeline(source: Path | None, device: str, dtype: str) -> DcganPipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`."""
    manifest = weights.manifest("dcgan", source)
    network = Generator(GeneratorConfig(**manifest.content["network"]))
    network.load_state_dict(weights.tensors(manifest, "generator"))
    target = pick_device(device)
    return DcganPipeline(network, target, pick_dtype(dtype, target), manifest.digest, manifest.version)


class DcganPipeline:
    """A loaded generator, whose batch normalisation has settled."""

    def __init__(
        self, network: Generator, device: torch.device, dtype: torch.dtype, digest: str = "", version: str = ""
    ) -> None:
        self.network = network.to(device).eval().requires_grad_(False)
        self.device = device
        self.dtype = dtype
        self.digest = digest
        self.version = version

    @torch.inference_mode()
    def sample(self, count: int, seed: int = 0) -> list[Image.Image]:
        """Pictures drawn from noise; the same seed draws the same ones.

        Raises:
            InvalidParams: count is not in 1..10000.
        """
        if not 1 <= count <= MOST:
            raise InvalidParams(f"From 1 to {MOST} pictures can be drawn at once, not {count}.", field="count")
        pictures: list[Image.Image] = []
        for z in torch.split(noise(count, self.network.config.latent, seed, self.device), BATCH):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype is torch.bfloat16):
                pictures += squares.to_pictures(self.network(z))
        return pictures
