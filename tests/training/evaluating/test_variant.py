"""Variants against real colourways."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image, ImageDraw

from shop_genai.training.evaluating import variant
from shop_genai.training.packs import read_pack

COLOURS = {"black": (0, 0, 0), "grey": (51, 51, 51), "white": (255, 255, 255)}


class Stand:
    """Stands in for the pipeline: hands back one of the two pictures."""

    def __init__(self, slot: str) -> None:
        self.slot = slot

    def __call__(self, inputs: Sequence[Mapping[str, Any]], params: Any, seeds: Sequence[int]) -> list[Any]:
        return [SimpleNamespace(image=inputs[0][self.slot])]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """A shot in three colours, a shot in one, and a picture without a mask."""
    (tmp_path / "images").mkdir()
    mask = Image.new("L", (20, 10))
    ImageDraw.Draw(mask).rectangle((0, 0, 9, 9), fill=255)
    mask.save(tmp_path / "mask.png")
    rows = []
    for style, names in (("tee", COLOURS), ("hat", ["black"]), ("sock", ["black"])):
        for name in names:
            file = f"images/{style}-{name}.png"
            picture = Image.new("RGB", (20, 10), COLOURS[name])
            picture.paste((0, 255, 0), (10, 0, 20, 10))  # outside the mask nothing counts
            picture.save(tmp_path / file)
            shot = {"style": style, "view": "main", "garment_mask": "" if style == "sock" else "mask.png"}
            rows.append({"file": file, "split": "test", "source": "drawn", **shot})
    with (tmp_path / "manifest.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return tmp_path


def test_only_shots_in_several_colours_count(pack: Path) -> None:
    found = variant.colourways(read_pack(pack, "test"))
    assert [entry.facts["style"] for entry in found] == ["tee"] * 3
    with pytest.raises(FileNotFoundError, match="two colours"):
        variant.colourways(read_pack(pack, "test")[3:])


def test_the_figures_of_a_copy(pack: Path) -> None:
    told: list[tuple[int, int]] = []
    entries = read_pack(pack, "test")
    found = variant.transfer(Stand("image"), entries, lambda *done: told.append(done))  # type: ignore[arg-type]  # a stand-in
    # black-grey: 51 of 255, 13.98 dB; black-white: 0 dB; grey-white: 204 of 255, 1.94 dB; each pair both ways
    assert found["pairs"] == 6
    assert found["psnr"] == pytest.approx((13.979 + 0 + 1.938) / 3, abs=0.01)
    assert found["median"] == pytest.approx(1.938, abs=0.01)
    assert found["worst"] == pytest.approx(0)
    assert found["delta_e"] == pytest.approx((21.247 + 100 + 78.753) / 3, abs=0.05)
    assert told[-1] == (6, 6)


def test_what_is_met_exactly_counts_the_most(pack: Path) -> None:
    found = variant.transfer(Stand("appearance"), read_pack(pack, "test"))  # type: ignore[arg-type]  # a stand-in
    assert found["psnr"] == found["worst"] == variant.HIGHEST
    assert found["delta_e"] == 0
