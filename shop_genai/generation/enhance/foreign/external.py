"""More architectures through the optional package `spandrel`, where it is installed.

`spandrel` 0.4 needs torchvision at import, for networks that have nothing to do with super-resolution; without it, it
cannot be used at all.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor, nn

from shop_genai.errors import WeightsUnsupported

from .restorer import LARGEST_HALO, Foreign


def open_with_spandrel(path: Path) -> tuple[Foreign | None, str]:
    """The network, or None and a sentence for people on why not.

    Raises:
        WeightsUnsupported: spandrel knows the file, but it does something else than restore RGB pictures.
    """
    try:
        import spandrel
    except ModuleNotFoundError as error:
        if error.name == "spandrel":
            return None, "The optional package spandrel knows more architectures; it is not installed here."
        return None, f"The optional package spandrel is installed, but it needs {error.name}, which is not."
    except (ImportError, RuntimeError) as error:  # such as a torchvision that was built for another torch
        return None, f"The optional package spandrel is installed, but cannot be imported: {error}."
    try:
        model: Any = spandrel.ModelLoader(device="cpu").load_from_file(path)
    except spandrel.UnsupportedModelError:
        return None, "The optional package spandrel does not know it either."
    if not isinstance(model, spandrel.ImageModelDescriptor) or model.input_channels != 3 or model.output_channels != 3:
        raise WeightsUnsupported(f"{path.name} does not turn an RGB picture into an RGB picture.", file=path.name)
    sizes = model.size_requirements
    unit = max(1, int(sizes.multiple_of))
    reach = -(-LARGEST_HALO // unit)
    return Foreign(model.architecture.id.lower(), _Described(model), model.scale, unit, reach), ""


class _Described(nn.Module):
    """A spandrel descriptor as a module: it moves with its network."""

    def __init__(self, descriptor: Any) -> None:
        super().__init__()
        self.network = descriptor.model
        self.descriptor = descriptor

    def forward(self, low: Tensor) -> Tensor:
        high: Tensor = self.descriptor(low)
        return high
