"""A set of made pictures against a set of real ones: every figure that can be had from their features."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

from PIL import Image

from shop_genai.generation.squares import squared
from shop_genai.training import alarm, metrics
from shop_genai.training.extractors import Features
from shop_genai.training.metrics.distributions import SPLITS, SUBSET_SIZE
from shop_genai.training.packs import Entry, open_rgb
from shop_genai.training.squares import on_white

SMALLEST = 12  # pictures on each side; with fewer, neighbours and subsets mean nothing
SPLIT = 100  # pictures in a split of the Inception Score, at least

Reader = Callable[[Entry], Image.Image]


def compare(real: Features, fake: Features, seed: int = 0) -> dict[str, float]:
    """All distribution metrics by name. `seed` chooses subsets and splits.

    Raises:
        ValueError: fewer than `SMALLEST` pictures on a side.
    """
    a, b = real.vectors, fake.vectors
    if min(len(a), len(b)) < SMALLEST:
        raise ValueError(f"{SMALLEST} pictures are needed on each side, there are {len(a)} and {len(b)}")
    # Half of the smaller set: subsets must differ from each other for their spread to say something.
    size = min(SUBSET_SIZE, min(len(a), len(b)) // 2)
    kid, kid_std = metrics.kernel_distance(a, b, size=size, seed=seed)
    splits = max(1, min(SPLITS, len(b) // SPLIT))
    score, score_std = metrics.inception_score(fake.probabilities, splits, seed)
    precision, recall = metrics.precision_recall(a, b)
    density, coverage = metrics.density_coverage(a, b)
    found = {
        "fid": metrics.frechet_distance(a, b),
        "kid": kid,
        "kid_std": kid_std,
        "inception_score": score,
        "precision": precision,
        "recall": recall,
        "density": density,
        "coverage": coverage,
        "pairwise_ratio": metrics.pairwise_ratio(a, b),
    }
    # A single split has no spread.
    return found | ({"inception_score_std": score_std} if splits > 1 else {})


def warnings(real: Features, fake: Features) -> list[str]:
    """What a reader of those figures has to know, one sentence each."""
    found = []
    count, features = min(len(real.vectors), len(fake.vectors)), real.vectors.shape[1]
    if count < features:
        found.append(
            f"{count} pictures are too few for FID with {features} features: it comes out too high, and higher the"
            " fewer there are. Read KID instead, which has no such bias."
        )
    if len(real.vectors) != len(fake.vectors):
        found.append(
            f"{len(fake.vectors)} made against {len(real.vectors)} real pictures: recall, density and coverage depend"
            " on both numbers; compare them only with figures of the same numbers."
        )
    if count < alarm.SMALLEST:
        found.append(f"Mode collapse was not looked for: that needs {alarm.SMALLEST} pictures on each side.")
    else:
        found += [f"Mode collapse: {reason}." for reason in alarm.diagnose(real, fake).reasons]
    return found


def reader(side: int | None = None, *, white: bool = False) -> Reader:
    """How pictures are read: as they are, or as squares of `side` pixels; with `white`, cut out by their masks."""

    def read(entry: Entry) -> Image.Image:
        picture = on_white(entry) if white else open_rgb(entry.path)
        return squared(picture, side) if side else picture

    return read


def masked(entries: Sequence[Entry]) -> list[Entry]:
    """The pictures that have a mask.

    Raises:
        FileNotFoundError: none has.
    """
    found = [entry for entry in entries if entry.facts.get("mask")]
    if not found:
        raise FileNotFoundError("none of the pictures has a mask to cut it out by")
    return found


def fingerprint(entries: Sequence[Entry], prepared: str = "") -> str:
    """The identity of what was measured on: sha256 over the sorted sha256 sums of the files, 64 hex digits.

    Names and order of the files do not matter. `prepared` says how they were changed, "" if not at all.
    """
    sums = []
    for entry in entries:
        with entry.path.open("rb") as file:
            sums.append(hashlib.file_digest(file, "sha256").hexdigest())
    lines = [*sorted(sums), prepared] if prepared else sorted(sums)
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()
