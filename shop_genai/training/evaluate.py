"""Measure pictures or a generator's weights; also `manage.py genai_evaluate`.

python -m shop_genai.training.evaluate --real photos --fake made
python -m shop_genai.training.evaluate dcgan --weights weights/mine --data photos --split test --json mine.json
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from shop_genai.errors import GenaiError
from shop_genai.generation import weights

from .evaluating.kinds import KINDS, pictures
from .evaluating.report import Evaluation


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument(
        "kind", nargs="?", choices=sorted(KINDS), help="measure this generator; without it, two folders of pictures"
    )
    parser.add_argument("--weights", type=Path, help="of the generator: a folder or a manifest; default: the packaged")
    parser.add_argument("--data", type=Path, metavar="DIR", help="real pictures to measure the generator with")
    parser.add_argument("--real", type=Path, metavar="DIR", help="without a generator: the real pictures")
    parser.add_argument("--fake", type=Path, metavar="DIR", help="without a generator: the made ones")
    parser.add_argument("--split", default="test", help="of folders with a manifest.csv (%(default)s)")
    parser.add_argument("--limit", type=int, metavar="N", help="only the first N real pictures")
    parser.add_argument("--count", type=int, metavar="N", help="pictures to sample; default: as many as real ones")
    parser.add_argument("--side", type=int, metavar="N", help="without a generator: bring all to squares of N pixels")
    parser.add_argument("--white", action="store_true", help="cut real products out by their masks, put them on white")
    parser.add_argument("--extractor", default="shop", help="shop, shop:FOLDER or inception:FILE (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="of samples and subsets (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures here")
    parser.add_argument("--into-manifest", action="store_true", help="write the figures into the weights' manifest")
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda, cuda:1, ... (%(default)s)")
    parser.add_argument("--threads", type=int, help="CPU threads; default: PyTorch's choice")


def run(options: argparse.Namespace) -> Evaluation:
    """Measure as the parsed arguments say, print the table, write what was asked for.

    Raises:
        ValueError: arguments that do not go together, or too few pictures.
        FileNotFoundError: no pictures.
        GenaiError: weights or extractor cannot be opened.
    """
    check(options)
    if options.threads:
        torch.set_num_threads(options.threads)
    found = KINDS[options.kind](options) if options.kind else pictures(options)
    print(found.table())
    if options.json:
        found.write(options.json)
    if options.into_manifest:
        found.into(weights.manifest(options.kind, options.weights))
    return found


def check(options: argparse.Namespace) -> None:
    """Refuse arguments that do not go together.

    Raises:
        ValueError: the first that is missing, or means nothing.
    """
    wanted, foreign = ["data"], ["real", "fake", "side"]
    if not options.kind:
        wanted, foreign = ["real", "fake"], ["data", "weights", "count", "into_manifest"]
    missing = [name for name in wanted if getattr(options, name) is None]
    if missing:
        raise ValueError(f"--{missing[0]} is needed" + (f" to measure {options.kind}" if options.kind else ""))
    wrong = [name.replace("_", "-") for name in foreign if getattr(options, name)]
    if wrong:
        raise ValueError(f"--{wrong[0]} means nothing {'for a generator' if options.kind else 'without a generator'}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Parse and measure; the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m shop_genai.training.evaluate", description="Measure pictures, or a generator's weights."
    )
    add_arguments(parser)
    try:
        run(parser.parse_args(arguments))
    except (FileNotFoundError, ValueError, GenaiError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
