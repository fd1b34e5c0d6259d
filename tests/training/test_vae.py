"""Training the VAE from the command line, and exporting what came out."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from pathlib import Path

import numpy as np
import pytest
import torch

from shop_genai.errors import InvalidInputs, InvalidParams, WeightsMissing
from shop_genai.generation import load, weights
from shop_genai.generation.vae.network import VaeConfig
from shop_genai.generation.vae.pipeline import VaePipeline
from shop_genai.generation.vae.task import VaeTask
from shop_genai.training import checkpoint, export, vae
from tests.generation.goods import goods
from tests.generation.pictures import drawn

SIDE = 16


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen goods, four of them held out."""
    folder = tmp_path_factory.mktemp("pack")
    rows = []
    for number, example in enumerate(goods(12, side=20)):
        example.picture.save(folder / f"{number}.png")
        rows.append([f"{number}.png", "test" if number % 3 == 0 else "train"])
    with (folder / "manifest.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["file", "split"], *rows])
    return folder


@pytest.fixture(scope="module")
def finished(pack: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("vae")
    parser = ArgumentParser()
    vae.KIND.add_all_arguments(parser)
    words = ["--data", str(pack), "--out", str(out), "--steps", "6", "--batch", "4", "--side", str(SIDE)]
    words += ["--channels", "8", "--latent", "5", "--beta", "0.5", "--free-bits", "0.1", "--no-learn-scale"]
    vae.KIND.run(parser.parse_args([*words, "--scale", "0.2", "--processes", "0", "--device", "cpu"]))
    return out


@pytest.fixture
def pipeline(finished: Path, tmp_path: Path) -> VaePipeline:
    export.main([str(finished), str(tmp_path), "--kind", "vae", "--version", "1", "--data", "drawn=CC0"])
    return load("vae", tmp_path, "cpu", "float32")


def test_the_options_reach_the_network_and_the_loss(finished: Path) -> None:
    asked = json.loads((finished / "settings.json").read_text())["config"]
    assert asked["network"] == {
        "side": SIDE,
        "latent": 5,
        "channels": 8,
        "widest": 192,
        "scale": 0.2,
        "learned_scale": False,
        "spatial": False,
    }
    assert (asked["beta"], asked["free_bits"]) == (0.5, 0.1)


def test_the_test_split_is_measured(finished: Path) -> None:
    figures = json.loads((finished / "measured.json").read_text())["test"]
    assert figures["pictures"] == 4
    assert figures.keys() >= {"psnr", "psnr_pca", "psnr_mean", "elbo", "kl", "active"}
    assert figures["scale"] == pytest.approx(0.2)


def test_every_loss_is_in_the_log(finished: Path) -> None:
    with (finished / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {"elbo", "kl", "psnr", "scale", "beta"} <= rows[-1].keys()


def test_a_resumed_run_goes_on(pack: Path, tmp_path: Path) -> None:
    config = vae.VaeTaskConfig(VaeConfig(side=SIDE, latent=5, channels=8))
    plan = vae.Plan([pack], tmp_path, minutes=None, steps=2, batch=4, device="cpu", processes=0, config=config)
    trained = vae.run(plan)
    assert isinstance(trained.task, VaeTask)
    with pytest.raises(FileExistsError):
        vae.run(plan)


def test_the_manifest_holds_figures_and_settings(pipeline: VaePipeline, tmp_path: Path) -> None:
    content = weights.manifest("vae", tmp_path).content
    assert content["network"]["latent"] == 5
    assert content["data"] == {"drawn": "CC0"}
    assert content["metrics"]["test"]["pictures"] == 4
    assert content["training"]["vae"]["steps"] == 6
    assert pipeline.digest == weights.digest("vae", tmp_path)


def test_pictures_of_any_shape_are_reconstructed_as_squares(pipeline: VaePipeline, finished: Path) -> None:
    reconstructions = pipeline.reconstruct([drawn(30, 20), drawn(9, 40)])
    assert [picture.size for picture in reconstructions] == [(SIDE, SIDE)] * 2
    task = VaeTask(vae.VaeTaskConfig(pipeline.network.config), torch.device("cpu"))
    task.generator.load_state_dict(checkpoint.read(finished / "checkpoint.pt", "steady"))
    ours = np.asarray(reconstructions[0], np.int16)
    theirs = np.asarray(task.show(task.generator, [drawn(30, 20)], "")[1][0], np.int16)
    assert np.abs(ours - theirs).max() <= 1  # fp16 weights


def test_posterior_statistics_have_one_row_per_picture(pipeline: VaePipeline) -> None:
    mean, log_variance = pipeline.posterior_statistics([drawn(16, 16, seed) for seed in range(70)])  # two batches
    assert mean.shape == log_variance.shape == (70, 5)
    alone, _ = pipeline.posterior_statistics([drawn(16, 16, 69)])
    np.testing.assert_allclose(mean[69:], alone, atol=1e-5)


def test_ways_start_and_end_at_the_reconstructions(pipeline: VaePipeline) -> None:
    pictures = [drawn(16, 16), goods(1, side=16)[0].picture]
    ends = [np.asarray(picture, np.int16) for picture in pipeline.reconstruct(pictures)]
    for spherical in (True, False):
        way = pipeline.interpolate(*pictures, steps=4, spherical=spherical)
        assert len(way) == 4
        for place, end in ((0, ends[0]), (-1, ends[1])):
            assert np.abs(np.asarray(way[place], np.int16) - end).max() <= 1


def test_samples_depend_on_the_seed_only(pipeline: VaePipeline) -> None:
    first, again, other = pipeline.sample(2, 1), pipeline.sample(2, 1), pipeline.sample(2, 2)
    assert [p.tobytes() for p in first] == [p.tobytes() for p in again]
    assert first[0].tobytes() != other[0].tobytes()


def test_what_cannot_be_done_is_refused(pipeline: VaePipeline) -> None:
    with pytest.raises(InvalidInputs):
        pipeline.reconstruct([])
    with pytest.raises(InvalidParams):
        pipeline.sample(0)
    with pytest.raises(InvalidParams, match="steps"):
        pipeline.interpolate(drawn(8, 8), drawn(8, 8), steps=1)


def test_without_weights_there_is_a_coded_refusal(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing) as refusal:
        load("vae", tmp_path / "nothing")
    assert refusal.value.code == "weights_missing"
