"""Batch n is a function of the seed and n."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np

from shop_genai.generation.example import Example
from shop_genai.training.batches import Batches, stream
from shop_genai.training.packs import Pictures, read_pack
from tests.training.conftest import SMALL


def batches(pictures: Path, seed: int = 0) -> Batches:
    return Batches(Pictures(read_pack(pictures, "train"), 40), SMALL.sampler, 2, seed)


def test_the_same_number_is_the_same_batch(pictures: Path) -> None:
    first, again, other = batches(pictures)[7], batches(pictures)[7], batches(pictures, seed=1)[7]
    np.testing.assert_array_equal(first["low"], again["low"])
    assert first["high"].tobytes() != other["high"].tobytes()


def test_an_epoch_shows_every_picture_once_in_its_own_order(pictures: Path) -> None:
    shown: list[int] = []
    source = Pictures(read_pack(pictures, "train"), 40)
    widths = {id(source[i]): i for i in range(len(source))}

    def watch(chosen: Sequence[Example], rng: np.random.Generator) -> dict[str, object]:
        shown.extend(widths[id(example.picture)] for example in chosen)
        return {}

    epochs = Batches(source, watch, 2, 0)
    for number in range(20):
        epochs[number]
    orders = [tuple(shown[i : i + 4]) for i in range(0, 40, 4)]
    assert all(sorted(order) == [0, 1, 2, 3] for order in orders)
    assert len(set(orders)) > 1


def test_a_stream_starts_anywhere(pictures: Path) -> None:
    for number, batch in enumerate(islice(stream(batches(pictures), 5, processes=0), 3), start=5):
        np.testing.assert_array_equal(batch["low"], batches(pictures)[number]["low"])


def test_another_process_makes_the_same_batches(pictures: Path) -> None:
    here = list(islice(stream(batches(pictures), 3, processes=0), 2))
    there = list(islice(stream(batches(pictures), 3, processes=1), 2))
    for a, b in zip(here, there, strict=True):
        assert a["scale"] == b["scale"]
        np.testing.assert_array_equal(a["low"], b["low"])
        np.testing.assert_array_equal(a["high"], b["high"])
