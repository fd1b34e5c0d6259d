"""The measuring command, on tiny weights and drawn pictures."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from shop_genai.generation import load, weights
from shop_genai.generation.dcgan.network import Generator, GeneratorConfig
from shop_genai.generation.squares import squared
from shop_genai.generation.vae.network import Vae, VaeConfig
from shop_genai.training import evaluate, metrics
from shop_genai.training.packs import open_rgb, read_pack
from tests.generation.goods import goods

SIDE = 32


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of 30 pictures to test with, and 5 others."""
    folder = tmp_path_factory.mktemp("photos")
    lines = ["file,split"]
    for number, example in enumerate(goods(35, 40)):
        example.picture.save(folder / f"{number}.png")
        lines.append(f"{number}.png,{'test' if number < 30 else 'train'}")
    (folder / "manifest.csv").write_text("\n".join(lines))
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    for number, example in enumerate(goods(28, 40, seed=1)):
        example.picture.save(folder / f"{number}.png")
    return folder


@pytest.fixture(scope="module")
def teaching(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Untrained weights of a tiny DCGAN and a tiny VAE."""
    folder = tmp_path_factory.mktemp("weights")
    torch.manual_seed(0)
    shapes: dict[str, Any] = {
        "dcgan": GeneratorConfig(side=SIDE, latent=8, channels=8),
        "vae": VaeConfig(side=SIDE, latent=8, channels=8, widest=16),
    }
    networks = {"dcgan": Generator(shapes["dcgan"]), "vae": Vae(shapes["vae"])}
    for kind, role in (("dcgan", "generator"), ("vae", "vae")):
        content = {"kind": kind, "version": "1", "promoted": True, "network": asdict(shapes[kind])}
        weights.write(folder, content, {role: networks[kind].state_dict()})
    return folder


def measured(file: Path, *arguments: object) -> dict[str, Any]:
    assert evaluate.main([*map(str, arguments), "--device", "cpu", "--json", str(file)]) == 0
    content: dict[str, Any] = json.loads(file.read_text())
    return content


def test_two_folders(photos: Path, made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = measured(tmp_path / "f.json", "--real", photos, "--fake", made, "--side", SIDE)
    assert (found["kind"], found["weights"], found["data"]) == ("pictures", None, photos.name)
    assert (found["split"], found["pictures"], found["made"]) == ("test", 30, 28)
    assert found["metrics"]["fid"] > 0
    printed = capsys.readouterr().out
    assert "FID (shop features)" in printed
    assert "WARNING  28 pictures are too few for FID with 192 features" in printed


def test_a_folder_against_itself_is_perfect(made: Path, tmp_path: Path) -> None:
    figures = measured(tmp_path / "f.json", "--real", made, "--fake", made)["metrics"]
    assert figures["fid"] == pytest.approx(0, abs=1e-6)
    assert [figures[name] for name in ("precision", "recall", "coverage")] == [1, 1, 1]
    assert figures["pairwise_ratio"] == 1


def test_a_dcgan(photos: Path, teaching: Path, tmp_path: Path) -> None:
    asked = ("dcgan", "--weights", teaching, "--data", photos, "--count", 26, "--seed", 3)
    found = measured(tmp_path / "f.json", *asked)
    assert found["weights"] == weights.digest("dcgan", teaching)
    assert (found["pictures"], found["made"]) == (30, 26)
    assert found["settings"] == {"seed": 3, "side": SIDE, "white": False}
    assert any(warning.startswith("Mode collapse") for warning in found["warnings"])  # untrained: one grey haze
    assert measured(tmp_path / "again.json", *asked) == found


def test_a_vae_also_reconstructs(photos: Path, teaching: Path, tmp_path: Path) -> None:
    found = measured(tmp_path / "f.json", "vae", "--weights", teaching, "--data", photos, "--limit", 28)
    assert (found["pictures"], found["made"]) == (28, 28)
    pictures = [squared(open_rgb(entry.path), SIDE) for entry in read_pack(photos, "test")[:28]]
    drawn = load("vae", teaching, "cpu").reconstruct(pictures)
    ratios = [metrics.psnr_rgb(np.asarray(a), np.asarray(b)) for a, b in zip(drawn, pictures, strict=True)]
    assert found["metrics"]["reconstruction_psnr"] == pytest.approx(np.mean(ratios))
    assert 0 <= found["metrics"]["active_dimensions"] <= 8


def test_the_enhancer(tmp_path: Path, photos: Path) -> None:
    found = measured(tmp_path / "f.json", "enhance", "--data", photos, "--limit", 1)
    assert found["extractor"] is None
    assert {"psnr_y", "ssim_y"} == found["metrics"]["x2 strength 0"].keys()


def test_figures_go_into_the_manifest_on_request(photos: Path, teaching: Path, tmp_path: Path) -> None:
    before = weights.digest("vae", teaching)
    found = measured(tmp_path / "f.json", "vae", "--weights", teaching, "--data", photos, "--into-manifest")
    after = weights.manifest("vae", teaching)
    assert after.digest == before
    assert after.content["metrics"]["values"] == found["metrics"]
    assert after.content["metrics"]["test_set"] == found["test_set"]


def test_an_own_threads_setting_is_taken(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(torch, "set_num_threads", asked.append)
    measured(tmp_path / "f.json", "--real", made, "--fake", made, "--threads", 2)
    assert asked == [2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["vae"], "--data is needed to measure vae"),
        (["--real", "a"], "--fake is needed"),
        (["--real", "a", "--fake", "b", "--into-manifest"], "--into-manifest means nothing without a generator"),
        (["vae", "--data", "a", "--side", "64"], "--side means nothing for a generator"),
        (["--real", "gone", "--fake", "gone"], "there is no folder gone"),
        (["dcgan", "--data", "gone", "--weights", "gone"], "no weights for “dcgan”"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert evaluate.main(arguments) == 2
    assert capsys.readouterr().err.startswith("evaluate: ")
    assert evaluate.main(arguments) == 2
    assert message in capsys.readouterr().err


def test_too_few_pictures_are_refused(photos: Path, made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert evaluate.main(["--real", str(photos), "--fake", str(made), "--split", "train"]) == 2
    assert "12 pictures are needed" in capsys.readouterr().err
