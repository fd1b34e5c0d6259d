"""How the variant VAE is trained: look A of a shot, and look B from elsewhere, must give look B of the shot."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation import adversarial, tensors
from shop_genai.generation.vae.losses import with_free_bits

from . import losses
from .discriminator import Discriminator, DiscriminatorConfig
from .grid import applied
from .network import VariantConfig, VariantVae, curve_of
from .sampler import FINER, Shot, SwapSampler

Batch = dict[str, Any]
ACTIVE = 0.01  # a dimension is active if its posterior mean varies by more than this over the pictures


@dataclass(frozen=True)
class VariantTaskConfig:
    """Everything that decides what is learned."""

    network: VariantConfig = field(default_factory=VariantConfig)
    sampler: SwapSampler = field(default_factory=SwapSampler)
    discriminator: DiscriminatorConfig | None = field(default_factory=DiscriminatorConfig)  # None: a plain VAE
    beta: float = 1e-3  # weight of the KL term, in nats, at the end
    warmup: float = 0.3  # share of the run over which beta rises from zero
    free_bits: float = 0.2  # nats per dimension that cost nothing more than this
    colour_weight: float = 0.04  # of the colour difference, against 1 for the logarithm of the error
    curve_weight: float = 0.5  # of the distance between the curve that a look asks for and the target's own
    outside_weight: float = 0.5  # of values beyond [0, 1], which clamping would hide
    gan_weight: float = 0.01  # of the hinge loss of G
    gan_start: float = 0.75  # share of the run before the discriminator comes in


class VariantTask:
    """The networks and the two backward passes."""

    name = "variant"

    def __init__(self, config: VariantTaskConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = config.sampler
        self.generator: nn.Module = VariantVae(config.network).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self.discriminator: nn.Module | None = None
        if config.discriminator is not None:
            self.discriminator = Discriminator(config.discriminator).to(device)

    def begin(self, batches: Iterable[Batch]) -> None:
        """Set the looks' principal components from the appearances in some batches."""
        network = _vae(self.generator)
        curves = [
            curve_of(
                tensors.to_tensor(batch["appearance"], self.device),
                self._mask(batch["appearance_mask"]),
                self.config.network.layers,
            )
            for batch in batches
        ]
        network.begin(torch.cat([curve.colours() for curve in curves]))

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Content of the source, a look drawn from the posterior of the appearance, the edited patch of the source."""
        network = _vae(self.generator)
        source = tensors.to_tensor(batch["source"], self.device)  # (N, 3, S, S)
        target = tensors.to_tensor(batch["target"], self.device)
        appearance = tensors.to_tensor(batch["appearance"], self.device)
        self.patch = tensors.to_tensor(batch["patch"], self.device)
        self.target = tensors.to_tensor(batch["patch_target"], self.device)
        self.mask = self._mask(batch["patch_mask"])  # (N, 1, S, S)
        self.curve = curve_of(target, self._mask(batch["mask"]), self.config.network.layers)
        self.beta = self.config.beta * min(1.0, progress / self.config.warmup if self.config.warmup else 1.0)
        self.judged = self.discriminator is not None and progress >= self.config.gan_start

        content = network.encode_content(source, self._mask(batch["source_mask"]))
        self.posterior = network.encode_appearance(appearance, self._mask(batch["appearance_mask"]))
        look = self.posterior.sample()
        corner = torch.from_numpy(np.array(batch["place"])).to(self.device)
        self.output = applied(network.decode(content, look), self.patch, corner, 1 / FINER)
        self.drawn = torch.cat(network.drawn(look), dim=1)  # (N, D + BANDS, 3)

    def backward_D(self) -> dict[str, Tensor]:
        """D learns to tell photos from edited ones; both have the same surroundings."""
        if self.discriminator is None:
            raise RuntimeError("this VAE has no discriminator to train")
        if not self.judged:
            return {}
        real, fake = self.discriminator(self.target), self.discriminator(self._pasted().detach())
        loss = adversarial.hinge_discriminator(real, fake)
        torch.autograd.backward(loss)
        return {"d": loss.detach()}

    def backward_G(self) -> dict[str, Tensor]:
        """Encoders and decoder learn to hit the target, with a look that costs little, and to pass for a photo."""
        config = self.config
        kl = self.posterior.kl()
        difference = losses.colour_difference(self.output, self.target, self.mask)
        beyond = (self.output - self.output.clamp(0, 1)).abs() * self.mask
        parts = {
            "error": losses.decibels_lost(self.output, self.target, self.mask),
            "colour": config.colour_weight * difference.mean(),
            # A look must say what colours it has by itself, so that it means the same for every content.
            "curve": config.curve_weight
            * (self.drawn - torch.cat([self.curve.mean, self.curve.bands], 1)).abs().mean(),
            "kl_cost": self.beta * with_free_bits(kl, config.free_bits),
            "beyond": config.outside_weight * beyond.mean(),
        }
        if self.discriminator is not None and self.judged:
            parts["gan"] = config.gan_weight * adversarial.hinge_generator(self.discriminator(self._pasted()))
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        with torch.no_grad():
            error = losses.squared_error(self.output.clamp(0, 1), self.target, self.mask)
            return {name: value.detach() for name, value in parts.items()} | {
                "psnr": -10 * torch.log10(error + 1e-8).mean(),
                "delta_e": difference.detach().mean(),
                "kl": kl.sum(dim=1).mean(),  # nats per look
            }

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Framed squares, whole square as the mask: each row is one content in the looks of all."""
        network = _vae(generator)
        known = tensors.to_tensor(np.stack([np.asarray(picture) for picture in pictures]), self.device)
        everywhere = torch.ones_like(known[:, :1])
        looks = network.encode_appearance(known, everywhere).mode()
        rows = []
        for picture in known:
            same = picture.expand_as(known)
            grid = network.decode(network.encode_content(same, everywhere), looks)
            pixels = tensors.to_pixels(torch.cat([picture[None], applied(grid, same)]))
            rows.append([Image.fromarray(square) for square in pixels])
        return rows

    @torch.no_grad()
    def measure(self, generator: nn.Module, shots: Sequence[Shot]) -> dict[str, float]:
        """Figures over shots that training did not see, on the finer squares: for every ordered pair of colourways.

        `psnr` (dB) and `delta_e` (CIE 1976) inside the mask, of looks taken from the target itself; `worst` (dB);
        `active` dimensions; `kl`, nats per look.

        Source: Burda et al. 2016, "Importance Weighted Autoencoders" (active units).
        """
        network = _vae(generator)
        errors, differences, means, costs = [], [], [], []
        for shot in shots:
            squares, mask = self._opened(shot.colourways, shot.mask)
            fine, fine_mask = self._opened(shot.fine, shot.fine_mask)
            posterior = network.encode_appearance(squares, mask)
            means.append(posterior.mode())
            costs.append(posterior.kl().sum(dim=1))
            for index, square in enumerate(squares):
                grid = network.decode(network.encode_content(square.expand_as(squares), mask), posterior.mode())
                output = applied(grid, fine[index].expand_as(fine)).clamp(0, 1)
                others = [other for other in range(len(squares)) if other != index]
                errors.append(losses.squared_error(output, fine, fine_mask)[others])
                differences.append(losses.colour_difference(output, fine, fine_mask)[others])
        ratios = -10 * torch.log10(torch.cat(errors) + 1e-8)
        return {
            "psnr": float(ratios.mean()),
            "worst": float(ratios.min()),
            "delta_e": float(torch.cat(differences).mean()),
            "active": float((torch.cat(means).var(dim=0, unbiased=False) > ACTIVE).sum()),
            "kl": float(torch.cat(costs).mean()),
            "pairs": float(len(ratios)),
        }

    @torch.no_grad()
    def looks(self, generator: nn.Module, shot: Shot) -> Tensor:
        """The look of each colourway: (N, appearance)."""
        return _vae(generator).encode_appearance(*self._opened(shot.colourways, shot.mask)).mode()

    def _opened(self, pictures: Sequence[Image.Image], mask: Image.Image) -> tuple[Tensor, Tensor]:
        """The colourways and, for each, the mask: (N, 3, S, S), (N, 1, S, S)."""
        squares = tensors.to_tensor(np.stack([np.asarray(picture) for picture in pictures]), self.device)
        return squares, self._mask(np.asarray(mask)[None]).expand(len(squares), -1, -1, -1)

    def _pasted(self) -> Tensor:
        """The edited garment in the photo."""
        return self.patch + self.mask * (self.output - self.patch)

    def _mask(self, plane: Any) -> Tensor:
        """(N, S, S) uint8 → (N, 1, S, S) in [0, 1]."""
        return torch.from_numpy(np.array(plane)).to(self.device)[:, None].float().div(255)


def _vae(network: nn.Module) -> VariantVae:
    if not isinstance(network, VariantVae):
        raise TypeError(f"expected a VariantVae, got {type(network).__name__}")
    return network
