"""The training command, shared by `python -m shop_genai.training` and Django's `genai_train`."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

import torch

from shop_genai.errors import GenaiError

from . import dcgan, enhance, features, landmarks, light, pose, segment, tryon, vae, variant
from .kinds import Kind, Trained

# A new kind is one name here.
KINDS: dict[str, Kind] = {
    module.KIND.name: module.KIND
    for module in (enhance, landmarks, light, pose, segment, tryon, features, dcgan, vae, variant)
}
REFUSALS = (GenaiError, FileNotFoundError, FileExistsError, ValueError)  # what `run` raises when it cannot do as asked


def add_arguments(
    parser: argparse.ArgumentParser, more: Callable[[argparse.ArgumentParser], None] = lambda parser: None
) -> None:
    """Declare the kinds, each with its options; `more` adds those that only one of the two doors has."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND", help=f"one of {', '.join(KINDS)}")
    for kind in KINDS.values():
        options = kinds.add_parser(kind.name, help=kind.help, description=f"Train {kind.help}.")
        kind.add_all_arguments(options)
        more(options)


def run(options: argparse.Namespace) -> Trained:
    """Train as the parsed options say.

    Raises:
        FileNotFoundError: no pictures, or nothing to resume.
        FileExistsError: the folder holds a run and `resume` was not asked for.
        GenaiError, ValueError: see the kind.
    """
    if options.resume and not any(options.out.rglob("checkpoint.pt")):
        raise FileNotFoundError(f"{options.out} holds no run to resume")
    if options.threads:
        torch.set_num_threads(options.threads)
    return KINDS[options.kind].run(options)


def main(arguments: Sequence[str] | None = None, prog: str = "python -m shop_genai.training") -> None:
    """Parse and train. What was asked wrongly ends with one sentence and exit status 2."""
    parser = argparse.ArgumentParser(prog=prog, description="Train a generator.")
    add_arguments(parser)
    options: Any = parser.parse_args(arguments)
    try:
        run(options)
    except REFUSALS as error:
        parser.exit(2, f"{prog}: {error}\n")
