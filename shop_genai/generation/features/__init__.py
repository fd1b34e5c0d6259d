"""The product classifier, whose features say how alike two pictures of goods are. Importing this needs no torch.

Its features serve the distribution metrics ("FID (shop features)") and the enhancer's perceptual loss. It is trained
here, on photos that may be used for that; no network trained elsewhere is involved.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from shop_genai.generation import weights

if TYPE_CHECKING:
    from .network import Classifier

KIND, ROLE = "features", "classifier"


def load_classifier(folder: Path | None = None, device: str = "auto") -> Classifier:
    """The classifier with trained weights, ready to extract features; None: the packaged weights.

    Raises:
        WeightsMissing, WeightsTampered: see `generation.weights`.
    """
    from shop_genai.generation.devices import pick_device

    from .network import Classifier, ClassifierConfig

    source = weights.manifest(KIND, folder)
    network = Classifier(ClassifierConfig.from_dict(source.content["network"]))
    network.load_state_dict(weights.tensors(source, ROLE))
    return network.to(pick_device(device)).eval().requires_grad_(False)
