"""The variants' benchmark, on two drawn colourways and random weights."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from benchmarks import _variant_goals as goals
from benchmarks import _variant_measures as measures
from benchmarks import _variant_pairs as real
from benchmarks import _variant_peers as peers
from benchmarks import _variant_report as report
from benchmarks import _variant_speed as speed
from benchmarks.__main__ import main
from shop_genai.generation import weights
from tests.generation.pictures import drawn
from tests.generation.variant.conftest import TINY, random_network

COLOURS = {"red": (1.0, 0.3, 0.3), "blue": (0.3, 0.3, 1.0)}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A pack of four styles in two colours, and untrained weights."""
    pack = tmp_path / "people"
    (pack / "images").mkdir(parents=True)
    rows = []
    for style in range(4):
        mask = Image.new("L", (40, 48))
        ImageDraw.Draw(mask).rectangle((6, 6, 33, 41), fill=255)
        mask.save(pack / f"mask{style}.png")
        for colour, gains in COLOURS.items():
            pixels = np.asarray(drawn(40, 48, style), np.float64).mean(axis=2, keepdims=True) * np.array(gains)
            pixels += np.random.default_rng(style).normal(0, 1, pixels.shape)
            file = f"images/{style}-{colour}.png"
            Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(pack / file)
            names = {"file": file, "split": "test", "source": "drawn", "style": f"s{style}", "view": "main"}
            rows.append({**names, "color": colour, "category": "tee", "garment_mask": f"mask{style}.png"})
    rows.append({**rows[0], "split": "train"})
    rows.append({**rows[0], "garment_mask": ""})
    with (pack / "manifest.csv").open("w", newline="", encoding="utf-8") as lines:
        writer = csv.DictWriter(lines, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    content = {"kind": "variant", "version": "untrained", "promoted": True, "network": asdict(TINY)}
    weights.write(tmp_path / "weights", content, {"variant": random_network().state_dict()})
    return tmp_path


def arguments(place: Path, *more: str) -> list[str]:
    common = ["--device", "cpu", "--threads", "1", "--rounds", "1"]
    return ["variant", "--data", str(place / "people"), "--weights", str(place / "weights"), *common, *more]


@pytest.fixture(autouse=True)
def _threads() -> Any:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_it_measures_and_writes(
    place: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed, "SIDE", 64)
    card = place / "card.md"
    card.write_text(f"Before.\n{report.START}\nold figures\n{report.END}\nAfter.\n")
    figures, sheet = place / "figures" / "variant.json", place / "sheet.png"
    assert main(arguments(place, "--json", str(figures), "--card", str(card), "--sheet", str(sheet))) == 0
    measured = json.loads(figures.read_text())
    transfer = measured["transfer"]
    assert (measured["photos"], transfer["pairs"]) == (8, 8)
    rows = {row["method"]: row for row in transfer["rows"]}
    # The drawn colourways are gains of one another, up to noise.
    assert rows["affine oracle"]["psnr"] > rows["per-channel gain"]["psnr"] > 30 > rows["copy"]["psnr"]
    assert rows["photo B itself"]["delta_e"] == 0
    assert rows["photo B itself"]["psnr"] is None
    assert rows["copy"]["gradient"] == pytest.approx(1)
    assert transfer["exact"] == {"outside": 0, "strength_0": 0}
    assert transfer["elsewhere"]["pairs"] == 8
    assert len(transfer["worst"]) == 8
    assert 0 <= measured["latent"]["active"] <= 6
    assert {row["method"] for row in measured["prior"]} == {"prior", "N(0, I)", "any colour, Lab mean shift"}
    assert [row["variants"] for row in measured["taste"]["rows"]] == [16, 16]
    assert measured["speed"]["milliseconds"]["edit"] > 0
    told = {goal["name"]: goal["met"] for goal in measured["goals"]}
    assert told["look of photo B, dB"] is False
    assert told["change outside the mask, steps of 255"] is True
    assert figures.with_suffix(".md").read_text() in capsys.readouterr().out
    text = card.read_text()
    assert text.startswith("Before.\n")
    assert text.endswith("\nAfter.\n")
    assert "old figures" not in text
    assert weights.digest("variant", place / "weights")[:12] in text
    for path in (sheet, place / "sheet-prior.png"):
        with Image.open(path) as made:
            assert made.height > 300


def test_a_folder_without_colourways_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["variant", "--data", str(place / "weights")]) == 2
    assert "manifest" in capsys.readouterr().err
    assert main(["variant", "--data", str(place / "people"), "--split", "val"]) == 2
    assert "'val'" in capsys.readouterr().err


