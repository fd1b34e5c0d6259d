"""The enhancer's benchmark, on one or two small pictures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import _enhance_goals as goals
from benchmarks import _enhance_light as light
from benchmarks import _enhance_peers as peers
from benchmarks import _enhance_report as report
from benchmarks import _enhance_sheet as sheet
from benchmarks import enhance
from benchmarks.__main__ import main, names
from shop_genai.generation import weights
from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.degradation import Degradation
from shop_genai.generation.enhance.light import Light
from shop_genai.generation.enhance.network import Generator, GeneratorConfig
from tests.generation.pictures import drawn

TINY = GeneratorConfig(channels=8, depth=2)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """`photos` with one picture, and `weights` with an untrained generator: plain bicubic at every strength."""
    (tmp_path / "photos").mkdir()
    drawn(66, 50).save(tmp_path / "photos" / "shirt.png")
    state = Generator(TINY).state_dict()
    content = {"kind": "enhance", "version": "untrained", "promoted": True, "network": asdict(TINY)}
    weights.write(tmp_path / "weights", content, {"pixel": state, "gan": state})
    return tmp_path


def arguments(place: Path, *more: str) -> list[str]:
    common = ["--device", "cpu", "--dtype", "float32", "--threads", "1", "--rounds", "1"]
    return ["enhance", "--data", str(place / "photos"), "--weights", str(place / "weights"), *common, *more]


@pytest.fixture(autouse=True)
def _threads() -> Any:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def test_figures_table_and_model_card_are_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = place / "card.md"
    card.write_text(f"Before.\n{report.START}\nold figures\n{report.END}\nAfter.\n")
    figures = place / "figures" / "enhance.json"
    assert main(arguments(place, "--json", str(figures), "--card", str(card))) == 0
    measured = json.loads(figures.read_text())
    rows = {(row["scale"], row["kind"], row["method"]): row for row in measured["quality"]}
    assert {scale for scale, _, _ in rows} == {1, 2, 4}
    assert rows[2, "photos", "bicubic"] == {**rows[2, "all", "bicubic"], "kind": "photos"}
    # Untrained weights add nothing to PyTorch's bicubic, which is not Pillow's to the last digit.
    assert rows[2, "all", "strength 0"]["psnr_y"] == pytest.approx(rows[2, "all", "bicubic"]["psnr_y"], abs=1)
    told = {goal["name"]: goal["met"] for goal in measured["goals"]["all"]}
    assert told["x2 pixel mode over bicubic, dB"] is False
    assert told["x2 GAN mode, dB lost"] is True  # the two are one network here
    assert {"unsharp", "input"} <= {method for scale, _, method in rows if scale == 1}
    assert measured["weights"] == weights.digest("enhance", place / "weights")
    assert measured["speed"]["share_of_peak_x2"] > 0
    printed = capsys.readouterr().out
    assert "**NOT met**" in printed
    assert figures.with_suffix(".md").read_text() in printed
    text = card.read_text()
    assert text.startswith("Before.\n")
    assert text.endswith("\nAfter.\n")
    assert "old figures" not in text
    assert "| x4 | all (1) | bicubic |" in text


def test_an_input_that_equals_its_target_is_a_kind_of_its_own(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(degradation, "sample", lambda rng: Degradation("bicubic"))
    drawn(32, 32, seed=5).save(place / "photos" / "vase.png")
    figures = place / "figures.json"
    main(arguments(place, "--json", str(figures)))
    rows = {(r["scale"], r["kind"], r["method"]): r for r in json.loads(figures.read_text())["quality"]}
    assert rows[1, "untouched", "input"]["psnr_y"] is None
    assert rows[1, "untouched", "input"]["pictures"] == 2
    assert (1, "all", "input") not in rows
    assert rows[2, "all", "bicubic"]["psnr_y"] > 0
    assert "identical" in figures.with_suffix(".md").read_text()


def figures(pixel: dict[str, float], gan: dict[str, float]) -> dict[str, Any]:
    """A report whose plain methods have 30 dB and .8 everywhere."""
    plain = {"psnr_y": 30.0, "ssim_y": 0.8, "laplacian": 0.1, "colour_shift": 1.0}
    rows = [
        {"scale": scale, "kind": "all", "method": method, **values}
        for scale in (1, 2, 4)
        for method, values in {
            goals.PLAIN[scale]: plain,
            "strength 0": {**plain, **pixel},
            "strength 1": {**plain, **gan},
        }.items()
    ]
    return {"quality": rows}


@pytest.mark.parametrize(
    ("name", "pixel", "gan", "met"),
    [
        ("x1 pixel mode over input, dB", {"psnr_y": 32.3}, {}, True),
        ("x1 pixel mode over input, dB", {"psnr_y": 32.1}, {}, False),
        ("x2 pixel mode over bicubic, dB", {"psnr_y": 32.0}, {}, True),
        ("x2 pixel mode over bicubic, dB", {"psnr_y": 31.8}, {}, False),
        ("x4 pixel mode over bicubic, dB", {"psnr_y": 31.2}, {}, False),
        ("x2 pixel mode over bicubic, SSIM", {"ssim_y": 0.836}, {}, True),
        ("x2 pixel mode over bicubic, SSIM", {"ssim_y": 0.834}, {}, False),
        ("x2 GAN mode, dB lost", {"psnr_y": 32.0}, {"psnr_y": 30.8}, True),
        ("x2 GAN mode, dB lost", {"psnr_y": 32.0}, {"psnr_y": 30.6}, False),
        ("x2 GAN mode, Laplacian energy", {}, {"laplacian": 0.7}, True),
        ("x2 GAN mode, Laplacian energy", {}, {"laplacian": 1.3}, False),
        ("x2 pixel mode, colour shift ΔE76", {"colour_shift": 1.1}, {}, False),
    ],
)
def test_the_goals(name: str, pixel: dict[str, float], gan: dict[str, float], met: bool) -> None:
    assert {goal.name: goal.met for goal in goals.goals(figures(pixel, gan))}[name] is met


def test_speed_and_memory_are_goals_when_they_were_measured() -> None:
    report = {**figures({}, {}), "speed": {"share_of_peak_x2": 0.79}, "memory": [{"peak_gib": 1.4}]}
    told = {goal.name: goal.met for goal in goals.goals(report)}
    assert told["share of the convolution peak"] is False
    assert told["peak memory, 24 megapixels, GiB"] is True


def test_the_light_of_spoiled_pictures_is_measured_against_the_truth() -> None:
    pictures = [(f"{number}.png", drawn(64, 48, number)) for number in range(8)]
    rows = {row["method"]: row for row in light.measure_light(lambda pixels: Light(), pictures)}
    assert rows["light"] == {**rows["left as it is"], "method": "light"}
    assert rows["light"]["harm"] == rows["light"]["touched"] == 0
    assert rows["light"]["colour_shift"] > 3
    assert rows["auto levels"]["harm"] > 0
    assert "| grey world |" in "\n".join(light.light_lines(list(rows.values())))


def test_grey_world_and_auto_levels() -> None:
    picture = Image.new("RGB", (10, 10), (100, 50, 30))
    assert peers.grey_world(picture).getpixel((0, 0)) == (60, 60, 60)
    assert peers.white_patch(picture).getpixel((0, 0)) == (255, 255, 255)


def test_a_card_without_marks_is_not_touched(tmp_path: Path) -> None:
    card = tmp_path / "card.md"
    card.write_text("No figures here.")
    with pytest.raises(ValueError, match="no part between"):
        report.write_card(card, {})
    assert card.read_text() == "No figures here."


def test_the_contact_sheet_has_six_columns(place: Path) -> None:
    drawn(64, 64).save(place / "photos" / "vase.png")
    assert main(arguments(place, "--sheet", str(place / "sheet.png"))) == 0
    with Image.open(place / "sheet.png") as made:
        assert made.size == (6 * 64 + 5 * 4, 16 + 2 * 64 + 4)


def test_the_liveliest_crop_is_found() -> None:
    picture = Image.new("RGB", (64, 32), "grey")
    picture.paste(drawn(16, 16), (48, 16))
    left, top, right, bottom = sheet.liveliest(picture, 16)
    assert (left, top, right, bottom) == (48, 16, 64, 32)


def test_targets_are_shrunk_and_cut_to_the_grid() -> None:
    assert enhance.prepared(drawn(103, 50), 768).size == (100, 48)
    assert enhance.prepared(drawn(200, 100), 50).size == (48, 24)


def test_the_repositorys_samples_are_there() -> None:
    assert len(enhance.read_pack(enhance.SAMPLES, "test")) >= 16
    assert np.asarray(enhance.open_rgb(enhance.read_pack(enhance.SAMPLES, "test")[0].path)).shape[2] == 3


def test_an_unknown_name_or_folder_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nothing"]) == 2
    assert "enhance" in capsys.readouterr().err
    assert "enhance" in names()
    assert not any(name.startswith("_") for name in names())
    assert main(["enhance", "--data", "/nowhere"]) == 2
    assert "no folder" in capsys.readouterr().err
