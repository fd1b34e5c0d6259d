"""The loop: schedule, EMA, and a trajectory that a kill does not change."""

from __future__ import annotations

import csv
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation.enhance.task import EnhanceTask
from shop_genai.training import checkpoint, curves
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


class Killed(BaseException):
    """Stands in for the end of the process."""


def _dies_in(step: int, forward: Callable[..., None]) -> Callable[..., None]:
    """A forward pass that kills the run in its step of that number, counted from 1."""
    numbers = itertools.count(1)

    def mortal(*arguments: Any) -> None:
        if next(numbers) == step:
            raise Killed
        forward(*arguments)

    return mortal


def rows(log: Path) -> list[dict[str, str]]:
    with log.open(newline="") as file:
        return list(csv.DictReader(file))


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
    whole = train(task(stage), read(pictures), tmp_path / "whole", STEPS, clock=ticks())
    mortal = task(stage)
    mortal.forward = _dies_in(5, mortal.forward)  # type: ignore[method-assign]  # that is the test
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
    logged = rows(tmp_path / "log.csv")
    assert logged[-1]["step"] == "6"
    assert {"charbonnier", "spectrum", "gan", "matching", "artefact", "d", "d_real", "d_fake"} <= logged[0].keys()
    assert all(math.isfinite(float(row["charbonnier"])) for row in logged)
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
    errors = [float(row["charbonnier"]) for row in rows(tmp_path / "log.csv")]
    assert errors[-1] < 0.95 * errors[0]


class Noisy(EnhanceTask):
    """Draws random numbers in every pass, as R1 on mixed pictures or instance noise do, and when it shows pictures."""

    def forward(self, batch: dict[str, Any], steady: nn.Module, progress: float) -> None:
        super().forward(batch, steady, progress)
        self.low = self.low + 0.1 * torch.randn_like(self.low)
        self.output = self.generator(self.low, self.scale)

    def backward_D(self) -> dict[str, Tensor]:
        self.high = self.high + 0.1 * torch.randn_like(self.high)
        return super().backward_D()

    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        torch.rand(3)
        return super().show(generator, pictures, name)


def test_a_resumed_run_draws_the_random_numbers_that_the_unbroken_one_draws(pictures: Path, tmp_path: Path) -> None:
    def noisy() -> Noisy:
        torch.manual_seed(0)
        return Noisy(replace(SMALL, stage="gan"), torch.device("cpu"))

    source = read(pictures)
    settings = replace(STEPS, show_seconds=1.0)
    whole = train(noisy(), source, tmp_path / "whole", settings, clock=ticks())
    # The broken run is shown at other moments than the whole one, which must not matter.
    first = replace(settings, save_seconds=2.0, show_seconds=3.0)
    broken = noisy()
    broken.forward = _dies_in(5, broken.forward)  # type: ignore[method-assign]  # that is the test
    with pytest.raises(Killed):
        train(broken, source, tmp_path / "broken", first, shown=[source[0]], clock=ticks())
    resumed = train(noisy(), source, tmp_path / "broken", first, [source[0]], resume=True, clock=ticks())
    for name, value in whole.state_dict().items():
        assert torch.equal(value, resumed.state_dict()[name]), name


def test_rows_after_the_last_checkpoint_are_taken_back(pictures: Path, tmp_path: Path) -> None:
    mortal = task("pixel")
    mortal.forward = _dies_in(6, mortal.forward)  # type: ignore[method-assign]  # that is the test
    settings = replace(STEPS, log_seconds=1.0, save_seconds=2.0)
    with pytest.raises(Killed):
        train(mortal, read(pictures), tmp_path, settings, clock=ticks())
    (tmp_path / "diagnostics.csv").write_text("step,coverage\n2,0.5\n5,0.4\n")
    assert [row["step"] for row in rows(tmp_path / "log.csv")] == ["1", "2", "3", "4", "5"]
    assert checkpoint.read(tmp_path / "checkpoint.pt", "state")["step"] == 4
    train(task("pixel"), read(pictures), tmp_path, settings, resume=True, clock=ticks())
    assert [row["step"] for row in rows(tmp_path / "log.csv")] == ["1", "2", "3", "4", "5", "6"]
    assert [row["step"] for row in rows(tmp_path / "diagnostics.csv")] == ["2"]


