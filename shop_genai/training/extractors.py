"""What turns pictures into the features that sets of pictures are compared by.

An extractor is named by a text such as "shop" or "inception:FILE". To add your own, put a function into `EXTRACTORS`;
everything that measures takes its name from there on:

    EXTRACTORS["mine"] = lambda argument, device: MyExtractor(argument, device)  # opened by "mine" or "mine:ARGUMENT"
"""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from shop_genai.errors import InvalidParams, WeightsMissing, WeightsUnsupported
from shop_genai.generation import tensors, weights
from shop_genai.generation.devices import pick_device
from shop_genai.generation.features import KIND, load_classifier
from shop_genai.generation.features.network import Classifier

BATCH = 64  # pictures per forward pass
INCEPTION_SIDE = 299  # pixels


@dataclass(frozen=True)
class Features:
    """What an extractor sees in N pictures."""

    vectors: NDArray[np.float64]  # (N, F)
    probabilities: NDArray[np.float64]  # (N, K), of its K classes; rows sum to 1


class Extractor(Protocol):
    """A way to see pictures."""

    name: str  # stands beside every figure: "FID (name)"
    identity: str  # differs whenever figures would: figures of different identities must not be compared

    def __call__(self, pictures: Iterable[Image.Image]) -> Features: ...


class ShopFeatures:
    """The product classifier: what its last stage sees, averaged over the picture, and its classes."""

    name = "shop features"

    def __init__(self, classifier: Classifier, device: torch.device, digest: str = "") -> None:
        self.classifier = classifier.to(device).eval()
        self.device = device
        self.identity = f"shop:{digest[:12] or 'untrained'}"

    @torch.no_grad()
    def __call__(self, pictures: Iterable[Image.Image]) -> Features:
        vectors, probabilities = [], []
        for pixels in _batches(pictures, self.classifier.config.side):
            pooled = self.classifier.features(tensors.to_tensor(pixels, self.device))
            vectors.append(pooled)
            probabilities.append(self.classifier.head(pooled).softmax(dim=1))
        return _features(vectors, probabilities)


class Inception:
    """A TorchScript file of Inception-v3, in the form that is in common use for FID.

    Called with (N, 3, H, W) uint8 and `return_features=True` it gives the features, (N, 2048); without, class scores.
    Pictures are brought to 299 x 299 here, antialiased: the resampling inside such files is not, and lets shrunk
    pictures look more different than they are.

    Source for the resampling: Parmar et al. 2022, "On Aliased Resizing and Surprising Subtleties in GAN Evaluation".
    """

    name = "Inception"

    def __init__(self, file: Path, device: torch.device) -> None:
        self.network = _open_script(file).to(device).eval()
        self.device = device
        with file.open("rb") as content:
            self.identity = f"inception:{hashlib.file_digest(content, 'sha256').hexdigest()[:12]}"
        arguments = {argument.name for argument in self.network.forward.schema.arguments}
        if "return_features" not in arguments:
            raise WeightsUnsupported(
                f"{file.name} is TorchScript, but not an Inception file for FID: it takes no return_features.",
                file=file.name,
            )
        # The original Inception Score leaves the last layer's bias out; files that can do so name the option thus.
        self.plain = {"no_output_bias": True} if "no_output_bias" in arguments else {}

    @torch.no_grad()
    def __call__(self, pictures: Iterable[Image.Image]) -> Features:
        vectors, probabilities = [], []
        for pixels in _batches(pictures, INCEPTION_SIDE):
            batch = torch.from_numpy(pixels).permute(0, 3, 1, 2).to(self.device)
            vectors.append(self.network(batch, return_features=True).flatten(1))
            scores = self.network(batch, **self.plain)
            probabilities.append(scores if _are_probabilities(scores) else scores.softmax(dim=1))
        return _features(vectors, probabilities)


def _open_shop(argument: str, device: torch.device) -> Extractor:
    folder = Path(argument) if argument else None
    return ShopFeatures(load_classifier(folder, str(device)), device, weights.digest(KIND, folder))


def _open_inception(argument: str, device: torch.device) -> Extractor:
    if not argument:
        raise InvalidParams("Name the Inception file: inception:FILE.", field="extractor")
    return Inception(Path(argument), device)


EXTRACTORS: dict[str, Callable[[str, torch.device], Extractor]] = {
    "shop": _open_shop,  # "shop:FOLDER" takes other weights than the packaged ones
    "inception": _open_inception,
}


def open_extractor(spec: str = "shop", device: str = "auto") -> Extractor:
    """An extractor by its name: a key of `EXTRACTORS`, and after a colon what it needs.

    Raises:
        InvalidParams: no extractor has that name, or it lacks its file.
        WeightsMissing, WeightsTampered: its file is not there, or not the one that its manifest describes.
        WeightsUnsupported: the file is something else than it should be.
    """
    name, _, argument = spec.partition(":")
    if name not in EXTRACTORS:
        known = ", ".join(sorted(EXTRACTORS))
        raise InvalidParams(f"There is no extractor “{name}”. There are: {known}.", field="extractor")
    return EXTRACTORS[name](argument, pick_device(device))


def _open_script(file: Path) -> Any:
    """A TorchScript module. Such a file may hold code, which TorchScript runs without Python: open only what you trust.

    Raises:
        WeightsMissing: there is no such file.
        WeightsUnsupported: it is no TorchScript.
    """
    if not file.is_file():
        raise WeightsMissing(f"There is no file {file}.", file=file.name)
    try:
        with warnings.catch_warnings():
            # PyTorch advises authors of networks to export in another form; these files exist in this one.
            warnings.simplefilter("ignore", DeprecationWarning)
            return torch.jit.load(file, map_location="cpu")  # type: ignore[no-untyped-call]  # PyTorch has no types here
    except RuntimeError as error:
        raise WeightsUnsupported(f"{file.name} is not a TorchScript file.", file=file.name) from error


def _batches(pictures: Iterable[Image.Image], side: int) -> Iterator[NDArray[np.uint8]]:
    """(N, side, side, 3), pictures squeezed into squares; only one batch is in memory at a time."""
    waiting: list[NDArray[np.uint8]] = []
    for picture in pictures:
        waiting.append(np.asarray(picture.convert("RGB").resize((side, side), Image.Resampling.BICUBIC)))
        if len(waiting) == BATCH:
            yield np.stack(waiting)
            waiting.clear()
    if waiting:
        yield np.stack(waiting)


def _are_probabilities(scores: Tensor) -> bool:
    """Whether a file's class scores went through a softmax already."""
    return bool((scores >= 0).all() and torch.allclose(scores.sum(dim=1), scores.new_ones(()), atol=1e-3))


def _features(vectors: list[Tensor], probabilities: list[Tensor]) -> Features:
    if not vectors:
        raise ValueError("there are no pictures to extract features from")
    parts = [torch.cat(part).double().cpu().numpy() for part in (vectors, probabilities)]
    return Features(*parts)
