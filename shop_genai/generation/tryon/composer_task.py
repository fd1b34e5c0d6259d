"""How the composer is trained: to restore photos that were taken apart, and to pass for a photo where there is none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation import adversarial, tensors
from shop_genai.generation.enhance.losses import feature_matching
from shop_genai.generation.example import Example

from . import composer_losses as losses
from .composer import Composed, Composer, ComposerConfig, composed
from .composer_discriminator import Discriminator, DiscriminatorConfig
from .example import TryOnExample
from .sampler import TryOnSampler

Batch = dict[str, Any]
UNPAIRED = "unpaired"  # rows that have no target inside the region
WHITE, UNKNOWN = 255, 128  # in `truth`
JUDGED = 0.2  # share of a patch that must lie in the region, for D to be asked about it


@dataclass(frozen=True)
class ComposerTaskConfig:
    """Everything that decides what is learned."""

    network: ComposerConfig = field(default_factory=lambda: ComposerConfig(skin=True))
    sampler: TryOnSampler = field(default_factory=TryOnSampler)
    discriminator: DiscriminatorConfig | None = field(default_factory=DiscriminatorConfig)  # None: no adversarial part
    coarse: float = 0.0  # share of the run at half the resolution, for networks that look at all pixels
    broad_weight: float = 0.5  # of the error of light and shade, against 1 for the absolute error
    edge_weight: float = 1.0  # of the error of neighbours' differences
    structure_weight: float = 0.1  # of 1 - SSIM
    coverage_weight: float = 0.1  # of the cross-entropy of where the garment is
    even_weight: float = 0.02  # of the garment's light, squared
    smooth_weight: float = 0.1  # of its slope
    prior_weight: float = 0.3  # without a target: of the change of coverage, and of what is under it
    gan_weight: float = 0.02  # of the hinge loss of G
    feature_weight: float = 0.3  # of the distance between D's features
    gan_start: float = 0.7  # share of the run before the discriminator comes in


@dataclass(frozen=True)
class Planes:
    """A batch as tensors in [0, 1], (N, C, H, W)."""

    draft: Tensor
    warped: Tensor
    alpha: Tensor
    region: Tensor
    maps: Tensor
    target: Tensor
    truth: Tensor  # 1 where the garment is
    known: Tensor  # 1 where that is known
    paired: Tensor  # (N, 1, 1, 1): 1 where the target is one

    def halved(self) -> Planes:
        """At half the resolution."""
        pooled = {f.name: F.avg_pool2d(getattr(self, f.name), 2) for f in fields(self) if f.name != "paired"}
        return Planes(**pooled | {"paired": self.paired})


class ComposerTask:
    """The networks and the two backward passes."""

    name = "tryon"

    def __init__(self, config: ComposerTaskConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = config.sampler
        self.generator: nn.Module = Composer(config.network).to(device)
        self.discriminator: nn.Module | None = None
        if config.discriminator is not None:
            self.discriminator = Discriminator(config.discriminator).to(device)
        self._shown: Batch | None = None

    def begin(self, shown: Batch) -> None:
        """Keep a batch for the grids."""
        self._shown = shown

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Compose the batch; at half the resolution in the first part of the run."""
        planes = self._opened(batch)
        self.planes = planes.halved() if progress < self.config.coarse else planes
        self.made = _compose(self.generator, self.planes)
        height, width = self.planes.region.shape[2:]
        self.where = F.adaptive_avg_pool2d(self.planes.region, (height // 8, width // 8)) > JUDGED
        compared = bool((self.where * self.planes.paired).any())
        self.judged = self.discriminator is not None and compared and progress >= self.config.gan_start

    def backward_D(self) -> dict[str, Tensor]:
        """D learns to tell photos from composed ones, patch by patch, where anything changed."""
        if self.discriminator is None:
            raise RuntimeError("this composer has no discriminator to train")
        if not self.judged:
            return {}
        paired = self.planes.paired.flatten() > 0
        fake, _ = self.discriminator(self.made.picture.detach().clamp(0, 1), self.planes.region)
        loss = adversarial.hinge_discriminator(self._real(paired), fake[self.where])
        torch.autograd.backward(loss)
        return {"d": loss.detach()}

    def backward_G(self) -> dict[str, Tensor]:
        """Restore the photo; where there is none, stay near the draft; and pass for a photo."""
        config, planes, made = self.config, self.planes, self.made
        weight = planes.region * planes.paired
        garment = planes.region * made.alpha.detach()
        free = planes.region * (1 - planes.paired)
        parts = {
            "absolute": losses.absolute(made.picture, planes.target, weight),
            "broad": config.broad_weight * losses.broad(made.picture, planes.target, weight),
            "edges": config.edge_weight * losses.edges(made.picture, planes.target, weight),
            "structure": config.structure_weight * losses.structure(made.picture, planes.target, weight),
            "coverage": config.coverage_weight * losses.coverage(made.alpha, planes.truth, planes.known * weight),
            "even": config.even_weight * losses.even(made.gain, garment),
            "smooth": config.smooth_weight * losses.smoothness(made.gain, garment),
            "prior": config.prior_weight
            * (losses.absolute(made.alpha, planes.alpha, free) + losses.absolute(made.under, planes.draft, free)),
        }
        if self.discriminator is not None and self.judged:
            parts |= self._adversarial(self.discriminator)
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        with torch.no_grad():
            figures = {"psnr": _psnr(made.picture.clamp(0, 1), planes.target, weight)}
            return {name: value.detach() for name, value in parts.items()} | figures

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Rows of the kept batch: the person without the garment, the garment pasted, composed, and the photo."""
        if self._shown is None:
            return [[picture] for picture in pictures]
        planes = self._opened(self._shown)
        made = _compose(generator, planes)
        columns = [planes.draft, _plain(planes), made.picture, planes.target]
        cells = [F.avg_pool2d(column.clamp(0, 1), 2) for column in columns]
        rows = torch.stack(cells, dim=1)  # (N, columns, 3, H / 2, W / 2)
        return [[Image.fromarray(pixels) for pixels in tensors.to_pixels(row)] for row in rows]

    @torch.no_grad()
    def measure(self, generator: nn.Module, examples: Sequence[Example]) -> dict[str, float]:
        """Figures over photos that training did not see, taken apart as in training, once each.

        `psnr` (dB) and `ssim` inside the region, `iou` of the garment; `plain psnr`, `plain ssim`: of the draft with
        the garment pasted; `pictures`: how many there were, without those whose garment nobody sees.
        """
        found: defaultdict[str, list[float]] = defaultdict(list)
        for number, example in enumerate(examples):
            if not isinstance(example, TryOnExample):
                continue
            try:
                batch = self.sampler([example], np.random.default_rng([11, number]))
            except ValueError:  # nobody sees its garment
                continue
            planes = self._opened(batch)
            made = _compose(generator, planes)
            for kind, picture in (("", made.picture.clamp(0, 1)), ("plain ", _plain(planes))):
                found[f"{kind}psnr"].append(float(_psnr(picture, planes.target, planes.region)))
                found[f"{kind}ssim"].append(1 - float(losses.structure(picture, planes.target, planes.region)))
            truth, seen = planes.truth * planes.known > 0.5, (made.alpha > 0.5) & (planes.known > 0)
            union = float((truth | seen).sum())
            if union:
                found["iou"].append(float((truth & seen).sum()) / union)
        pictures = float(len(found["psnr"]))
        return {name: float(np.mean(values)) for name, values in found.items() if values} | {"pictures": pictures}

    def _real(self, paired: Tensor) -> Tensor:
        """D's scores of the targets, where they changed; of the rows that have one."""
        if self.discriminator is None:
            raise RuntimeError("this composer has no discriminator")
        scores, features = self.discriminator(self.planes.target[paired], self.planes.region[paired])
        self._features = [plane.detach() for plane in features]
        return torch.as_tensor(scores[self.where[paired]])

    def _adversarial(self, discriminator: nn.Module) -> dict[str, Tensor]:
        """G's part of the game. The features of the photos are those that D had for them just before its step."""
        scores, features = discriminator(self.made.picture.clamp(0, 1), self.planes.region)
        paired = self.planes.paired.flatten() > 0
        return {
            "gan": self.config.gan_weight * adversarial.hinge_generator(scores[self.where]),
            "features": self.config.feature_weight
            * feature_matching([plane[paired] for plane in features], self._features),
        }

    def _opened(self, batch: Batch) -> Planes:
        def plane(name: str) -> Tensor:
            return torch.from_numpy(np.array(batch[name])).to(self.device)

        truth = plane("truth")[:, None]
        paired = torch.tensor([kind != UNPAIRED for kind in batch["kind"]], device=self.device)
        return Planes(
            draft=tensors.to_tensor(batch["draft"], self.device),
            warped=tensors.to_tensor(batch["warped"], self.device),
            alpha=plane("alpha")[:, None].float().div(255),
            region=plane("region")[:, None].float().div(255),
            maps=plane("maps").float().div(255),
            target=tensors.to_tensor(batch["target"], self.device),
            truth=(truth == WHITE).float(),
            known=(truth != UNKNOWN).float(),
            paired=paired.float()[:, None, None, None],
        )


def _compose(generator: nn.Module, planes: Planes) -> Composed:
    made = generator(planes.draft, planes.warped, planes.alpha, planes.region, planes.maps)
    if not isinstance(made, Composed):
        raise TypeError(f"expected a Composer, got {type(generator).__name__}")
    return made


def _plain(planes: Planes) -> Tensor:
    """The garment pasted onto the draft."""
    nothing = torch.zeros_like(planes.alpha)
    return composed(planes.draft, planes.warped, planes.alpha, planes.region, nothing, planes.draft)


def _psnr(output: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """In dB, inside the weight."""
    return -10 * torch.log10(losses.within((output - target) ** 2, weight) + 1e-8)
