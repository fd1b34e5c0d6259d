"""A sweep: combinations, resumption, failures, comparison on the split val."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from PIL import Image
from torch import nn

from shop_genai.generation.example import Example
from shop_genai.training import command, sweep
from shop_genai.training.kinds import Kind, Trained, entries
from shop_genai.training.packs import Pictures
from tests.generation.pictures import drawn

pytestmark = pytest.mark.usefixtures("no_curves")


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Forty pictures: 10 to learn from, 26 to compare on, 4 to test."""
    folder = tmp_path / "goods"
    folder.mkdir()
    lines = ["file,split"]
    for number in range(40):
        drawn(40 + number, 48, number).save(folder / f"{number}.png")
        lines.append(f"{number}.png,{'train' if number < 10 else 'val' if number < 36 else 'test'}")
    (folder / "manifest.csv").write_text("\n".join(lines) + "\n")
    return folder


class Fake:
    """A kind whose figure is what its options say, and which counts its runs."""

    def __init__(self) -> None:
        self.runs: list[Namespace] = []
        self.seen: list[int] = []
        self.kind = Kind("fake", "nothing at all", self.declare, self.run)

    def declare(self, parser: ArgumentParser) -> None:
        parser.add_argument("--size", type=int, default=1)
        parser.add_argument("--rate-G", type=float, default=0.5)

    def run(self, options: Namespace) -> Trained:
        self.runs.append(options)
        if options.size == 13:
            raise FloatingPointError("the gradient is nan in step 3")
        options.out.mkdir(parents=True, exist_ok=True)
        torch.save({"state": {"step": 5, "elapsed": 30.0}}, options.out / "checkpoint.pt")
        (options.out / "log.csv").write_text(f"step,elapsed_s,loss\n4,20,9\n5,30,{options.size}\n")

        def measure(network: nn.Module, examples: Sequence[Example]) -> dict[str, float]:
            self.seen.append(len(examples))
            return {"psnr": options.size * options.rate_G}

        task: Any = SimpleNamespace(measure=measure)
        return Trained(task, nn.Identity(), lambda split: Pictures(entries(options.data, split)))


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    monkeypatch.setitem(command.KINDS, "fake", made.kind)
    return made


def swept(pack: Path, out: Path, *more: str) -> list[sweep.Result]:
    parser = ArgumentParser()
    sweep.add_arguments(parser)
    arguments = ["fake", "--data", str(pack), "--out", str(out), "--steps", "5", "--metric", "reconstruction", *more]
    return sweep.run(parser.parse_args(arguments))


GRID = ("--grid", "size=2,3", "--grid", "rate_G=0.1,0.2")


