"""How the classifier is trained: random views of labelled photos, cross-entropy with smoothed labels.

Views are also blurred, made noisy and saved as JPEG at random half of the time: features that serve as a perceptual
loss must not take a photo's flaws for its subject.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageEnhance, ImageOps
from torch import Tensor, nn

from shop_genai.generation import tensors
from shop_genai.generation.example import Example

from .network import Classifier, ClassifierConfig

Batch = dict[str, Any]


@dataclass(frozen=True)
class ViewSampler:
    """Makes a batch of random square views; `picture` is (N, side, side, 3) uint8, `label` (N,) int64."""

    classes: tuple[str, ...] = ()
    side: int = 96  # pixels
    smallest: float = 0.35  # share of the picture's area that a view shows at least
    longest: float = 1.4  # largest ratio of a view's sides before it is squeezed into the square
    jitter: float = 0.35  # brightness, contrast and saturation change by up to this share; hue stays
    tilt: float = 15.0  # degrees

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> Batch:
        views = [self.view(example.picture, rng) for example in examples]
        labels = [self.classes.index(example.label) for example in examples]
        return {"picture": np.stack(views), "label": np.array(labels)}

    def view(self, picture: Image.Image, rng: np.random.Generator) -> NDArray[np.uint8]:
        """One random view, (side, side, 3)."""
        area = picture.width * picture.height * rng.uniform(self.smallest, 1.0)
        ratio = float(np.exp(rng.uniform(-np.log(self.longest), np.log(self.longest))))
        width = min(picture.width, round((area * ratio) ** 0.5))
        height = min(picture.height, round((area / ratio) ** 0.5))
        x, y = rng.integers(picture.width - width + 1), rng.integers(picture.height - height + 1)
        box = (int(x), int(y), int(x) + width, int(y) + height)
        view = picture.resize((self.side, self.side), Image.Resampling.BICUBIC, box=box)
        if rng.random() < 0.5:
            view = ImageOps.mirror(view)
        if rng.random() < 0.5:
            border = tuple(int(c) for c in np.asarray(view)[0].mean(axis=0))
            view = view.rotate(float(rng.uniform(-self.tilt, self.tilt)), Image.Resampling.BILINEAR, fillcolor=border)
        for change in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
            view = change(view).enhance(float(rng.uniform(1 - self.jitter, 1 + self.jitter)))
        return np.asarray(view)


@dataclass(frozen=True)
class FeaturesConfig:
    """Everything that decides what is learned."""

    classifier: ClassifierConfig = field(default_factory=ClassifierConfig)
    sampler: ViewSampler = field(default_factory=ViewSampler)
    smoothing: float = 0.1  # share of a label that is spread over all classes (Szegedy et al. 2016, section 7)


class FeaturesTask:
    """The classifier and its backward pass; there is no discriminator."""

    name = "features"

    def __init__(self, config: FeaturesConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = config.sampler
        network = Classifier(config.classifier)
        self.generator: nn.Module = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self.discriminator: nn.Module | None = None

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Run the classifier."""
        self.label = torch.from_numpy(batch["label"]).to(self.device)  # (N,)
        self.logits = self.generator(tensors.to_tensor(batch["picture"], self.device))  # (N, K)

    def backward_D(self) -> dict[str, Tensor]:
        """There is nothing to tell real from made."""
        raise RuntimeError("the classifier has no discriminator to train")

    def backward_G(self) -> dict[str, Tensor]:
        """Learn the labels."""
        loss = F.cross_entropy(self.logits, self.label, label_smoothing=self.config.smoothing)
        torch.autograd.backward(loss)
        right = (self.logits.argmax(dim=1) == self.label).float().mean()
        return {"entropy": loss.detach(), "accuracy": right}

    @torch.no_grad()
    def measure(self, network: nn.Module, examples: Sequence[Example]) -> dict[str, float]:
        """Accuracy, and accuracy averaged over classes, on whole pictures squeezed into squares."""
        was_training = network.training
        network.eval()
        classes = self.config.classifier.classes
        known = [example for example in examples if example.label in classes]
        truth = np.array([classes.index(example.label) for example in known])
        found = np.concatenate(
            [
                network(tensors.to_tensor(np.stack([self._whole(e.picture) for e in known[i : i + 64]]), self.device))
                .argmax(dim=1)
                .cpu()
                .numpy()
                for i in range(0, len(known), 64)
            ]
        )
        network.train(was_training)
        per_class = [float((found[truth == c] == c).mean()) for c in np.unique(truth)]
        return {"accuracy": float((found == truth).mean()), "balanced_accuracy": float(np.mean(per_class))}

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """One row of pictures with the class that each is taken for."""
        was_training = generator.training
        generator.eval()
        row = []
        for picture in pictures:
            pixels = self._whole(picture)
            number = int(generator(tensors.to_tensor(pixels, self.device)).argmax())
            shown = Image.fromarray(pixels)
            ImageDraw.Draw(shown).text((2, 2), self.config.classifier.classes[number], fill="red")
            row.append(shown)
        generator.train(was_training)
        return [row]

    def _whole(self, picture: Image.Image) -> NDArray[np.uint8]:
        side = self.config.classifier.side
        return np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC, reducing_gap=3.0))
