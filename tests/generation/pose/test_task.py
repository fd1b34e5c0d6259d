"""How the pose is learned."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from shop_genai.generation.pose.sampler import PoseSampler
from shop_genai.generation.pose.task import PoseTask, PoseTaskConfig
from tests.generation.pose.tiny import TINY, posed

CONFIG = PoseTaskConfig(TINY, PoseSampler(TINY.width, TINY.height, together=0.0))


def test_it_learns_a_batch_by_heart() -> None:
    torch.manual_seed(0)
    task = PoseTask(CONFIG, torch.device("cpu"))
    batch = task.sampler([posed(), posed(facing="back"), posed(people=0)] * 2, np.random.default_rng(0))
    optimiser = torch.optim.Adam(task.generator.parameters(), 1e-2)
    losses = []
    for _ in range(60):
        optimiser.zero_grad()
        task.forward(batch, task.generator, 0.0)
        parts = task.backward_G()
        optimiser.step()
        losses.append({name: float(value) for name, value in parts.items()})
    assert losses[-1].keys() == {"maps", "places", "inside", "facing", "people"}
    for name in ("maps", "places", "inside", "facing", "people"):
        assert losses[-1][name] < 0.8 * losses[0][name], name


def test_there_is_nothing_to_tell_real_from_made() -> None:
    task = PoseTask(CONFIG, torch.device("cpu"))
    assert task.discriminator is None
    with pytest.raises(RuntimeError):
        task.backward_D()


def test_a_batch_of_nobody_teaches_no_joints() -> None:
    task = PoseTask(CONFIG, torch.device("cpu"))
    task.forward(task.sampler([posed(people=0)] * 2, np.random.default_rng(0)), task.generator, 0.0)
    parts = task.backward_G()
    assert all(float(parts[name]) == 0 for name in ("maps", "places", "facing"))
    assert parts["people"] > 0


def test_figures_and_grids() -> None:
    task = PoseTask(CONFIG, torch.device("cpu"))
    figures = task.measure(task.generator, [posed(), posed(facing="back"), posed(people=0)] * 3)
    assert figures.keys() == {"pck", "off", "facing", "people"}
    assert all(0 <= figures[name] <= 1 for name in ("pck", "facing", "people"))
    rows = task.show(task.generator, [posed().picture], "now")
    assert [picture.size for picture in rows[0]] == [(TINY.width, TINY.height)] * 2
    assert task.generator.training