def test_the_repositorys_colourways() -> None:
    photos = real.read_photos(None, "test")
    found = real.pairs(photos)
    assert {pair.source.shot for pair in found} >= {"polo", "sunset-tee", "vneck"}
    assert all(pair.source.style == pair.target.style and pair.source != pair.target for pair in found)
    mask = photos[0].inside()
    assert mask.any()
    assert not mask.all()


SOURCE = np.random.default_rng(0).uniform(40, 160, (500, 3))


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("copy", SOURCE),
        ("per-channel gain", SOURCE * [0.5, 1.2, 1.1]),
        ("histogram matching", 20 + (SOURCE / 16) ** 2),
        ("affine oracle", SOURCE @ np.array([[0.2, 0.5, 0.1], [0.7, 0, 0.1], [0, 0.1, 0.6]]) + [3, 9, 20]),
    ],
)
def test_each_method_can_do_what_it_is_for(method: str, target: Any) -> None:
    assert peers.PEERS[method](SOURCE, target) == pytest.approx(target, abs=0.5)


def test_mean_shift_and_reinhard_reach_the_statistics() -> None:
    from shop_genai.generation.lab import lab

    target = 100 + 0.3 * (SOURCE[::-1] - 100)
    shifted, matched = (lab(peers.PEERS[name](SOURCE, target)) for name in ("Lab mean shift", "Reinhard"))
    assert shifted.mean(axis=0) == pytest.approx(lab(target).mean(axis=0), abs=0.3)
    assert matched.std(axis=0) == pytest.approx(lab(target).std(axis=0), abs=0.3)


def test_psnr_and_colour_differences() -> None:
    black, grey = np.zeros((10, 3)), np.full((10, 3), 25.5)
    assert measures.psnr(grey, black) == pytest.approx(20)
    assert measures.psnr(grey, grey) == np.inf
    assert measures.delta_e(np.full((4, 3), 255.0), np.zeros((4, 3))) == pytest.approx(100, abs=0.01)
    swapped = SOURCE[::-1]
    assert measures.delta_e_of_means(SOURCE, swapped) == pytest.approx(0, abs=1e-9)
    assert measures.delta_e(SOURCE, swapped) > 10


def test_gradients_follow_structure_and_not_contrast() -> None:
    picture = np.asarray(drawn(48, 48))
    inside = measures.inner(Image.new("L", (48, 48), 255))
    darker = (picture * 0.5).astype(np.uint8)
    assert measures.gradient_correlation(picture, darker, inside) == pytest.approx(1, abs=0.01)
    assert measures.gradient_correlation(picture, 255 - picture, inside) == pytest.approx(-1)
    assert measures.gradient_correlation(picture, np.zeros_like(picture), inside) is None


def test_the_border_of_a_mask_does_not_count() -> None:
    mask = Image.new("L", (40, 40))
    ImageDraw.Draw(mask).rectangle((10, 10, 29, 29), fill=255)
    assert measures.inner(mask).sum() == (20 - 2 * (measures.BORDER // 2)) ** 2


def figures(**ours: float) -> dict[str, Any]:
    good = {"psnr": 34.0, "delta_e": 2.5, "worst": 26.0, "gradient": 0.97, **ours}
    transfer = {
        "rows": [{"method": goals.OURS, **good}, {"method": goals.ORACLE, "psnr": 33.6}],
        "elsewhere": {"to_donor": 4.0, "to_target": 9.0},
        "exact": {"outside": 0, "strength_0": 0},
    }
    taste = {"rows": [{"strength": 1.0, "nearer_all": 0.96, "nearer_other": 0.99}]}
    return {"transfer": transfer, "taste": taste, "speed": {"milliseconds": {"edit": 149.0}}}


def test_all_goals_can_be_met() -> None:
    assert all(goal.met for goal in goals.goals(figures()))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        ("look of photo B, dB", {"psnr": 33.4}),
        ("over the affine oracle, dB", {"psnr": 33.5}),
        ("look of photo B, ΔE76", {"delta_e": 2.8}),
        ("worst pair, dB", {"worst": 24.9}),
        ("luma gradient correlation, mean", {"gradient": 0.94}),
    ],
)
def test_a_goal_that_is_missed(name: str, ours: dict[str, float]) -> None:
    assert {goal.name: goal.met for goal in goals.goals(figures(**ours))}[name] is False


def test_a_card_without_marks_is_not_touched(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("No figures here.")
    with pytest.raises(ValueError, match="no part between"):
        report.write_card(card, {})
    assert card.read_text() == "No figures here."
