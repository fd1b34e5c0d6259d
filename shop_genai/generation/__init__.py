"""The generators, in PyTorch, usable without Django.

    from shop_genai.generation import load
    pipeline = load("enhance")
    outputs = pipeline([{"image": photo}], {"scale": 2}, [0])

Importing this package does not import torch; `load` does.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, overload

from shop_genai.errors import TorchMissing, UnknownRecipe

if TYPE_CHECKING:
    from .accessories.pipeline import AccessoryPipeline
    from .cutout.pipeline import CutoutPipeline
    from .dcgan.pipeline import DcganPipeline
    from .enhance.pipeline import EnhancePipeline
    from .pose.pipeline import PosePipeline
    from .segment.pipeline import SegmentPipeline
    from .tryon.pipeline import TryOnPipeline
    from .vae.pipeline import VaePipeline
    from .variant.pipeline import VariantPipeline

# Name: the module whose `open_pipeline` opens it.
PIPELINES = {
    "accessory": "shop_genai.generation.accessories.pipeline",
    "enhance": "shop_genai.generation.enhance.pipeline",
    "cutout": "shop_genai.generation.cutout.pipeline",
    "dcgan": "shop_genai.generation.dcgan.pipeline",
    "pose": "shop_genai.generation.pose.pipeline",
    "segment": "shop_genai.generation.segment.pipeline",
    "tryon": "shop_genai.generation.tryon.pipeline",
    "vae": "shop_genai.generation.vae.pipeline",
    "variant": "shop_genai.generation.variant.pipeline",
}


@overload
def load(
    name: Literal["accessory"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> AccessoryPipeline: ...


@overload
def load(
    name: Literal["enhance"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> EnhancePipeline: ...


@overload
def load(
    name: Literal["cutout"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> CutoutPipeline: ...


@overload
def load(
    name: Literal["dcgan"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> DcganPipeline: ...


@overload
def load(
    name: Literal["pose"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> PosePipeline: ...


@overload
def load(
    name: Literal["tryon"],
    weights: Path | str | None = None,
    device: str = "auto",
    dtype: str = "auto",
    **options: Any,
) -> TryOnPipeline: ...


@overload
def load(
    name: Literal["segment"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> SegmentPipeline: ...


@overload
def load(
    name: Literal["vae"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> VaePipeline: ...


@overload
def load(
    name: Literal["variant"], weights: Path | str | None = None, device: str = "auto", dtype: str = "auto"
) -> VariantPipeline: ...


@overload
def load(
    name: str, weights: Path | str | None = None, device: str = "auto", dtype: str = "auto", **options: Any
) -> Any: ...


def load(
    name: str, weights: Path | str | None = None, device: str = "auto", dtype: str = "auto", **options: Any
) -> Any:
    """Open a pipeline.

    Args:
        name: a key of `PIPELINES`.
        weights: a folder with weights and manifest, or the manifest itself; None: the packaged, promoted weights.
            For the enhancer also a safetensors file of other people's (docs/enhance.md).
        device: "auto" (a GPU if there is one), "cpu", "cuda", "cuda:1", …
        dtype: "auto" (bfloat16 where the hardware computes in it, else float32), "float32" or "bfloat16".
        options: what that pipeline's `open_pipeline` takes besides, such as the try-on's `backends`.

    Raises:
        UnknownRecipe: no generator has that name.
        TorchMissing: PyTorch or safetensors is not installed here.
        WeightsMissing, WeightsTampered: see `generation.weights`.
        WeightsUnsupported: a file of other people's that cannot be run here.
    """
    if name not in PIPELINES:
        raise UnknownRecipe(f"There is no generator “{name}”. There are: {', '.join(sorted(PIPELINES))}.", recipe=name)
    try:
        module = import_module(PIPELINES[name])
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors", "numpy"):
            raise
        raise TorchMissing(
            f"This process cannot generate: the package {error.name} is missing. Install shop-genai[worker]."
        ) from error
    return module.open_pipeline(Path(weights) if weights is not None else None, device, dtype, **options)
