"""The watch over a run's diversity."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from shop_genai.errors import InvalidParams
from shop_genai.training import watch as module
from shop_genai.training.extractors import Features
from shop_genai.training.packs import Entry, Pictures
from shop_genai.training.watch import Watch, open_watch


class Colours:
    """An extractor that sees the mean colour."""

    name = identity = "colours"

    def __init__(self) -> None:
        self.counts: list[int] = []

    def __call__(self, pictures: Iterable[Image.Image]) -> Features:
        vectors = np.stack([np.asarray(picture, dtype=float).mean(axis=(0, 1)) for picture in pictures])
        self.counts.append(len(vectors))
        return Features(vectors, np.ones((len(vectors), 1)))


def plain(rng: np.random.Generator) -> Image.Image:
    return Image.new("RGB", (8, 8), tuple(int(value) for value in rng.integers(0, 256, 3)))


@pytest.fixture
def goods(tmp_path: Path) -> Pictures:
    rng = np.random.default_rng(0)
    paths = [tmp_path / f"{number}.png" for number in range(60)]
    for path in paths:
        plain(rng).save(path)
    return Pictures([Entry(path, "goods") for path in paths])


def healthy(generator: nn.Module, count: int, seed: int) -> list[Image.Image]:
    rng = np.random.default_rng(seed)
    return [plain(rng) for _ in range(count)]


def collapsed(generator: nn.Module, count: int, seed: int) -> list[Image.Image]:
    return [Image.new("RGB", (8, 8), (200, 30, 30 + number % 2)) for number in range(count)]


def test_a_look_writes_a_row_and_says_nothing_when_all_is_well(
    goods: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    extractor = Colours()
    watch = Watch(healthy, goods, extractor, tmp_path)
    assert not watch.look(nn.Identity(), 10).collapsed
    assert not watch.look(nn.Identity(), 20).collapsed
    with (tmp_path / "diagnostics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["step"] for row in rows] == ["10", "20"]
    assert {"coverage", "recall", "pairwise_ratio", "near_duplicates", "collapsed"} <= rows[0].keys()
    assert rows[0]["collapsed"] == "0"
    assert rows[0]["coverage"] == rows[1]["coverage"]  # the same noise at every look
    assert capsys.readouterr().out == ""
    assert extractor.counts == [60, 60, 60]  # the real ones only once, and as many made ones


def test_a_collapse_is_said_with_its_reasons(
    goods: Pictures, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    diagnosis = Watch(collapsed, goods, Colours(), tmp_path).look(nn.Identity(), 30)
    assert diagnosis.collapsed
    said = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert said[0].startswith("WARNING  step 30: mode collapse: ")
    assert all(reason in said[0] for reason in diagnosis.reasons)
    with (tmp_path / "diagnostics.csv").open(newline="") as file:
        assert next(csv.DictReader(file))["collapsed"] == "1"


def test_only_a_collapse_that_two_looks_in_a_row_see_ends_a_run(goods: Pictures, tmp_path: Path) -> None:
    watch = Watch(collapsed, goods, Colours(), tmp_path, stop=True)
    seen = []
    for samples in (collapsed, healthy, collapsed, collapsed):
        watch.samples = samples
        watch.look(nn.Identity(), 1)
        seen.append(watch.stops)
    assert seen == [False, False, False, True]
    watch.stop = False
    assert not watch.stops


def test_of_many_pictures_an_even_part_is_looked_at(
    goods: Pictures, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LARGEST", 30)
    extractor = Colours()
    Watch(healthy, goods, extractor, tmp_path).look(nn.Identity(), 1)
    assert extractor.counts == [30, 30]


def test_too_few_pictures_and_unknown_extractors_are_refused_at_once(goods: Pictures, tmp_path: Path) -> None:
    few = Pictures(goods.entries[:10])
    with pytest.raises(ValueError, match="24 pictures"):
        open_watch("shop", healthy, few, tmp_path, "cpu")
    with pytest.raises(InvalidParams):
        open_watch("oracle", healthy, goods, tmp_path, "cpu")


def test_the_packaged_classifier_watches_by_default(goods: Pictures, tmp_path: Path) -> None:
    watch = open_watch("shop", healthy, goods, tmp_path, "cpu", stop=True)
    assert watch.stop
    assert watch.extractor.identity.startswith("shop:")
    with torch.no_grad():
        assert 0 <= watch.look(nn.Identity(), 1).coverage <= 1