def test_every_combination_is_run_in_its_own_folder_and_the_best_comes_first(
    pack: Path, tmp_path: Path, fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    results = swept(pack, tmp_path / "out", *GRID)
    assert [result.settings for result in results] == [
        {"size": "3", "rate-G": "0.2"},
        {"size": "2", "rate-G": "0.2"},
        {"size": "3", "rate-G": "0.1"},
        {"size": "2", "rate-G": "0.1"},
    ]
    assert [(run.size, run.rate_G) for run in fake.runs] == [(2, 0.1), (2, 0.2), (3, 0.1), (3, 0.2)]
    assert {run.out.name for run in fake.runs} == {f"size={s},rate-G={r}" for s in (2, 3) for r in (0.1, 0.2)}
    assert {run.steps for run in fake.runs} == {5}
    assert set(fake.seen) == {26}  # the split val
    best = results[0]
    assert best.measured == {"psnr": pytest.approx(0.6)}
    assert (best.steps, best.minutes, best.log["loss"], best.state) == (5, 0.5, 3.0, "done")
    with (tmp_path / "out" / "sweep.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["size"], row["rate-G"], row["log_loss"]) for row in rows[:2]] == [
        ("3", "0.2", "3.0"),
        ("2", "0.2", "2.0"),
    ]
    assert (tmp_path / "out" / "sweep.md").is_file()
    said = capsys.readouterr().out
    assert "=== run 4 of 4: size 3, rate-G 0.2" in said
    assert "sorted by reconstruction, on the split val" in said


def test_finished_runs_are_not_repeated_and_a_grid_can_grow(pack: Path, tmp_path: Path, fake: Fake) -> None:
    swept(pack, tmp_path / "out", *GRID)
    fake.runs.clear()
    results = swept(pack, tmp_path / "out", "--grid", "size=2,3,4", "--grid", "rate_G=0.1,0.2")
    assert [(run.size, run.rate_G) for run in fake.runs] == [(4, 0.1), (4, 0.2)]
    assert len(results) == 6


def test_what_was_asked_differently_before_is_refused(pack: Path, tmp_path: Path, fake: Fake) -> None:
    swept(pack, tmp_path / "out", *GRID)
    with pytest.raises(ValueError, match="was run with another batch"):
        swept(pack, tmp_path / "out", *GRID, "--batch", "7")
    swept(pack, tmp_path / "out", *GRID, "--threads", str(torch.get_num_threads()))  # changes no result


def test_a_failure_is_recorded_the_rest_goes_on_and_it_is_tried_again(
    pack: Path, tmp_path: Path, fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    results = swept(pack, tmp_path / "out", "--grid", "size=13,2")
    assert [(result.settings["size"], result.state) for result in results] == [("2", "done"), ("13", "failed")]
    assert results[1].error == "FloatingPointError: the gradient is nan in step 3"
    assert "size 13: FloatingPointError" in capsys.readouterr().out
    kept = json.loads((tmp_path / "out" / "sweep.json").read_text())["runs"]
    assert [run["state"] for run in kept] == ["done", "failed"]
    fake.runs.clear()
    swept(pack, tmp_path / "out", "--grid", "size=13,2")
    assert [run.size for run in fake.runs] == [13]


def test_an_interrupted_run_is_resumed(pack: Path, tmp_path: Path, fake: Fake) -> None:
    begun = tmp_path / "out" / "size=2"
    begun.mkdir(parents=True)
    (begun / "checkpoint.pt").touch()
    swept(pack, tmp_path / "out", "--grid", "size=2,3")
    assert [run.resume for run in fake.runs] == [True, False]


def test_a_random_part_is_chosen_by_the_seed(pack: Path, tmp_path: Path, fake: Fake) -> None:
    grid = ("--grid", "size=1,2,3,4,5,6", "--grid", "rate-G=0.1,0.2,0.3", "--random", "4")
    first = {tuple(result.settings.items()) for result in swept(pack, tmp_path / "a", *grid)}
    again = {tuple(result.settings.items()) for result in swept(pack, tmp_path / "b", *grid)}
    other = {tuple(result.settings.items()) for result in swept(pack, tmp_path / "c", *grid, "--seed", "1")}
    assert len(first) == 4
    assert first == again != other


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        (("--grid", "size"), "must be NAME=V1,V2"),
        (("--grid", "size="), "must be NAME=V1,V2"),
        (("--grid", "out=a,b"), "out cannot be swept"),
        (("--grid", "colour=1"), "unrecognized arguments: --colour=1"),
        (("--grid", "size=big"), "invalid int value: 'big'"),
        (("--grid", "size=1", "--random", "0"), "whole number above zero"),
        ((), "required: --grid"),
    ],
)
def test_nonsense_is_refused_before_anything_is_trained(
    more: tuple[str, ...], reason: str, pack: Path, tmp_path: Path, fake: Fake, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        swept(pack, tmp_path / "out", *more)
    assert ended.value.code == 2
    assert reason in capsys.readouterr().err
    assert not fake.runs


def test_without_pictures_to_compare_on_nothing_is_trained(
    tmp_path: Path, fake: Fake, pack: Path, pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = (pack / "manifest.csv").read_text().replace(",val", ",train")
    (pack / "manifest.csv").write_text(lines)
    with pytest.raises(FileNotFoundError, match="no pictures in the split 'val'"):
        swept(pack, tmp_path / "out", "--grid", "size=1")
    assert not fake.runs
    swept(pictures, tmp_path / "out", "--grid", "size=1")  # a plain folder belongs to every split
    assert "WARNING  a folder without a manifest" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("kind", "grid", "metric"), [("vae", "latent=2,3", "elbo"), ("dcgan", "rate_D=1e-4,2e-4", "kid")]
)
def test_the_teaching_networks_can_be_swept(kind: str, grid: str, metric: str, pack: Path, tmp_path: Path) -> None:
    small = ["--side", "32", "--channels", "8", "--steps", "1", "--batch", "2", "--processes", "0", "--device", "cpu"]
    sweep.main([kind, "--data", str(pack), "--out", str(tmp_path / "out"), *small, "--grid", grid])
    runs = json.loads((tmp_path / "out" / "sweep.json").read_text())["runs"]
    assert [run["state"] for run in runs] == ["done", "done"], [run["error"] for run in runs]
    assert {"kid", "fid", "coverage"} <= runs[0]["measured"].keys()
    better, worse = (run["measured"][metric] for run in runs)
    assert better >= worse if metric == "elbo" else better <= worse


def test_a_sweep_that_cannot_start_ends_with_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        sweep.main(["vae", "--data", str(tmp_path / "gone"), "--out", str(tmp_path / "out"), "--grid", "latent=2"])
    assert ended.value.code == 2
    assert "there is no folder" in capsys.readouterr().err


def test_samples_are_compared_at_the_number_of_real_pictures(pack: Path) -> None:
    asked: list[int] = []

    def samples(network: nn.Module, count: int, seed: int) -> list[Image.Image]:
        asked.append(count)
        return [drawn(16, 16, number) for number in range(count)]

    from shop_genai.training.extractors import open_extractor

    task: Any = SimpleNamespace(samples=samples)
    trained = Trained(task, nn.Identity(), lambda split: Pictures(entries([pack], split)))
    found = sweep._measured(trained, open_extractor("shop", "cpu"))
    assert asked == [26]
    assert found["fid"] > 0
