"""Mode collapse: a generator that makes only some of what it was shown, or the same again and again.

Three signs, each measured against what the real pictures themselves show at the same size, so that no limit depends on
the extractor or on the goods:

1. Sameness: made pictures are less than half as far from each other as real ones. Everything collapses towards one.
2. Twins: of the made pictures, more than half have another one nearer than half the usual distance between nearest real
   pictures, not counting the share of real ones that have such a twin too. A few pictures come again and again with
   little noise; the variety between them may be as large as ever, so that the first sign stays silent.
3. Missing kinds: made pictures are about as near to real ones as those are to each other, but reach less than 0.6 of
   what another real draw would reach, on average over coverage and recall. What to expect of coverage follows from the
   number of pictures; of recall, from one half of the real pictures measured against the other. Fewer than 200 pictures
   cannot tell.

The third sign counts only for pictures that look real: hazy ones, of a young or small generator, reach little however
varied they are. That they are poor shows in FID and KID, and is no collapse. By how far they are from the nearest real
one the two can be told apart; precision and density, measured with the same balls as coverage, say less.

On shop features and 256 pictures, draws of real photos have a remoteness of 0.92 to 1.05, also from a tenth of the
kinds; samples of a VAE and a DCGAN that had learned for ten minutes, 1.08 and more, at a variety of 0.62 to 0.79 and
with at most 6 % twins. `docs/evaluation.md` has the rates of alarms, false and right.

Source: Kynkaanniemi et al. 2019 and Naeem et al. 2020 for the shares; the signs and their limits are ours.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from . import metrics
from .extractors import Features

NEIGHBOURS = 5  # that the balls reach to
SMALLEST = 24  # pictures on each side; below, halves of the real set say nothing
LEAST_VARIETY = 0.5  # of the real pictures' mean distance
TWIN = 0.5  # of the real pictures' median distance to the nearest other one
MOST_TWINS = 0.5  # share of the pictures that would have none if they were real
LEAST_REACH = 0.6  # of a real draw's coverage and recall
MOST_REMOTE = 1.07  # times the real pictures' median distance to the nearest other one
KINDS_FROM = 200  # pictures; with fewer, distances to the nearest vary too much for the third sign
SEED = 0  # of the equal-sized subsets and of the halves


@dataclass(frozen=True)
class Diagnosis:
    """How varied a set of made pictures is. Shares are 0..1."""

    coverage: float  # share of the real pictures that have a made one in their neighbourhood
    recall: float  # share of the real pictures that lie among the made ones
    precision: float  # share of the made pictures that lie among the real ones
    remoteness: float  # median distance of a made picture to the nearest real one, to that between real ones
    pairwise_ratio: float  # mean distance within the made set, to that within the real set
    near_duplicates: float  # share of the made pictures that have a twin
    collapsed: bool
    reasons: tuple[str, ...]  # one for each sign that was seen, to be read by people

    def as_row(self) -> dict[str, float]:
        """The figures, for a table."""
        return {name: value for name, value in asdict(self).items() if name not in ("collapsed", "reasons")}


def diagnose(real: Features, fake: Features) -> Diagnosis:
    """Look for a mode collapse in features of real and of made pictures, from one extractor.

    The larger set is cut down to the size of the smaller one, at random but always the same way.

    Raises:
        ValueError: fewer than `SMALLEST` pictures on a side, or features that do not fit together.
    """
    rng = np.random.default_rng(SEED)
    count = min(len(real.vectors), len(fake.vectors))
    if count < SMALLEST:
        raise ValueError(f"a diagnosis needs {SMALLEST} real and {SMALLEST} made pictures, there are {count}")
    truth, made = (points[rng.permutation(len(points))[:count]] for points in (real.vectors, fake.vectors))
    precision, recall = metrics.precision_recall(truth, made, NEIGHBOURS)
    _, coverage = metrics.density_coverage(truth, made, NEIGHBOURS)
    ratio = metrics.pairwise_ratio(truth, made)
    usual = metrics.usual_nearest(truth)
    remoteness = metrics.usual_nearest(made, truth) / usual if usual else 1.0
    twins, real_twins = (metrics.near_duplicates(points, TWIN * usual) for points in (made, truth))
    reasons = []
    if ratio < LEAST_VARIETY:
        reasons.append(f"the pictures differ from each other only {ratio:.0%} as much as real ones do")
    if twins - real_twins > MOST_TWINS * (1 - real_twins):
        reasons.append(f"{twins:.0%} of the pictures are near-duplicates of others")
    _, usual_recall = metrics.precision_recall(truth[: count // 2], truth[count // 2 :], NEIGHBOURS)
    usual_coverage = metrics.expected_coverage(count, count, NEIGHBOURS)
    reach = (coverage / usual_coverage + recall / max(usual_recall, 1 / count)) / 2
    if count >= KINDS_FROM and remoteness <= MOST_REMOTE and reach < LEAST_REACH:
        reasons.append(f"they look real, but reach only {reach:.0%} of what real pictures would: kinds are missing")
    return Diagnosis(coverage, recall, precision, remoteness, ratio, twins, bool(reasons), tuple(reasons))
