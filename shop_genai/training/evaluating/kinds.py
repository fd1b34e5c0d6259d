"""What is measured of each kind of generator. A generator of your own: one more function in `KINDS`."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from shop_genai.generation import load
from shop_genai.generation.vae.task import ACTIVE
from shop_genai.training import metrics
from shop_genai.training.extractors import Extractor, open_extractor
from shop_genai.training.packs import Entry, read_pack

from . import sets
from .enhance import STRENGTHS, restore
from .report import Evaluation
from .variant import colourways, transfer

Sampler = Callable[[int, int], list[Image.Image]]  # how many, seed


def pictures(options: Namespace) -> Evaluation:
    """One folder of made pictures against one of real ones.

    Raises:
        FileNotFoundError: no pictures.
        ValueError: too few.
    """
    extractor = open_extractor(options.extractor, options.device)
    read, prepared = sets.reader(options.side, white=options.white), _preparation(options.side, options.white)
    entries = _entries(options.real, options)
    made = read_pack(options.fake, options.split)
    real, fake = extractor(map(read, entries)), extractor(map(sets.reader(options.side), made))
    return Evaluation(
        kind="pictures",
        weights=None,
        data=options.real.resolve().name,
        split=options.split,
        test_set=sets.fingerprint(entries, prepared),
        pictures=len(entries),
        made=len(made),
        extractor=extractor.identity,
        label=extractor.name,
        settings={"made": options.fake.resolve().name, "seed": options.seed, **_settings(options.side, options.white)},
        metrics=dict(sets.compare(real, fake, options.seed)),
        warnings=tuple(sets.warnings(real, fake)),
    )


def dcgan(options: Namespace) -> Evaluation:
    """Samples against the real pictures."""
    pipeline = load("dcgan", options.weights, options.device)
    squares = _Squares(options, pipeline.network.config.side)
    return squares.sampled("dcgan", pipeline.sample, pipeline.digest)


def vae(options: Namespace) -> Evaluation:
    """Samples against the real pictures, and the real pictures against their reconstructions."""
    pipeline = load("vae", options.weights, options.device)
    squares = _Squares(options, pipeline.network.config.side)
    drawn = pipeline.reconstruct(squares.pictures)
    means, _ = pipeline.posterior_statistics(squares.pictures)
    ratios = [
        metrics.psnr_rgb(np.asarray(made), np.asarray(real)) for made, real in zip(drawn, squares.pictures, strict=True)
    ]
    return squares.sampled(
        "vae",
        pipeline.sample,
        pipeline.digest,
        reconstruction_psnr=float(np.mean(ratios)),
        active_dimensions=float((means.var(axis=0) > ACTIVE).sum()),
    )


def enhance(options: Namespace) -> Evaluation:
    """Restored pictures against what they were before they were degraded."""
    entries = _entries(options.data, options)
    pipeline = load("enhance", options.weights, options.device)
    return Evaluation(
        kind="enhance",
        weights=pipeline.digest,
        data=options.data.resolve().name,
        split=options.split,
        test_set=sets.fingerprint(entries),
        pictures=len(entries),
        made=len(entries),
        extractor=None,
        label="",
        settings={"strengths": STRENGTHS},
        metrics=dict(restore(pipeline, entries, _say)),
    )


def variant(options: Namespace) -> Evaluation:
    """Photos in the look of their other colourways against those."""
    found = colourways(read_pack(options.data, options.split)[: options.limit])
    pipeline = load("variant", options.weights, options.device)
    return Evaluation(
        kind="variant",
        weights=pipeline.digest,
        data=options.data.resolve().name,
        split=options.split,
        test_set=sets.fingerprint(found),
        pictures=len(found),
        made=len(found),
        extractor=None,
        label="",
        settings={},
        metrics=transfer(pipeline, found, _say),
    )


KINDS: dict[str, Callable[[Namespace], Evaluation]] = {
    "dcgan": dcgan,
    "vae": vae,
    "enhance": enhance,
    "variant": variant,
}


class _Squares:
    """The real pictures as the squares that a teaching network learns from."""

    def __init__(self, options: Namespace, side: int) -> None:
        self.options = options
        self.side = side
        self.entries = _entries(options.data, options)
        read = sets.reader(side, white=options.white)
        self.pictures = [read(entry) for entry in self.entries]

    def sampled(self, kind: str, sample: Sampler, digest: str, **more: float) -> Evaluation:
        """As many samples as real pictures, or as many as were asked for, against the real pictures."""
        options = self.options
        extractor: Extractor = open_extractor(options.extractor, options.device)
        made = sample(options.count or len(self.pictures), options.seed)
        real, fake = extractor(self.pictures), extractor(made)
        return Evaluation(
            kind=kind,
            weights=digest,
            data=options.data.resolve().name,
            split=options.split,
            test_set=sets.fingerprint(self.entries, _preparation(self.side, options.white)),
            pictures=len(self.entries),
            made=len(made),
            extractor=extractor.identity,
            label=extractor.name,
            settings={"seed": options.seed, **_settings(self.side, options.white)},
            metrics=sets.compare(real, fake, options.seed) | more,
            warnings=tuple(sets.warnings(real, fake)),
        )


def _entries(folder: Path, options: Namespace) -> Sequence[Entry]:
    """The real pictures that are measured on."""
    entries = read_pack(folder, options.split)
    return (sets.masked(entries) if options.white else entries)[: options.limit]


def _settings(side: int | None, white: bool) -> dict[str, object]:
    return {"side": side, "white": white}


def _preparation(side: int | None, white: bool) -> str:
    """How real pictures are changed before they are measured, for the identity of the test set."""
    return " ".join([f"squares {side}"] * bool(side) + ["white"] * white)


def _say(done: int, total: int) -> None:
    print(f"\r{done}/{total} pictures", end="\n" if done == total else "", file=sys.stderr, flush=True)
