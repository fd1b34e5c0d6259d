"""The training loop that every generator shares: D and G in turn, EMA, clipping, schedule, resume.

What is particular to a generator is its `Task`. A run is described by `Settings`; it can be killed at any moment and
goes on from its last checkpoint: networks, optimisers, EMA, random state and schedule are restored, and batch n is a
function of the seed and n. A run counted in steps therefore ends where one that was never killed ends.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation.devices import pick_dtype

from . import checkpoint
from .batches import Batches, Sampler, stream
from .packs import Pictures
from .report import Report, grid
from .watch import Watch


class Task(Protocol):
    """What the loop needs to know of a generator's training.

    A task may also have `samples(generator, count, seed) -> list[PIL.Image]`, pictures from noise, for a `Watch` and
    for distances to real pictures; and `measure(generator, examples) -> dict[str, float]`, figures over pictures that
    training did not see.
    """

    name: str
    device: torch.device
    generator: nn.Module
    discriminator: nn.Module | None  # None: no adversarial part

    @property
    def sampler(self) -> Sampler: ...

    def forward(self, batch: dict[str, Any], steady: nn.Module, progress: float) -> None: ...

    def backward_D(self) -> dict[str, Tensor]: ...

    def backward_G(self) -> dict[str, Tensor]: ...

    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]: ...


@dataclass(frozen=True)
class Settings:
    """How long and how fast. Either `minutes` or `steps` ends the run."""

    minutes: float | None = None  # wall clock, summed over resumed runs; the schedule follows it
    steps: int | None = None  # number of batches, used when `minutes` is None
    batch: int = 8  # pictures per batch
    rate_G: float = 8e-4  # Adam's learning rate for G at the start
    rate_D: float = 1e-3  # and for D; higher, because D should keep ahead (TTUR, Heusel et al. 2017)
    final_rate: float = 0.01  # share of the rate that is left at the end of the cosine
    warmup: float = 0.01  # share of the run over which the rate rises from zero
    betas_G: tuple[float, float] = (0.9, 0.99)  # Adam's, for G
    betas_D: tuple[float, float] = (0.5, 0.99)  # and for D, which follows a moving target: less momentum
    clip: float = 1.0  # largest gradient norm, of G and of D
    ema: float = 0.999  # decay of the averaged weights per step; lower in the first steps
    seed: int = 0
    processes: int = 1  # that make batches
    precision: str = (
        "auto"  # "float32", "bfloat16" where it is safe (autocast), auto: where the hardware computes in it
    )
    log_seconds: float = 15.0  # between progress lines
    save_seconds: float = 120.0  # between checkpoints
    show_seconds: float = 600.0  # between sample grids, and looks of the watch

    def __post_init__(self) -> None:
        if self.minutes is None and self.steps is None:
            raise ValueError("give minutes or steps: something must end the run")


@dataclass
class State:
    """Where a run stands."""

    step: int = 0  # batches done
    elapsed: float = 0.0  # seconds, summed over resumed runs

    def progress(self, settings: Settings) -> float:
        """0 at the start, 1 at the end."""
        if settings.minutes is not None:
            return min(1.0, self.elapsed / (60 * settings.minutes))
        return min(1.0, self.step / (settings.steps or 1))


def rate(settings: Settings, progress: float) -> float:
    """The learning rate's factor: linear warm-up, then half a cosine down to `final_rate`.

    Source: Loshchilov and Hutter 2017, "SGDR", eq. 5.
    """
    if progress < settings.warmup:
        return progress / settings.warmup
    done = (progress - settings.warmup) / (1 - settings.warmup)
    return settings.final_rate + (1 - settings.final_rate) * 0.5 * (1 + math.cos(math.pi * done))


def train(
    task: Task,
    pictures: Pictures,
    out: Path,
    settings: Settings,
    shown: Sequence[Image.Image] = (),
    resume: bool = False,
    watch: Watch | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> nn.Module:
    """Run until the settings' end; returns the EMA generator.

    Writes the checkpoint, log.csv, curves.png and grids of samples to `out`; a watch adds diagnostics.csv.

    Raises:
        FileExistsError: `out` already holds a run and `resume` was not asked for.
        FloatingPointError: a gradient is no number any more.
    """
    out.mkdir(parents=True, exist_ok=True)
    saved = out / "checkpoint.pt"
    if saved.exists() and not resume:
        raise FileExistsError(f"{saved} exists: resume that run or choose another folder")

    # Networks and optimisers. D's learns faster than G's (TTUR).
    torch.manual_seed(settings.seed)
    steady = copy.deepcopy(task.generator).requires_grad_(False)
    optimisers = {"G": torch.optim.Adam(task.generator.parameters(), settings.rate_G, settings.betas_G)}
    if task.discriminator is not None:
        optimisers["D"] = torch.optim.Adam(task.discriminator.parameters(), settings.rate_D, settings.betas_D)
    state = State()
    parts: dict[str, Any] = {"generator": task.generator, "steady": steady, "discriminator": task.discriminator}
    parts |= {f"optimiser_{name}": optimiser for name, optimiser in optimisers.items()}
    if saved.exists():
        state = State(**checkpoint.load(saved, parts, task.device))

    # The report. Rows that the killed run wrote after its last checkpoint are taken back.
    limit = f"{settings.minutes:g} min" if settings.minutes is not None else f"{settings.steps} steps"
    report = Report(out, f"{task.name} {limit}", state.step)
    report.opening(task.device, _autocasts(task.device, settings), len(pictures), settings.batch)
    batches = stream(Batches(pictures, task.sampler, settings.batch, settings.seed), state.step, settings.processes)
    before, now = state.elapsed, clock()
    started = logged = kept = looked = now
    pictured = -math.inf
    first_step = state.step

    ended = state.progress(settings) >= 1
    while not ended:
        progress = state.progress(settings)
        report.collect(_step(task, steady, optimisers, next(batches), settings, state.step, progress))

        # The clock, the log, the pictures, the watch, the checkpoint.
        now = clock()
        state.step += 1
        state.elapsed = before + now - started
        ended = state.progress(settings) >= 1
        if ended or now - logged >= settings.log_seconds:
            rates = {f"rate_{name}": optimiser.param_groups[0]["lr"] for name, optimiser in optimisers.items()}
            pace = (state.step - first_step) / max(now - started, 1e-9)
            report.line(state.step, state.elapsed, state.progress(settings), pace, rates)
            logged = now
        if shown and (ended or now - pictured >= settings.show_seconds):
            with _same_random_numbers(task.device):
                grid(task.show(steady, shown, "shown")).save(out / f"samples_{state.step:07d}.png")
            pictured = now
        if watch is not None and (ended or now - looked >= settings.show_seconds):
            with _same_random_numbers(task.device):
                watch.look(steady, state.step)
            ended |= watch.stops
            looked = now
        if ended or now - kept >= settings.save_seconds:
            checkpoint.save(saved, parts, vars(state))
            report.draw()
            kept = now
    return steady


def _step(
    task: Task,
    steady: nn.Module,
    optimisers: dict[str, torch.optim.Adam],
    batch: dict[str, Any],
    settings: Settings,
    number: int,
    progress: float,
) -> dict[str, Tensor]:
    """One batch: G forward, D's step, G's step, the average. Returns the losses and the norms of the gradients."""
    factor = rate(settings, progress)
    losses: dict[str, Tensor] = {}

    def autocast() -> torch.autocast:
        return torch.autocast(task.device.type, torch.bfloat16, enabled=_autocasts(task.device, settings))

    with autocast():
        task.forward(batch, steady, progress)

    # D, on G's detached output.
    if task.discriminator is not None:
        _set_rate(optimisers["D"], settings.rate_D * factor)
        optimisers["D"].zero_grad(set_to_none=True)
        with autocast():
            losses |= task.backward_D()
        losses["norm_D"] = _clipped(task.discriminator, settings.clip, f"the discriminator's gradient in step {number}")
        optimisers["D"].step()
        task.discriminator.requires_grad_(False)

    # G.
    _set_rate(optimisers["G"], settings.rate_G * factor)
    optimisers["G"].zero_grad(set_to_none=True)
    with autocast():
        losses |= task.backward_G()
    losses["norm_G"] = _clipped(task.generator, settings.clip, f"the generator's gradient in step {number}")
    optimisers["G"].step()
    if task.discriminator is not None:
        task.discriminator.requires_grad_(True)

    # The average follows at once in the first steps, and slowly later.
    average(steady, task.generator, min(settings.ema, (1 + number) / (10 + number)))
    return losses


@torch.no_grad()
def average(steady: nn.Module, network: nn.Module, decay: float) -> None:
    """Move every averaged parameter towards the network's: steady = decay * steady + (1 - decay) * network."""
    for mean, value in zip(steady.parameters(), network.parameters(), strict=True):
        mean.lerp_(value, 1 - decay)
    for kept, current in zip(steady.buffers(), network.buffers(), strict=True):
        kept.copy_(current)


def _autocasts(device: torch.device, settings: Settings) -> bool:
    return pick_dtype(settings.precision, device) == torch.bfloat16


def _clipped(network: nn.Module, clip: float, what: str) -> Tensor:
    """The gradient's norm, before it is scaled down to `clip` at most."""
    norm = nn.utils.clip_grad_norm_(network.parameters(), clip)
    if not torch.isfinite(norm):
        raise FloatingPointError(f"{what} is {norm.item()}")
    return norm


def _same_random_numbers(device: torch.device) -> AbstractContextManager[None]:
    """When pictures are shown depends on the clock; what is drawn for them must not move the run off its course."""
    return torch.random.fork_rng([device] if device.type == "cuda" else [])


def _set_rate(optimiser: torch.optim.Optimizer, value: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = value
