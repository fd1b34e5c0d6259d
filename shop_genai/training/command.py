"""The arguments of the training command, shared by `python -m shop_genai.training` and Django's `genai_train`."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import torch

from . import enhance

KINDS = {"enhance": enhance.run}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("kind", choices=sorted(KINDS), help="which generator to train")
    parser.add_argument("--data", type=Path, required=True, help="a data pack, or any folder of pictures")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoints, log and sample grids")
    parser.add_argument("--minutes", type=float, default=80.0, help="wall clock for the whole training")
    parser.add_argument("--steps", type=int, help="batches per stage, instead of --minutes")
    parser.add_argument("--stage", choices=[*enhance.STAGES, "all"], default="all")
    parser.add_argument("--batch", type=int, default=8, help="pictures per batch")
    parser.add_argument("--start", type=Path, help="weights to start from: a folder or a manifest")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ...")
    parser.add_argument("--threads", type=int, help="CPU threads; default: PyTorch's choice")


def run(options: argparse.Namespace) -> None:
    """Train as the parsed arguments say."""
    if options.threads:
        torch.set_num_threads(options.threads)
    plan = enhance.Plan(
        data=options.data,
        out=options.out,
        minutes=None if options.steps else options.minutes,
        steps=options.steps,
        stages=enhance.STAGES if options.stage == "all" else (options.stage,),
        batch=options.batch,
        seed=options.seed,
        device=options.device,
        resume=options.resume,
        start=options.start,
    )
    KINDS[options.kind](plan)


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse and train."""
    parser = argparse.ArgumentParser(prog="python -m shop_genai.training", description="Train a generator.")
    add_arguments(parser)
    run(parser.parse_args(arguments))
