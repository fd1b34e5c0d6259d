"""Weights that are only bytes: a recipe that compares them by two figures, and folders as training exports them."""

from __future__ import annotations

import hashlib
import json
from functools import partial
from pathlib import Path
from typing import Any

from shop_genai import recipes
from shop_genai.generation import weights
from shop_genai.recipes import Figure, Recipe, Slot
from tests.fakes.recipes import InvertParams, load_invert

NAME = "weighty"
TEST_SET = "5e" * 32
SHARP = Figure("x2.psnr", better="max", tolerance=0.1, label="Sharpness")
DRIFT = Figure("x2.drift", better="min", tolerance=0.0)
PNG = b"\x89PNG\r\n\x1a\n picture"


def metrics(psnr: float, drift: float = 1.0, test_set: str = TEST_SET, **more: Any) -> dict[str, Any]:
    """One evaluation, as a manifest keeps it."""
    values = {"x2": {"psnr": psnr, "drift": drift}, "seconds": 0.5}
    return {"data": "shop", "split": "test", "test_set": test_set, "pictures": 9, "values": values, **more}


def export(folder: Path, version: str, figures: Any = None, kind: str = NAME, **more: Any) -> Path:
    """A folder with a manifest and one file whose bytes are the version's name."""
    folder.mkdir(parents=True, exist_ok=True)
    data = f"weights {version}".encode()
    (folder / f"{kind}.safetensors").write_bytes(data)
    entry = {"file": f"{kind}.safetensors", "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    content = {
        "kind": kind,
        "name": "Fake",
        "version": version,
        "licence": "MIT",
        "data": {"our photos": "own work"},
        "network": {"channels": 8},
        "training": {"steps": 20, "settings": {"batch": 4}},
        "metrics": figures if figures is not None else {},
        "files": {"all": entry},
    }
    (folder / f"{kind}.json").write_text(json.dumps({**content, **more}), encoding="utf-8")
    return folder


def add_report(folder: Path) -> None:
    """What training draws: curves and two sample grids, and a log that pages do not show."""
    report = folder / "report"
    report.mkdir()
    for name in ("curves.png", "samples_0000002.png", "samples_0000001.png"):
        (report / name).write_bytes(PNG + name.encode())
    (report / "log.csv").write_text("step,loss\n", encoding="utf-8")


def weighty(package: Path | None, decides: tuple[Figure, ...] = (SHARP, DRIFT), name: str = NAME) -> Recipe:
    """A registered recipe whose packaged weights lie in a folder; None: it has none inside its package."""

    def place(folder: Path | None) -> Path | None:
        return folder if folder is not None else package

    def digest(folder: Path | None) -> str:
        found = place(folder)
        return weights.digest(name, found) if found is not None else ""

    return recipes.register(
        Recipe(
            name=name,
            label="Weighty",
            slots=(Slot("image"),),
            params=InvertParams,
            load=load_invert,
            digest=digest,
            manifest=lambda folder: weights.manifest(name, place(folder)),
            decides=decides,
        )
    )


bare = partial(weighty, None)
