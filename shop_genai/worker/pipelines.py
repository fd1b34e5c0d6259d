"""Loaded pipelines: a few stay in memory, the one not used for longest makes room."""

from __future__ import annotations

import gc
import sys
from collections import OrderedDict
from pathlib import Path

from shop_genai.conf import genai_settings
from shop_genai.errors import TorchMissing, WeightsMissing
from shop_genai.models import Weights
from shop_genai.recipes import Pipeline, Recipe
from shop_genai.worker.garments import GarmentRows

EXTRA = {"torch", "safetensors", "numpy"}  # what `shop-genai[worker]` installs

_loaded: OrderedDict[tuple[str, str, str], Pipeline] = OrderedDict()


def get(recipe: Recipe, weights: Weights | None) -> Pipeline:
    """The pipeline of a recipe with exactly the weights that a job was pinned to.

    Raises:
        WeightsMissing: those weights are not here; others are never taken instead.
        WeightsTampered: a file differs from its manifest.
        TorchMissing: the worker extra is not installed.
    """
    device = str(genai_settings.DEVICE)
    pinned = weights.digest if weights else ""
    key = recipe.name, pinned, device
    if key in _loaded:
        _loaded.move_to_end(key)
        return _loaded[key]
    folder = Path(weights.folder) if weights and weights.folder else None
    present = recipe.digest(folder)
    if present != pinned:
        place = str(folder) if folder else "the installed package"
        raise WeightsMissing(
            f"The job was pinned to weights {pinned[:12] or 'none'} of “{recipe.name}”, but {place} holds "
            f"{present[:12] or 'none'}. Submit it again to use those.",
            recipe=recipe.name,
        )
    while len(_loaded) >= max(1, genai_settings.PIPELINE_CACHE):
        _loaded.popitem(last=False)
        _free_device_memory()
    try:
        pipeline = recipe.load(folder, device)
    except ImportError as error:
        if (error.name or "").split(".")[0] in EXTRA:
            raise TorchMissing(
                f"This worker cannot import {error.name}. Install it with: pip install 'shop-genai[worker]'"
            ) from error
        raise
    wardrobe = getattr(pipeline, "wardrobe", None)
    if wardrobe is not None:
        # A try-on's: `generation` knows no database, so it gets the place where garments are kept here.
        wardrobe.cache = GarmentRows()
    _loaded[key] = pipeline
    return pipeline


def clear() -> None:
    """Forget all pipelines; looking for garbage takes a while, so not when there were none."""
    if _loaded:
        _loaded.clear()
        _free_device_memory()


def _free_device_memory() -> None:
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
