"""Figures of the landmarks; and the landmarks that ship, on the repository's own garments."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from benchmarks import _tryon_landmarks
from benchmarks._tryon_landmarks import RENDERED, SAMPLES, known, labelled, lines, rendered
from shop_genai.errors import CategoryUnsupported
from shop_genai.generation import weights
from shop_genai.generation.segment.classes import CLASSES, number
from shop_genai.generation.segment.network import SegmentNetwork
from shop_genai.generation.segment.pipeline import SegmentPipeline
from shop_genai.generation.tryon.analyst import GarmentAnalyst
from shop_genai.training.packs import Entry, open_rgb
from tests.generation.segment.tiny import Painter
from tests.generation.tryon.telling import shirt
from tests.generation.tryon.test_analyst import analyst


class Alone(Painter):
    """Sees a product everywhere, and nobody."""

    def forward(self, picture: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(len(picture), len(CLASSES) + 1, *picture.shape[2:])
        logits[:, [number("product"), -1]] = 9.0
        return logits


@pytest.fixture(scope="module")
def packaged() -> GarmentAnalyst:
    """The landmarks that ship; masks are given, so that nothing has to be segmented."""
    network: SegmentNetwork = Alone()  # type: ignore[assignment]  # stands in for it
    segment = SegmentPipeline(network, torch.device("cpu"), torch.float32, "digest", "test")
    return GarmentAnalyst.packaged(segment, None)


def mask_of(name: str) -> Image.Image:
    return open_rgb(SAMPLES / "products_masks" / f"{name}.png").convert("L")


@pytest.mark.parametrize("name", ["vneck", "breton", "tank"])
def test_what_ships_finds_collar_sleeves_and_hem(packaged: GarmentAnalyst, name: str) -> None:
    figures = rendered(packaged, name, RENDERED[name])["mask"]
    assert figures["sleeves"] == {"vneck": "short", "breton": "long", "tank": "none"}[name]
    assert figures["error"] < 0.015
    assert figures["worst"] < 0.05
    assert figures["inside_iou"] > 0.7


@pytest.mark.parametrize("name", ["mug", "bottle", "vase", "tote"])
def test_what_ships_refuses_things(packaged: GarmentAnalyst, name: str) -> None:
    with pytest.raises(CategoryUnsupported):
        packaged.analyse(open_rgb(SAMPLES / "products" / f"{name}.jpg"), mask_of(name))


def test_what_ships_is_small_and_says_what_it_learned_from() -> None:
    manifest = weights.manifest("landmarks")
    assert set(manifest.roles) == {"whole", "neck"}
    assert all(entry["size"] < 1.5e6 for entry in manifest.content["files"].values())
    assert manifest.content["data"]
    assert "garments-flat, test" in manifest.content["metrics"]


def test_the_truth_of_a_rendered_garment_lies_on_its_mask() -> None:
    mask = mask_of("vneck")
    truth, opening = known("vneck", mask)
    for name in ("hem_left", "cuff_outer_right", "armpit_left", "shoulder_right"):
        x, y = truth[name]
        assert mask.crop((int(x) - 12, int(y) - 12, int(x) + 12, int(y) + 12)).getextrema() == (0, 255), name
    assert truth["neck_left"][0] > truth["neck_right"][0]
    assert opening.getpixel((round(truth["neck_front"][0]), round(truth["neck_front"][1]) - 10)) == 255
    with pytest.raises(ValueError, match="empty"):
        known("tee", Image.new("L", (8, 8)))


def test_labels_are_held_against_what_is_found(tmp_path: Path) -> None:
    shirt()[0].save(tmp_path / "a.png")
    Image.new("RGB", (60, 60), (200, 200, 200)).save(tmp_path / "b.png")
    entries = [
        Entry(tmp_path / "a.png", "", {"label": "T-Shirt"}),
        Entry(tmp_path / "a.png", "", {"label": "Longsleeve"}),
        Entry(tmp_path / "a.png", "", {"label": "Skirt"}),
        Entry(tmp_path / "b.png", "", {"label": "Hat"}),
        Entry(tmp_path / "b.png", "", {"label": "Riddle"}),
    ]
    row = labelled(analyst(), "pack", entries)
    assert row["kind"] == pytest.approx(2 / 3)
    assert row["sleeves"] == 0.5
    assert row["refused"] == 1
    assert row["pictures"] == {"kind": 3, "sleeves": 2, "refused": 1}
    assert row["mistaken"] == ["a.png: Longsleeve taken for upper short", "a.png: Skirt taken for upper short"]


def test_figures_become_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    good = {"error": 0.01, "close": 0.9, "near": 1.0, "inside_iou": 0.8, "mask_iou": 0.95}
    rows = [
        {"name": "tee", "picture": good, "mask": good},
        {"name": "odd", "picture": {"refused": "garment_not_found"}, "mask": {"refused": "category_unsupported"}},
    ]
    packs = [
        {"pack": "p", "kind": 0.5, "refused": 1.0, "pictures": {"kind": 2, "sleeves": 0, "refused": 3}, "mistaken": []}
    ]
    text = lines({"rendered": rows, "packs": packs})
    assert "| tee | 0.010 | 90 % | 100 % | 0.80 | 0.950 | 0.010 |" in text
    assert "| odd | refused: garment_not_found | | | | | category_unsupported |" in text
    assert text[-1] == "`p`: kind right 50 % of 2, refused 100 % of 3 things."
    monkeypatch.setattr(_tryon_landmarks, "RENDERED", {})
    assert _tryon_landmarks.measure(analyst(), []) == {"rendered": [], "packs": []}
