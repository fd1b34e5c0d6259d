"""The loop: schedule, EMA, and a trajectory that a kill does not change."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from shop_genai.generation.enhance.task import EnhanceTask
from shop_genai.training.loop import Settings, State, average, rate, train
from shop_genai.training.packs import Pictures, read_pack
from tests.training.conftest import SMALL

pytestmark = pytest.mark.usefixtures("no_curves")
STEPS = Settings(steps=6, batch=2, processes=0, save_seconds=2.0, log_seconds=2.0, show_seconds=1e9)


def task(stage: str = "gan") -> EnhanceTask:
    torch.manual_seed(0)
    return EnhanceTask(replace(SMALL, stage=stage), torch.device("cpu"))


def read(pictures: Path) -> Pictures:
    return Pictures(read_pack(pictures, "train"), SMALL.sampler.side)


def ticks() -> Callable[[], float]:
    """A clock that advances by one second per look."""
    numbers: Iterator[float] = iter(float(n) for n in range(10**6))
    return lambda: next(numbers)


def test_the_schedule_warms_up_and_follows_half_a_cosine() -> None:
    settings = Settings(steps=100, warmup=0.1, final_rate=0.02)
    assert rate(settings, 0.0) == 0
    assert rate(settings, 0.05) == pytest.approx(0.5)
    assert rate(settings, 0.1) == pytest.approx(1)
    assert rate(settings, 0.55) == pytest.approx(0.02 + 0.98 / 2)
    assert rate(settings, 0.325) == pytest.approx(0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi / 4)))
    assert rate(settings, 1.0) == pytest.approx(0.02)


def test_progress_counts_minutes_or_steps() -> None:
    assert State(step=5, elapsed=30).progress(Settings(steps=20)) == 0.25
    assert State(step=5, elapsed=30).progress(Settings(minutes=2)) == 0.25
    assert State(elapsed=999).progress(Settings(minutes=1)) == 1
    with pytest.raises(ValueError, match="minutes or steps"):
        Settings()


def test_averaging_moves_towards_the_network() -> None:
    steady, network = nn.BatchNorm1d(1), nn.BatchNorm1d(1)
    with torch.no_grad():
        steady.weight.fill_(1.0)
        network.weight.fill_(3.0)
        network.running_mean.fill_(5.0)  # type: ignore[union-attr]  # tracked by default
    average(steady, network, 0.75)
    assert steady.weight.item() == pytest.approx(0.75 * 1 + 0.25 * 3)
    assert steady.running_mean.item() == 5.0  # type: ignore[union-attr]  # as above


@pytest.mark.parametrize("stage", ["pixel", "gan"])
def test_a_killed_and_resumed_run_ends_where_an_unbroken_one_does(stage: str, pictures: Path, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    class Mortal(EnhanceTask):
        steps = 0

        def forward(self, batch: dict[str, Any], steady: nn.Module, progress: float) -> None:
            self.steps += 1
            if self.steps == 5:
                raise Killed
            super().forward(batch, steady, progress)

    whole = train(task(stage), read(pictures), tmp_path / "whole", STEPS, clock=ticks())
    torch.manual_seed(0)
    mortal = Mortal(replace(SMALL, stage=stage), torch.device("cpu"))
    with pytest.raises(Killed):
        train(mortal, read(pictures), tmp_path / "broken", STEPS, clock=ticks())
    broken = torch.load(tmp_path / "broken" / "checkpoint.pt", weights_only=True)
    assert 0 < broken["state"]["step"] < 5  # some steps are done again
    resumed = train(task(stage), read(pictures), tmp_path / "broken", STEPS, resume=True, clock=ticks())
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name
    ends = [torch.load(tmp_path / run / "checkpoint.pt", weights_only=True) for run in ("whole", "broken")]
    assert ends[0]["state"]["step"] == ends[1]["state"]["step"] == 6
    for name, value in ends[0]["generator"].items():
        assert torch.equal(value, ends[1]["generator"][name]), name


def test_log_samples_and_checkpoint_are_written(pictures: Path, tmp_path: Path) -> None:
    source = read(pictures)
    train(task(), source, tmp_path, STEPS, shown=[source[0]], clock=ticks())
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows[-1]["step"] == "6"
    assert {"charbonnier", "spectrum", "gan", "matching", "artefact", "d", "d_real", "d_fake"} <= rows[0].keys()
    assert all(math.isfinite(float(row["charbonnier"])) for row in rows)
    assert (tmp_path / "samples_0000001.png").is_file()
    assert (tmp_path / "samples_0000006.png").is_file()
    assert (tmp_path / "checkpoint.pt").is_file()


def test_a_run_is_not_overwritten_unasked(pictures: Path, tmp_path: Path) -> None:
    train(task("pixel"), read(pictures), tmp_path, replace(STEPS, steps=1))
    with pytest.raises(FileExistsError, match="resume"):
        train(task("pixel"), read(pictures), tmp_path, STEPS)


def test_a_finished_run_resumed_is_left_as_it_is(pictures: Path, tmp_path: Path) -> None:
    done = train(task("pixel"), read(pictures), tmp_path, replace(STEPS, steps=2))
    again = train(task("pixel"), read(pictures), tmp_path, replace(STEPS, steps=2), resume=True)
    for name, value in done.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])


def test_minutes_end_a_run_and_count_what_was_done_before(pictures: Path, tmp_path: Path) -> None:
    settings = replace(STEPS, steps=None, minutes=5 / 60)
    train(task("pixel"), read(pictures), tmp_path, settings, clock=ticks())
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=True)["state"]
    assert state["step"] == 5
    assert state["elapsed"] == 5
    longer = replace(settings, minutes=8 / 60)
    train(task("pixel"), read(pictures), tmp_path, longer, resume=True, clock=ticks())
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=True)["state"]["step"] == 8


def test_a_gradient_that_is_no_number_stops_the_run(pictures: Path, tmp_path: Path) -> None:
    class Broken(EnhanceTask):
        def backward_G(self) -> dict[str, Tensor]:
            losses = super().backward_G()
            for parameter in self.generator.parameters():
                if parameter.grad is not None:
                    parameter.grad.fill_(math.nan)
            return losses

    with pytest.raises(FloatingPointError, match="step 0"):
        train(Broken(SMALL, torch.device("cpu")), read(pictures), tmp_path, STEPS)
    assert not (tmp_path / "checkpoint.pt").exists()


def test_the_discriminator_is_left_alone_while_the_generator_learns(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frozen: list[bool] = []

    class Watched(EnhanceTask):
        def backward_G(self) -> dict[str, Tensor]:
            assert self.discriminator is not None
            frozen.append(not any(p.requires_grad for p in self.discriminator.parameters()))
            return super().backward_G()

    watched = Watched(replace(SMALL, stage="gan"), torch.device("cpu"))
    train(watched, read(pictures), tmp_path, replace(STEPS, steps=2))
    assert frozen == [True, True]
    assert watched.discriminator is not None
    assert all(p.requires_grad for p in watched.discriminator.parameters())


def test_the_loop_learns(pictures: Path, tmp_path: Path) -> None:
    settings = replace(STEPS, steps=60, warmup=0.05, log_seconds=10, rate_G=3e-3)
    narrowed = replace(SMALL, stage="pixel", sampler=replace(SMALL.sampler, scales={2: 1.0}))
    torch.manual_seed(0)
    train(EnhanceTask(narrowed, torch.device("cpu")), read(pictures), tmp_path, settings, clock=ticks())
    with (tmp_path / "log.csv").open(newline="") as file:
        errors = [float(row["charbonnier"]) for row in csv.DictReader(file)]
    assert errors[-1] < 0.95 * errors[0]
