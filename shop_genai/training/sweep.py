"""A sweep: one training for each combination of settings, compared in one table; also `manage.py genai_sweep`.

python -m shop_genai.training.sweep vae --data photos --out runs/sweep --minutes 3 --grid latent=16,64 --grid beta=1,4

Every run has a folder of its own, named after its settings. Asked again, the sweep goes on where it was: finished runs
stay, an interrupted one is resumed, a failed one is tried again. Runs are compared on the split `val`, which they did
not learn from; the split `test` is for what is chosen in the end.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
from argparse import Namespace
from collections.abc import Mapping, Sequence
from copy import copy
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import checkpoint, command, curves
from .evaluating import sets
from .extractors import Extractor, open_extractor
from .kinds import Trained, count, entries
from .packs import MANIFEST
from .sweep_table import METRICS, best, table, write

SPLIT = "val"
RESULT = "result.json"  # in the folder of each run
NOT_SWEPT = {"data", "out", "resume", "grid", "random", "metric", "extractor"}
NO_MATTER = NOT_SWEPT - {"data"} | {
    "device",
    "threads",
    "processes",
    "watch",
}  # a finished run is kept when these differ
DEFAULT_METRIC = {"dcgan": "kid", "vae": "elbo", "features": "accuracy", "light": "error", "enhance": "charbonnier"}
SAMPLES_SEED = 4321


@dataclass
class Result:
    """What became of one run."""

    settings: dict[str, str]  # those that are swept, as they were written
    asked: dict[str, str]  # all others that decide what comes out
    state: str = "failed"  # or "done"
    error: str = ""
    steps: int = 0
    minutes: float = 0.0
    measured: dict[str, float] = field(default_factory=dict)  # on `val`
    log: dict[str, float] = field(default_factory=dict)  # the last row of log.csv

    def row(self) -> dict[str, Any]:
        """Everything by one name each: settings, state, measured figures, and the log's as `log_*`."""
        logged = {f"log_{name}": value for name, value in self.log.items() if name not in curves.UNPLOTTED}
        known = {"state": self.state, "steps": self.steps, "minutes": round(self.minutes, 2)}
        return {**self.settings, **known, **self.measured, **logged, "error": self.error}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the kinds, each with its options of training, and those of the sweep."""
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="KIND", help=f"one of {', '.join(command.KINDS)}")
    for kind in command.KINDS.values():
        sub = kinds.add_parser(kind.name, help=kind.help, description=f"A sweep over settings of {kind.help}.")
        kind.add_all_arguments(sub)
        sub.add_argument(
            "--grid",
            action="append",
            required=True,
            type=_grid,
            metavar="NAME=V1,V2,...",
            help="an option and its values, e.g. rate-G=1e-4,2e-4; several make all combinations",
        )
        sub.add_argument("--random", type=count, metavar="N", help="only N of the combinations, chosen by --seed")
        default = DEFAULT_METRIC.get(kind.name)
        named = f"{', '.join(METRICS)}, or a loss of the log, lower is better (%(default)s)"
        sub.add_argument("--metric", default=default, required=default is None, help=f"to sort by: {named}")
        sub.add_argument("--extractor", default="shop", help="of features for FID and KID (%(default)s)")
        sub.set_defaults(sweep_parser=sub)
        if kind.invents:
            sub.set_defaults(watch="none")  # a sweep measures at the end


def run(options: Namespace) -> list[Result]:
    """Train every combination; returns the results, the best first. One failed run does not end the others.

    Writes `sweep.csv`, `sweep.md` and `sweep.json` to `--out`, anew after each run.

    Raises:
        FileNotFoundError: no pictures to learn from or to compare on.
        ValueError: a setting that cannot be swept; a finished run in `--out` was asked for something else.
        GenaiError: the extractor cannot be opened.
    """
    kind = command.KINDS[options.kind]
    entries(options.data, "train")
    entries(options.data, SPLIT)
    if not all((folder / MANIFEST).is_file() for folder in options.data):
        print("WARNING  a folder without a manifest has no split val: runs are compared on what they learned from")
    extractor = open_extractor(options.extractor, options.device) if kind.invents else None
    wanted = [_options(options, settings) for settings in _combinations(options)]
    results: list[Result] = []
    for number, (settings, asked) in enumerate(wanted, start=1):
        name = ", ".join(f"{key} {value}" for key, value in settings.items())
        print(f"\n=== run {number} of {len(wanted)}: {name}", flush=True)
        results.append(_result(asked, settings, extractor))
        rows = [result.row() for result in results]
        print(f"\n{table(rows, list(settings), options.metric)}", flush=True)
        write(options.out, rows, [asdict(result) for result in results], list(settings), options.metric)
    order = best([result.row() for result in results], options.metric)
    ranked = [results[place] for place in order]
    rows = [result.row() for result in ranked]
    print(f"\nsorted by {options.metric}, on the split {SPLIT}:\n{table(rows, list(wanted[0][0]), options.metric)}")
    write(options.out, rows, [asdict(result) for result in ranked], list(wanted[0][0]), options.metric)
    return ranked


def _grid(text: str) -> tuple[str, list[str]]:
    name, _, values = text.partition("=")
    name = name.replace("_", "-")
    found = [value for value in values.split(",") if value]
    if not name or not found:
        raise argparse.ArgumentTypeError(f"must be NAME=V1,V2,..., not {text!r}")
    if name in NOT_SWEPT:
        raise argparse.ArgumentTypeError(f"{name} cannot be swept")
    return name, found


def _combinations(options: Namespace) -> list[dict[str, str]]:
    """The cartesian product of the grids, or a random part of it."""
    grids: dict[str, list[str]] = dict(options.grid)
    every = [dict(zip(grids, values, strict=True)) for values in itertools.product(*grids.values())]
    if options.random is None or options.random >= len(every):
        return every
    return random.Random(options.seed).sample(every, options.random)  # noqa: S311  # no secret


def _options(options: Namespace, settings: Mapping[str, str]) -> tuple[dict[str, str], Namespace]:
    """The options of one run, read by the parser that reads them for a training: it refuses what that refuses."""
    own = copy(options)
    own.out = options.out / ",".join(f"{name}={value}" for name, value in settings.items())
    required = [f"--out={own.out}", f"--metric={options.metric}", "--grid=x=x"]
    options.sweep_parser.parse_args([*required, *(f"--{name}={value}" for name, value in settings.items())], own)
    return dict(settings), own


def _result(options: Namespace, settings: dict[str, str], extractor: Extractor | None) -> Result:
    """The result of a run that is finished, or of running it now."""
    declared = set(vars(options.sweep_parser.parse_args(["--out=x", "--grid=x=x", "--metric=x"]))) - NO_MATTER
    asked = {name: str(getattr(options, name)) for name in sorted(declared - {"sweep_parser"})}
    asked["data"] = ", ".join(folder.name for folder in options.data)
    path = options.out / RESULT
    if path.exists():
        kept = Result(**json.loads(path.read_text(encoding="utf-8")))
        if kept.asked != asked:
            changed = sorted(name for name in {*kept.asked, *asked} if kept.asked.get(name) != asked.get(name))
            raise ValueError(f"{options.out} was run with another {', '.join(changed)}: choose another --out")
        if kept.state == "done":
            print("finished before", flush=True)
            return kept
    result = Result(settings, asked)
    options.resume = any(options.out.rglob("checkpoint.pt"))
    try:
        trained = command.run(options)
        result.measured = _measured(trained, extractor)
        result.state = "done"
    except Exception as error:  # noqa: BLE001  # whatever one run stumbles over, the others are still wanted
        result.error = f"{type(error).__name__}: {error}"
        print(f"FAILED  {result.error}", flush=True)
    _read_log(result, options.out)
    options.out.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(result), indent=1) + "\n", encoding="utf-8")
    return result


def _measured(trained: Trained, extractor: Extractor | None) -> dict[str, float]:
    """What the task measures itself, and the distances of its samples to real pictures, on `val`."""
    pictures = trained.read(SPLIT)
    figures: dict[str, float] = {}
    measure, samples = (getattr(trained.task, name, None) for name in ("measure", "samples"))
    if measure is not None:
        figures |= measure(trained.generator, [pictures.example(number) for number in range(len(pictures))])
    if samples is not None and extractor is not None:
        real = extractor(pictures[number] for number in range(len(pictures)))
        made = extractor(samples(trained.generator, len(pictures), SAMPLES_SEED))
        figures |= sets.compare(real, made)
    return figures


def _read_log(result: Result, out: Path) -> None:
    """How far the run came, and its last losses."""
    saved = sorted(out.rglob("checkpoint.pt"), key=lambda path: path.stat().st_mtime)
    if not saved:
        return
    state = checkpoint.read(saved[-1], "state")
    result.steps, result.minutes = state["step"], state["elapsed"] / 60
    columns = curves.read(saved[-1].parent / curves.LOG)
    result.log = {name: values[-1] for name, values in columns.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Parse and sweep. What was asked wrongly ends with one sentence and exit status 2."""
    prog = "python -m shop_genai.training.sweep"
    parser = argparse.ArgumentParser(prog=prog, description="Train with every combination of settings, and compare.")
    add_arguments(parser)
    try:
        run(parser.parse_args(arguments))
    except command.REFUSALS as error:
        parser.exit(2, f"{prog}: {error}\n")


if __name__ == "__main__":
    main()
