"""From a run to weights that can be shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from shop_genai.errors import WeightsMissing
from shop_genai.generation import load, weights
from shop_genai.generation.enhance.light import LightConfig, LightNetwork
from shop_genai.generation.enhance.light_task import LightTaskConfig
from shop_genai.generation.features import load_classifier
from shop_genai.generation.features.network import Classifier, ClassifierConfig
from shop_genai.generation.features.task import FeaturesConfig
from shop_genai.training import checkpoint, export
from shop_genai.training.enhance import Plan, run
from shop_genai.training.loop import Settings
from shop_genai.training.record import record
from tests.generation.pictures import drawn
from tests.training.conftest import SMALL


@pytest.fixture(scope="module")
def finished(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("run")
    run(Plan([pictures], out, minutes=None, steps=2, batch=2, device="cpu", processes=0, config=SMALL))
    return out


def arguments(finished: Path, folder: Path) -> list[str]:
    return [str(finished), str(folder), "--version", "1.2", "--data", "drawn=CC0", "--data", "more=CC BY-SA 4.0"]


def figures(folder: Path, weights_digest: str) -> Path:
    rows = [
        {"scale": 2, "kind": kind, "method": "strength 0", "psnr_y": 30.0, "ssim_y": 0.9} for kind in ("all", "shirts")
    ]
    path = folder / "figures.json"
    report = {"weights": weights_digest, "data": "pack", "split": "test", "pictures": 3, "quality": rows}
    path.write_text(json.dumps(report))
    return path


def test_what_is_exported_can_be_loaded_and_holds_the_averaged_weights(finished: Path, tmp_path: Path) -> None:
    export.main(arguments(finished, tmp_path))
    manifest = weights.manifest("enhance", tmp_path)
    for role in ("pixel", "gan"):
        steady = checkpoint.read(finished / role / "checkpoint.pt", "steady")
        for name, value in weights.tensors(manifest, role).items():
            assert torch.equal(value, steady[name].half().float()), name
    assert manifest.content["network"] == {"channels": 8, "depth": 2, "slope": 0.1}
    assert manifest.content["data"] == {"drawn": "CC0", "more": "CC BY-SA 4.0"}
    assert manifest.content["licence"] == "MIT"
    assert manifest.version == "1.2"
    assert manifest.content["metrics"] == {}
    stage = manifest.content["training"]["gan"]
    assert (stage["steps"], stage["device"], stage["settings"]["batch"]) == (2, "cpu", 2)
    (output,) = load("enhance", tmp_path)([{"image": drawn(8, 8)}], {"scale": 4}, [0])
    assert output.image.size == (32, 32)


def test_figures_go_into_the_manifest_and_leave_the_digest(finished: Path, tmp_path: Path) -> None:
    export.main(arguments(finished, tmp_path))
    before = weights.digest("enhance", tmp_path)
    export.main([*arguments(finished, tmp_path), "--figures", str(figures(tmp_path, before))])
    manifest = weights.manifest("enhance", tmp_path)
    assert manifest.digest == before
    assert manifest.content["metrics"] == {
        "data": "pack",
        "split": "test",
        "pictures": 3,
        "quality": {"x2 strength 0": {"psnr_y": 30.0, "ssim_y": 0.9}},
    }


def test_figures_of_other_weights_are_refused(finished: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="measured with weights 0000"):
        export.main([*arguments(finished, tmp_path), "--figures", str(figures(tmp_path, "0" * 64))])
    assert weights.manifest("enhance", tmp_path).content["metrics"] == {}


def test_a_run_without_its_gan_stage_is_refused(finished: Path, tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "pixel").symlink_to(finished / "pixel")
    with pytest.raises(FileNotFoundError):
        export.main(arguments(tmp_path / "run", tmp_path / "weights"))
    with pytest.raises(WeightsMissing):
        weights.manifest("enhance", tmp_path / "weights")


def test_weights_that_do_not_fit_the_recorded_network_are_refused(finished: Path, tmp_path: Path) -> None:
    for stage in ("pixel", "gan"):
        (tmp_path / stage).mkdir()
        (tmp_path / stage / "checkpoint.pt").symlink_to(finished / stage / "checkpoint.pt")
        asked = json.loads((finished / stage / "settings.json").read_text())
        asked["config"]["generator"]["depth"] = 4
        (tmp_path / stage / "settings.json").write_text(json.dumps(asked))
    with pytest.raises(RuntimeError, match="state_dict"):
        export.main(arguments(tmp_path, tmp_path / "weights"))


def recorded(run: Path, config: object, network: torch.nn.Module) -> Path:
    """A finished run of another kind, as its training leaves it."""
    record(run, config, Settings(steps=1), "cpu")
    checkpoint.save(run / "checkpoint.pt", {"steady": network}, {"step": 1, "elapsed": 60.0})
    return run


def test_a_classifier_is_exported_with_what_was_measured(tmp_path: Path) -> None:
    shape = ClassifierConfig(("dark", "light"), side=32, widths=(8, 8, 16, 16))
    network = Classifier(shape)
    run = recorded(tmp_path / "run", FeaturesConfig(shape), network)
    (run / "measured.json").write_text(json.dumps({"pack": {"accuracy": 0.75}}))
    export.main([str(run), str(tmp_path / "weights"), "--kind", "features", "--version", "2"])
    content = weights.manifest("features", tmp_path / "weights").content
    assert content["metrics"] == {"pack": {"accuracy": 0.75}}
    assert content["training"]["classifier"]["minutes"] == 1.0
    loaded = load_classifier(tmp_path / "weights", "cpu")
    assert loaded.config == shape
    torch.testing.assert_close(loaded.head.weight, network.head.weight.half().float(), rtol=0, atol=0)


def test_light_becomes_the_enhancers_third_role(finished: Path, tmp_path: Path) -> None:
    shape = LightConfig(side=32, channels=8)
    light = recorded(tmp_path / "light", LightTaskConfig(network=shape), LightNetwork(shape))
    export.main([*arguments(finished, tmp_path / "weights"), "--light", str(light)])
    manifest = weights.manifest("enhance", tmp_path / "weights")
    assert set(manifest.roles) == {"pixel", "gan", "light"}
    assert manifest.content["light"] == {"side": 32, "channels": 8}
    assert load("enhance", tmp_path / "weights", "cpu").light is not None
    with pytest.raises(ValueError, match="only an enhancer"):
        export.export(light, tmp_path, {"version": "1", "licence": "MIT", "data": {}}, kind="vae", light=light)


def test_curves_log_and_samples_of_both_stages_go_into_the_report(finished: Path, tmp_path: Path) -> None:
    export.main([*arguments(finished, tmp_path), "--report"])
    names = {path.name for path in (tmp_path / "report").iterdir()}
    assert {"log_pixel.csv", "log_gan.csv", "samples_0000002_pixel.png", "samples_0000002_gan.png"} <= names


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="there are: dcgan, enhance, features"):
        export.export(tmp_path, tmp_path, {}, kind="paint")
