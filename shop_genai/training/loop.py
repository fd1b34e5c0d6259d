"""The training loop that every generator shares: D and G in turn, EMA, clipping, schedule, resume.

What is particular to a generator is its `Task`. A run is described by `Settings`; it can be killed at any moment and
goes on from its last checkpoint: networks, optimisers, EMA, random state and schedule are restored, and batch n is a
function of the seed and n.
"""

from __future__ import annotations

import copy
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import torch
from PIL import Image
from torch import Tensor, nn

from . import checkpoint
from .batches import Batches, Sampler, stream
from .packs import Pictures
from .report import Report, grid


class Task(Protocol):
    """What the loop needs to know of a generator's training."""

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
    clip: float = 1.0  # largest gradient norm
    ema: float = 0.999  # decay of the averaged weights per step; lower in the first steps
    seed: int = 0
    processes: int = 1  # that make batches
    bf16: bool = False  # forward passes in bfloat16 where it is safe; worth it only where the hardware has it
    log_seconds: float = 15.0  # between progress lines
    save_seconds: float = 120.0  # between checkpoints
    show_seconds: float = 600.0  # between sample grids

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
    clock: Callable[[], float] = time.monotonic,
) -> nn.Module:
    """Run until the settings' end; returns the EMA generator. Writes checkpoint, log.csv and sample grids to `out`.

    Raises:
        FileExistsError: `out` already holds a run and `resume` was not asked for.
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

    report = Report(out, f"{task.name} {settings.minutes or settings.steps} {'min' if settings.minutes else 'steps'}")
    batches = stream(Batches(pictures, task.sampler, settings.batch, settings.seed), state.step, settings.processes)
    before, now = state.elapsed, clock()
    started = logged = kept = now
    pictured = -math.inf
    first_step = state.step

    def autocast() -> torch.autocast:
        return torch.autocast(task.device.type, torch.bfloat16, enabled=settings.bf16)

    while state.progress(settings) < 1:
        factor = rate(settings, state.progress(settings))
        with autocast():
            task.forward(next(batches), steady, state.progress(settings))

        # D, on G's detached output.
        losses: dict[str, Tensor] = {}
        if task.discriminator is not None:
            _set_rate(optimisers["D"], settings.rate_D * factor)
            optimisers["D"].zero_grad(set_to_none=True)
            with autocast():
                losses |= task.backward_D()
            nn.utils.clip_grad_norm_(task.discriminator.parameters(), settings.clip)
            optimisers["D"].step()
            task.discriminator.requires_grad_(False)

        # G.
        _set_rate(optimisers["G"], settings.rate_G * factor)
        optimisers["G"].zero_grad(set_to_none=True)
        with autocast():
            losses |= task.backward_G()
        norm = nn.utils.clip_grad_norm_(task.generator.parameters(), settings.clip)
        if not torch.isfinite(norm):
            raise FloatingPointError(f"the generator's gradient is {norm.item()} in step {state.step}")
        optimisers["G"].step()
        if task.discriminator is not None:
            task.discriminator.requires_grad_(True)
        average(steady, task.generator, min(settings.ema, (1 + state.step) / (10 + state.step)))

        # The clock, the log, the checkpoint, the pictures.
        now = clock()
        state.step += 1
        state.elapsed = before + now - started
        report.collect(losses)
        ended = state.progress(settings) >= 1
        if ended or now - logged >= settings.log_seconds:
            pace = (state.step - first_step) / max(now - started, 1e-9)
            report.line(state.step, state.elapsed, state.progress(settings), pace, settings.rate_G * factor)
            logged = now
        if ended or now - kept >= settings.save_seconds:
            checkpoint.save(saved, parts, vars(state))
            kept = now
        if shown and (ended or now - pictured >= settings.show_seconds):
            grid(task.show(steady, shown, "shown")).save(out / f"samples_{state.step:07d}.png")
            pictured = now
    return steady


@torch.no_grad()
def average(steady: nn.Module, network: nn.Module, decay: float) -> None:
    """Move every averaged parameter towards the network's: steady = decay * steady + (1 - decay) * network."""
    for mean, value in zip(steady.parameters(), network.parameters(), strict=True):
        mean.lerp_(value, 1 - decay)
    for kept, current in zip(steady.buffers(), network.buffers(), strict=True):
        kept.copy_(current)


def _set_rate(optimiser: torch.optim.Optimizer, value: float) -> None:
    for group in optimiser.param_groups:
        group["lr"] = value
