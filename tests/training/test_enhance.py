"""A whole training of the enhancer, in a few steps."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest
import torch

from shop_genai.errors import WeightsMissing
from shop_genai.generation import weights
from shop_genai.generation.enhance.network import Generator, GeneratorConfig
from shop_genai.generation.features.network import Classifier, ClassifierConfig
from shop_genai.training import checkpoint, enhance
from shop_genai.training import plan as plans
from shop_genai.training.enhance import Plan, run
from tests.training.conftest import SMALL

pytestmark = pytest.mark.usefixtures("no_curves")


def plan(pictures: Path, out: Path, **changes: object) -> Plan:
    made = Plan([pictures], out, minutes=None, steps=3, batch=2, device="cpu", processes=0, config=SMALL)
    return replace(made, **changes)  # type: ignore[arg-type]  # fields of Plan, by name


def test_the_gan_stage_starts_from_the_pixel_stages_averaged_weights(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = {}
    train = plans.train

    def watched(task, source, out, *rest):  # type: ignore[no-untyped-def]  # passes on what it gets
        started[out.name] = {name: value.clone() for name, value in task.generator.state_dict().items()}
        return train(task, source, out, *rest)

    monkeypatch.setattr(plans, "train", watched)
    run(plan(pictures, tmp_path))
    pixel = checkpoint.read(tmp_path / "pixel" / "checkpoint.pt", "steady")
    assert started["gan"].keys() == pixel.keys()
    assert all(torch.equal(value, started["gan"][name]) for name, value in pixel.items())
    for stage in ("pixel", "gan"):
        assert checkpoint.read(tmp_path / stage / "checkpoint.pt", "state")["step"] == 3
        assert (tmp_path / stage / "log.csv").is_file()
        assert list((tmp_path / stage).glob("samples_*.png"))
        asked = json.loads((tmp_path / stage / "settings.json").read_text())
        assert asked["device"] == "cpu"
        assert asked["config"]["stage"] == stage
        assert asked["config"]["generator"] == {"channels": 8, "depth": 2, "slope": 0.1}
        assert asked["settings"]["batch"] == 2


def test_two_runs_with_one_seed_are_equal(pictures: Path, tmp_path: Path) -> None:
    states = []
    for name in ("a", "b"):
        run(plan(pictures, tmp_path / name, stages=("pixel",)))
        states.append(checkpoint.read(tmp_path / name / "pixel" / "checkpoint.pt", "steady"))
    assert all(torch.equal(value, states[1][name]) for name, value in states[0].items())


def test_the_gan_stage_needs_a_pixel_stage(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="starts from the pixel stage"):
        run(plan(pictures, tmp_path, stages=("gan",)))


def test_a_refused_run_leaves_the_old_settings(pictures: Path, tmp_path: Path) -> None:
    run(plan(pictures, tmp_path, stages=("pixel",)))
    before = (tmp_path / "pixel" / "settings.json").read_text()
    with pytest.raises(FileExistsError):
        run(plan(pictures, tmp_path, stages=("pixel",), batch=3))
    assert (tmp_path / "pixel" / "settings.json").read_text() == before


def test_a_run_cannot_go_on_with_a_network_of_another_shape(pictures: Path, tmp_path: Path) -> None:
    run(plan(pictures, tmp_path, stages=("pixel",)))
    before = (tmp_path / "pixel" / "settings.json").read_text()
    wider = replace(SMALL, generator=GeneratorConfig(channels=12, depth=2))
    with pytest.raises(ValueError, match="began with another generator"):
        run(plan(pictures, tmp_path, stages=("pixel",), resume=True, config=wider))
    assert (tmp_path / "pixel" / "settings.json").read_text() == before
    run(plan(pictures, tmp_path, stages=("pixel",), resume=True, steps=4))  # but longer
    assert json.loads((tmp_path / "pixel" / "settings.json").read_text())["settings"]["steps"] == 4


def test_the_minutes_are_shared_between_the_stages(pictures: Path, tmp_path: Path) -> None:
    both = plan(pictures, tmp_path, minutes=80.0, steps=None)
    assert enhance._settings(both, "pixel").minutes == 60
    assert enhance._settings(both, "gan").minutes == 20
    alone = replace(both, stages=("gan",))
    assert enhance._settings(alone, "gan").minutes == 80
    assert enhance._settings(alone, "gan").rate_G < enhance._settings(both, "pixel").rate_G
    asked = replace(both, rate_G=1e-5, rate_D=2e-5)
    assert (enhance._settings(asked, "gan").rate_G, enhance._settings(asked, "gan").rate_D) == (1e-5, 2e-5)


def test_several_folders_are_joined_and_the_trained_network_comes_back(pictures: Path, tmp_path: Path) -> None:
    trained = run(plan(pictures, tmp_path, data=[pictures / "shirts", pictures / "mugs"], stages=("pixel",)))
    assert len(trained.read("val")) == 4  # a folder without a manifest belongs to every split
    end = checkpoint.read(tmp_path / "pixel" / "checkpoint.pt", "steady")
    assert all(torch.equal(value, end[name]) for name, value in trained.generator.state_dict().items())


def test_a_run_may_start_from_smaller_weights(pictures: Path, tmp_path: Path) -> None:
    config = GeneratorConfig(channels=4, depth=2)
    torch.manual_seed(5)
    source = Generator(config)
    torch.nn.init.normal_(source.tail.weight, std=0.1)
    content = {"kind": "enhance", "version": "1", "network": asdict(config)}
    weights.write(tmp_path / "start", content, {"pixel": source.state_dict()})
    # With a learning rate of zero in its first and only step, the run ends as it started.
    run(plan(pictures, tmp_path / "run", stages=("pixel",), steps=1, start=tmp_path / "start"))
    end = Generator(SMALL.generator)
    end.load_state_dict(checkpoint.read(tmp_path / "run" / "pixel" / "checkpoint.pt", "steady"))
    stored = Generator(config)
    stored.load_state_dict(weights.tensors(weights.manifest("enhance", tmp_path / "start"), "pixel"))
    low = torch.rand(1, 3, 8, 8, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(end(low, 2), stored(low, 2), rtol=0, atol=1e-5)


def test_a_start_that_is_not_there_is_refused(pictures: Path, tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        run(plan(pictures, tmp_path / "run", stages=("pixel",), start=tmp_path))
    assert not (tmp_path / "run").exists()


def test_the_gan_stage_learns_from_the_classifiers_features(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def classifier(device: str) -> Classifier:
        asked.append(device)
        return Classifier(ClassifierConfig(("a", "b"), widths=(4, 4, 4, 4))).eval().requires_grad_(False)

    monkeypatch.setattr(enhance, "load_classifier", classifier)
    run(plan(pictures, tmp_path, config=replace(SMALL, perceptual_weight=0.5)))
    assert asked == ["cpu"]
    header = (tmp_path / "gan" / "log.csv").read_text().splitlines()[0]
    assert "perceptual" in header.split(",")


def test_trained_weights_are_moved_more_gently_than_fresh_ones(pictures: Path, tmp_path: Path) -> None:
    fresh = plan(pictures, tmp_path)
    tuned = replace(fresh, start=weights.PACKAGED)
    assert enhance._settings(tuned, "pixel").rate_G < enhance._settings(fresh, "pixel").rate_G / 2
    assert enhance._settings(tuned, "pixel").warmup > enhance._settings(fresh, "pixel").warmup
    assert enhance._settings(replace(tuned, rate_G=1e-3), "pixel").rate_G == 1e-3
