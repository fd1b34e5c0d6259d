"""A recipe with packaged weights, and a shelf of others to register."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shop_genai import registry
from shop_genai.models import Weights
from shop_genai.recipes import Recipe
from tests.fakes.weights import export, metrics, weighty

Registered = Callable[..., Weights]


@pytest.fixture
def recipe(db: None, tmp_path: Path) -> Recipe:
    """“weighty”, with packaged weights of 30 dB."""
    return weighty(export(tmp_path / "package", "1.0", metrics(30.0)))


@pytest.fixture
def registered(recipe: Recipe, tmp_path: Path) -> Registered:
    """``registered("2.0", 31.0)``: a row with these figures; ``registered("2.0", None)``: without any."""

    def registered(version: str, psnr: float | None = 31.0, drift: float = 1.0, **more: Any) -> Weights:
        figures = {} if psnr is None else metrics(psnr, drift, **more)
        return registry.register(export(tmp_path / version, version, figures))

    return registered
