"""How landmarks are learned."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from shop_genai.generation.example import Example
from shop_genai.generation.tryon.landmark_network import CLASSES, LandmarkConfig, Read
from shop_genai.generation.tryon.landmark_task import (
    UNKNOWN,
    LandmarkSampler,
    LandmarkTask,
    LandmarkTaskConfig,
    Shown,
    drawn_row,
    losses,
)
from shop_genai.generation.tryon.landmarks import NECK, OF_KIND, SLEEVES
from shop_genai.generation.tryon.silhouettes import silhouette
from tests.generation.pictures import drawn

TINY = LandmarkConfig(side=32, widths=(8, 12, 16))
CONFIG = LandmarkTaskConfig(TINY, LandmarkSampler(TINY))


def photo(kind: str = "upper", sleeves: str = "long", opens: bool | None = None) -> Shown:
    mask = Image.new("L", (64, 64))
    ImageDraw.Draw(mask).rectangle((14, 10, 50, 54), fill=255)
    return Shown(drawn(64, 64).convert("L"), mask=mask, kind=kind, sleeves=sleeves, opens=opens)


def test_a_drawn_garment_becomes_a_row_with_all_its_landmarks() -> None:
    shape = silhouette(np.random.default_rng(0), 32, kind="skirt")
    row = drawn_row(shape, TINY)
    known = {TINY.names[place] for place in np.flatnonzero(~np.isnan(row["points"][:, 0]))}
    assert known == set(OF_KIND["skirt"])
    place = TINY.names.index("hem_left")
    np.testing.assert_allclose(row["points"][place] * 2, shape.landmarks["hem_left"], rtol=1e-5)
    assert CLASSES[row["kind"]] == "skirt"
    assert row["sleeves"] == UNKNOWN
    assert row["inside"].shape == (16, 16)


def test_photos_say_what_they_show_and_no_landmarks() -> None:
    sampler = LandmarkSampler(TINY, photos=1.0, things=1.0)
    batch = sampler([photo(), photo("other", "", None), photo("upper", "", True)], np.random.default_rng(0))
    assert batch["seen"].shape == (3, 3, 32, 32)
    assert np.isnan(batch["points"]).all()
    assert (batch["inside"] == UNKNOWN).all()
    assert [CLASSES[number] for number in batch["kind"]] == ["upper", "other", "upper"]
    assert batch["sleeves"].tolist() == [SLEEVES.index("long"), UNKNOWN, UNKNOWN]
    assert batch["opens"].tolist() == [UNKNOWN, UNKNOWN, 1]
    covered = (batch["seen"][:, 0] > 0).mean(axis=(1, 2))
    assert ((covered > 0.2) & (covered < 0.7)).all()


def test_other_pictures_only_lend_their_cloth() -> None:
    batch = CONFIG.sampler([Example(drawn(40, 40))] * 6, np.random.default_rng(1))
    kinds = [CLASSES[number] for number in batch["kind"]]
    known = (~np.isnan(batch["points"][..., 0])).sum(axis=1)
    assert [len(OF_KIND[kind]) if kind != "other" else 0 for kind in kinds] == known.tolist()


def test_the_closer_look_learns_the_neck_of_drawn_garments_alone() -> None:
    network = replace(TINY, names=NECK)
    batch = LandmarkSampler(network, closer=True)([photo()] * 4, np.random.default_rng(2))
    assert batch["points"].shape == (4, 3, 2)
    assert not np.isnan(batch["points"]).any()
    assert batch["inside"].max() > 0.9


def test_losses_by_hand() -> None:
    cells, names = 4, len(TINY.names)
    points = torch.full((1, names, 2), math.nan)
    points[0, 0] = torch.tensor([1.5, 2.5])  # the middle of cell (1, 2)
    batch = {
        "points": points,
        "inside": torch.full((1, cells, cells), -1.0),
        "kind": torch.tensor([0]),
        "sleeves": torch.tensor([UNKNOWN]),
        "opens": torch.tensor([float(UNKNOWN)]),
    }
    read = Read(
        torch.zeros(1, names, cells, cells),
        torch.zeros(1, cells, cells),
        torch.zeros(1, 5),
        torch.zeros(1, 3),
        torch.zeros(1),
    )
    config = replace(CONFIG, spot=1e-2)  # a spot of one cell
    parts = losses(read, batch, config)
    assert parts["maps"].item() == pytest.approx(math.log(16), rel=1e-4)
    assert parts["places"].item() == pytest.approx(0.3 * (0.5 + 0.5), rel=1e-4)  # the mean of all cells is (2, 2)
    assert parts["inside"].item() == 0
    assert parts["classes"].item() == pytest.approx(0.5 * math.log(5), rel=1e-4)
    batch["inside"][0, 0, 0], batch["opens"][0] = 1.0, 1.0
    parts = losses(read, batch, config)
    assert parts["inside"].item() == pytest.approx(2 * math.log(2), rel=1e-4)
    assert parts["classes"].item() == pytest.approx(0.5 * (math.log(5) + math.log(2)), rel=1e-4)


def test_it_learns_and_is_measured() -> None:
    torch.manual_seed(0)
    task = LandmarkTask(CONFIG, torch.device("cpu"))
    optimiser = torch.optim.Adam(task.generator.parameters(), 3e-3)
    batch = task.sampler([photo()] * 12, np.random.default_rng(0))
    sums = []
    for _ in range(12):
        optimiser.zero_grad()
        task.forward(batch, task.generator, 0.0)
        sums.append(sum(value.item() for value in task.backward_G().values()))
        optimiser.step()
    assert sums[-1] < 0.8 * sums[0]
    figures = task.measure(task.generator, [photo(), photo("other", ""), Example(drawn(8, 8))])
    assert figures.keys() == {"kind", "sleeves"}
    drawn_figures = task.measure_drawn(task.generator, 6, seed=1)
    assert 0 < drawn_figures["median error"] < 1
    assert task.generator.training
    rows = task.show(task.generator, [drawn(8, 8)] * 7, "shown")
    assert [len(row) for row in rows] == [3, 3]
    with pytest.raises(RuntimeError, match="no discriminator"):
        task.backward_D()