def test_curves_are_drawn_at_each_save(pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Path] = []
    monkeypatch.setattr(curves, "available", lambda: True)
    monkeypatch.setattr(curves, "draw", drawn.append)
    train(task("pixel"), read(pictures), tmp_path, replace(STEPS, save_seconds=2.0), clock=ticks())
    assert drawn == [tmp_path] * 3


def test_without_matplotlib_training_goes_on_and_says_so_once(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    train(task("pixel"), read(pictures), tmp_path, STEPS, clock=ticks())
    said = capsys.readouterr().out
    assert said.count("shop-genai[train]") == 1
    assert "4 pictures, batches of 2, on cpu in float32" in said
    assert not (tmp_path / "curves.png").exists()


@dataclass
class Lookout:
    """Stands in for a watch: wants to end the run from some step on."""

    end: int
    looks: list[int] = field(default_factory=list)

    def look(self, generator: nn.Module, step: int) -> None:
        torch.rand(1)
        self.looks.append(step)

    @property
    def stops(self) -> bool:
        return self.looks[-1] >= self.end


def test_the_watch_looks_at_its_interval_and_changes_nothing(pictures: Path, tmp_path: Path) -> None:
    alone = train(task("pixel"), read(pictures), tmp_path / "alone", STEPS, clock=ticks())
    lookout = Lookout(end=100)
    settings = replace(STEPS, show_seconds=2.0)
    seen = train(task("pixel"), read(pictures), tmp_path / "seen", settings, watch=lookout, clock=ticks())  # type: ignore[arg-type]  # as a watch
    assert lookout.looks == [2, 4, 6]
    for name, value in alone.state_dict().items():
        assert torch.equal(value, seen.state_dict()[name]), name


def test_the_watch_can_end_the_run_with_a_checkpoint(pictures: Path, tmp_path: Path) -> None:
    lookout = Lookout(end=3)
    train(task("pixel"), read(pictures), tmp_path, replace(STEPS, show_seconds=1.0), watch=lookout, clock=ticks())  # type: ignore[arg-type]  # as a watch
    assert lookout.looks == [1, 2, 3]
    assert checkpoint.read(tmp_path / "checkpoint.pt", "state")["step"] == 3


def test_bfloat16_computes_and_the_weights_stay_float32(
    pictures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seen: list[torch.dtype] = []

    class Watched(EnhanceTask):
        def forward(self, batch: dict[str, Any], steady: nn.Module, progress: float) -> None:
            seen.append(nn.functional.linear(torch.ones(1, 2), torch.ones(2, 2)).dtype)
            super().forward(batch, steady, progress)

    settings = replace(STEPS, steps=2, precision="bfloat16")
    end = train(Watched(replace(SMALL, stage="gan"), torch.device("cpu")), read(pictures), tmp_path, settings)
    assert set(seen) == {torch.bfloat16}
    assert {value.dtype for value in end.parameters()} == {torch.float32}
    assert "in bfloat16 where it is safe" in capsys.readouterr().out


def test_gradients_are_clipped_for_both_networks(pictures: Path, tmp_path: Path) -> None:
    norms: list[float] = []

    class Watched(EnhanceTask):
        def forward(self, batch: dict[str, Any], steady: nn.Module, progress: float) -> None:
            for network in (self.generator, self.discriminator):
                assert network is not None
                found = [p.grad for p in network.parameters() if p.grad is not None]
                if found:  # what the step before left
                    norms.append(float(nn.utils.get_total_norm(found)))
            super().forward(batch, steady, progress)

    torch.manual_seed(0)
    settings = replace(STEPS, steps=3, clip=1e-3)
    train(Watched(replace(SMALL, stage="gan"), torch.device("cpu")), read(pictures), tmp_path, settings)
    # G's gradient is clipped, and so is D's from its own pass; what D gathers in G's pass is none.
    assert len(norms) == 4
    assert all(norm <= 1.001e-3 for norm in norms)
    logged = rows(tmp_path / "log.csv")[-1]
    assert float(logged["norm_D"]) > 1e-3
    assert float(logged["norm_G"]) > 1e-3
