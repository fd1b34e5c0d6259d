"""The training task."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from shop_genai.generation.segment.sampler import SegmentSampler
from shop_genai.generation.segment.task import SegmentTask, SegmentTaskConfig, overlap
from tests.generation.segment.tiny import TINY, Painter, shirt

CONFIG = SegmentTaskConfig(TINY, SegmentSampler(shapes=((32, 32),)))


def test_a_few_steps_lower_every_loss() -> None:
    torch.manual_seed(0)
    task = SegmentTask(CONFIG, torch.device("cpu"))
    optimiser = torch.optim.Adam(task.generator.parameters(), 3e-3)
    seen = []
    for step in range(30):
        batch = task.sampler([shirt(), shirt(worn=True)] * 2, np.random.default_rng(step))
        task.forward(batch, task.generator, 0.0)
        optimiser.zero_grad()
        seen.append({name: value.item() for name, value in task.backward_G().items()})
        optimiser.step()
    for name in ("parse", "sold", "overlap"):
        assert np.mean([s[name] for s in seen[-5:]]) < np.mean([s[name] for s in seen[:5]])


def test_there_is_no_discriminator() -> None:
    task = SegmentTask(CONFIG, torch.device("cpu"))
    assert task.discriminator is None
    with pytest.raises(RuntimeError, match="no discriminator"):
        task.backward_D()


def test_a_network_that_sees_right_measures_right() -> None:
    task = SegmentTask(CONFIG, torch.device("cpu"))
    figures = task.measure(Painter(), [shirt(64, 64), shirt(96, 80)])
    assert figures.keys() == {"product"}
    assert figures["product"] > 0.9
    worn = task.measure(Painter(worn=True), [shirt(64, 64, worn=True)])
    assert worn.keys() == {"garment", "person"}
    assert min(worn.values()) > 0.85


def test_pictures_labels_and_what_is_sold_are_shown_side_by_side() -> None:
    task = SegmentTask(CONFIG, torch.device("cpu"))
    rows = task.show(Painter(), [shirt().picture], "shown")
    assert [len(row) for row in rows] == [3]
    assert len({cell.size for cell in rows[0]}) == 1


def test_overlap_by_hand() -> None:
    a, b = np.array([1, 1, 0, 0], bool), np.array([0, 1, 1, 0], bool)
    assert overlap(a, b) == pytest.approx(1 / 3)
    assert overlap(a, b, np.array([1, 1, 0, 1], bool)) == pytest.approx(1 / 2)
    assert overlap(~a & a, b & ~b) == 1
