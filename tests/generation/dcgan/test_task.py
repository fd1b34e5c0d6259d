"""How the DCGAN learns."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from shop_genai.generation.dcgan.network import Discriminator, DiscriminatorConfig, Generator, GeneratorConfig
from shop_genai.generation.dcgan.task import DcganConfig, DcganTask, variety
from tests.generation.goods import goods

TINY = DcganConfig(GeneratorConfig(side=16, latent=8, channels=8), DiscriminatorConfig(side=16, channels=8), interval=4)
CPU = torch.device("cpu")
EXAMPLES = goods(32, side=16)


def learn(task: DcganTask, steps: int) -> list[dict[str, float]]:
    """Train as the loop does, without its averages."""
    assert task.discriminator is not None
    optimiser_G = torch.optim.Adam(task.generator.parameters(), 1e-3, (0.5, 0.99))
    optimiser_D = torch.optim.Adam(task.discriminator.parameters(), 2e-3, (0.5, 0.99))
    rng = np.random.default_rng(0)
    log = []
    for step in range(steps):
        batch = task.sampler([EXAMPLES[i] for i in rng.integers(len(EXAMPLES), size=16)], rng)
        task.forward(batch, task.generator, step / steps)
        optimiser_D.zero_grad()
        logged = task.backward_D()
        optimiser_D.step()
        task.discriminator.requires_grad_(False)
        optimiser_G.zero_grad()
        logged |= task.backward_G()
        optimiser_G.step()
        task.discriminator.requires_grad_(True)
        log.append({name: float(value) for name, value in logged.items()})
    return log


@pytest.mark.parametrize("balance", ["r1", "spectral"])
def test_a_short_training_draws_what_is_nearer_to_the_goods_than_noise(balance: str) -> None:
    torch.manual_seed(0)
    config = TINY
    if balance == "spectral":
        config = replace(TINY, gamma=0.0, discriminator=replace(TINY.discriminator, spectral=True))
    task = DcganTask(config, CPU)
    before = task.measure(task.generator, EXAMPLES)
    log = learn(task, 100)
    assert all(math.isfinite(value) for row in log for value in row.values())
    assert np.mean([row["d"] for row in log[-20:]]) > 0.05  # D has not become sure of everything
    after = task.measure(task.generator, EXAMPLES)
    assert after["distance"] < before["distance"] / 2
    assert after["variety"] > 0.1 * after["variety_real"]
    assert (log[0]["r1"] > 0) == (balance == "r1")


def test_losses_at_the_start_are_those_of_a_discriminator_that_cannot_tell() -> None:
    torch.manual_seed(0)
    task = DcganTask(TINY, CPU)
    row = learn(task, 1)[0]
    assert row["d"] == pytest.approx(2 * math.log(2), abs=0.1)
    assert row["g"] == pytest.approx(math.log(2), abs=0.1)


def test_r1_comes_every_few_trainings_and_counts_as_many() -> None:
    torch.manual_seed(0)
    task = DcganTask(replace(TINY, noise=0.0), CPU)
    judge = task.discriminator
    assert isinstance(judge, Discriminator)
    batch = task.sampler(EXAMPLES[:8], np.random.default_rng(0))

    def gradient() -> torch.Tensor:
        judge.zero_grad()
        task.forward(batch, task.generator, 0.0)
        torch.manual_seed(7)
        task.output = torch.full_like(task.output, 0.5)
        task.backward_D()
        weight = judge.layers[0].weight.grad
        assert weight is not None
        return weight.clone()

    with_penalty, without, *_ = gradient(), gradient()
    assert not torch.allclose(with_penalty, without)
    real = task.real.clone().requires_grad_(True)
    (slope,) = torch.autograd.grad(judge(real).sum(), real, create_graph=True)
    penalty = 4 * task.config.gamma / 2 * slope.square().sum(dim=(1, 2, 3)).mean()
    (expected,) = torch.autograd.grad(penalty, judge.layers[0].weight)
    torch.testing.assert_close(with_penalty - without, expected, rtol=1e-3, atol=1e-6)
    assert [not torch.allclose(gradient(), without) for _ in range(4)] == [False, False, True, False]


def test_the_rhythm_of_r1_is_kept_with_the_discriminator() -> None:
    torch.manual_seed(0)
    task = DcganTask(TINY, CPU)
    learn(task, 3)
    other = DcganTask(TINY, CPU)
    assert task.discriminator is not None
    assert other.discriminator is not None
    other.discriminator.load_state_dict(task.discriminator.state_dict())
    assert int(other.discriminator.trainings) == 3


def test_instance_noise_fades() -> None:
    task = DcganTask(TINY, CPU)
    batch = task.sampler(EXAMPLES[:2], np.random.default_rng(0))
    spreads = []
    for progress in (0.0, 0.25, 0.5, 1.0):
        task.forward(batch, task.generator, progress)
        spreads.append(float(task.backward_D()["noise"]))
    assert spreads == pytest.approx([0.1, 0.05, 0.0, 0.0])


def test_samples_depend_on_the_seed_only_and_leave_the_network_as_it_was() -> None:
    torch.manual_seed(0)
    task = DcganTask(TINY, CPU)
    state = {name: value.clone() for name, value in task.generator.state_dict().items()}
    pictures = task.samples(task.generator, 3, 1)
    again = task.samples(task.generator, 3, 1)
    assert [p.size for p in pictures] == [(16, 16)] * 3
    assert [p.tobytes() for p in pictures] == [p.tobytes() for p in again]
    assert task.samples(task.generator, 1, 2)[0].tobytes() != pictures[0].tobytes()
    assert task.generator.training
    for name, value in task.generator.state_dict().items():
        assert torch.equal(value, state[name]), name


def test_a_generator_that_draws_one_picture_has_novariety() -> None:
    torch.manual_seed(0)
    task = DcganTask(TINY, CPU)
    assert isinstance(task.generator, Generator)
    with torch.no_grad():
        task.generator.expand.weight.zero_()
    figures = task.measure(task.generator, EXAMPLES)
    assert figures["variety"] == pytest.approx(0, abs=1e-5)
    assert figures["variety_real"] > 0.05


def test_variety_by_hand() -> None:
    # Two pictures that differ by 0.4 everywhere: so does every pair of different ones.
    pictures = torch.stack([torch.full((3, 2, 2), 0.2), torch.full((3, 2, 2), 0.6)])
    assert variety(pictures) == pytest.approx(0.4)


def test_the_grid_shows_real_pictures_and_samples_from_fixed_noise() -> None:
    task = DcganTask(TINY, CPU)
    pictures = [example.picture for example in EXAMPLES[:8]]
    rows = task.show(task.generator, pictures, "shown")
    assert [len(row) for row in rows] == [8] * 7
    assert rows[0][0].tobytes() == pictures[0].tobytes()
    assert rows[3][2].tobytes() == task.show(task.generator, pictures, "shown")[3][2].tobytes()


def test_networks_of_two_sizes_are_refused() -> None:
    with pytest.raises(ValueError, match="16 pixels, D judges 64"):
        DcganTask(replace(TINY, discriminator=DiscriminatorConfig()), CPU)
