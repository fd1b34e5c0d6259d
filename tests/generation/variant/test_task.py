"""How the variant VAE learns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from shop_genai.generation import adversarial
from shop_genai.generation.variant.discriminator import Discriminator, DiscriminatorConfig
from shop_genai.generation.variant.network import VariantConfig
from shop_genai.generation.variant.task import VariantTask, VariantTaskConfig

from .shots import shots

SMALL = VariantTaskConfig(
    VariantConfig(side=32, appearance=8, channels=16, hidden=32, layers=4, cells=4),
    discriminator=DiscriminatorConfig(16),
    gan_start=0.8,
)
CPU = torch.device("cpu")


def learn(task: VariantTask, steps: int) -> None:
    optimiser = torch.optim.Adam(task.generator.parameters(), 3e-3)
    rng = np.random.default_rng(0)
    some = shots(24)
    for step in range(steps):
        optimiser.zero_grad()
        chosen = [some[i] for i in rng.integers(len(some), size=8)]
        task.forward(task.sampler(chosen, rng), task.generator, 0.7 * step / steps)
        task.backward_G()
        torch.nn.utils.clip_grad_norm_(task.generator.parameters(), 1.0)
        optimiser.step()


@pytest.fixture(scope="module")
def learned() -> VariantTask:
    torch.manual_seed(0)
    task = VariantTask(SMALL, CPU)
    rng = np.random.default_rng(1)
    task.begin(task.sampler(shots(16, seed=4), rng) for _ in range(4))
    learn(task, 60)
    return task


def test_a_short_training_hits_the_colours_of_garments_it_has_not_seen(learned: VariantTask) -> None:
    torch.manual_seed(0)
    before = VariantTask(SMALL, CPU)
    unseen = shots(6, seed=9)
    figures, first = (task.measure(task.generator, unseen) for task in (learned, before))
    assert figures["pairs"] == 6 * 3 * 2
    assert figures["psnr"] > first["psnr"] + 4
    assert figures["delta_e"] < 0.6 * first["delta_e"]
    assert figures["worst"] <= figures["psnr"]
    assert 1 <= figures["active"] <= 8
    assert figures["kl"] > 1


def test_looks_begin_as_principal_components_and_carry_colours_before_any_training() -> None:
    torch.manual_seed(0)
    task = VariantTask(replace(SMALL, network=replace(SMALL.network, appearance=24)), CPU)
    rng = np.random.default_rng(1)
    task.begin(task.sampler(shots(16, seed=4), rng) for _ in range(4))
    figures = task.measure(task.generator, shots(6, seed=9))
    assert figures["psnr"] > 25
    # Every colour that varies is told, and to about the same precision: the more it varies, the more that costs.
    assert 5 < figures["kl"] < 100


def test_looks_are_one_for_each_colourway(learned: VariantTask) -> None:
    (shot,) = shots(1)
    looks = learned.looks(learned.generator, shot)
    assert looks.shape == (3, 8)
    assert float((looks[0] - looks[1]).abs().max()) > 0.1


def test_the_discriminator_comes_in_late_and_sees_the_same_surroundings() -> None:
    torch.manual_seed(0)
    task = VariantTask(SMALL, CPU)
    batch = task.sampler(shots(4), np.random.default_rng(0))
    task.forward(batch, task.generator, 0.5)
    assert task.backward_D() == {}
    assert "gan" not in task.backward_G()

    torch.manual_seed(1)
    task.forward(batch, task.generator, 0.9)
    pasted = task.patch + task.mask * (task.output.detach() - task.patch)
    assert isinstance(task.discriminator, Discriminator)
    real, fake = task.discriminator(task.target), task.discriminator(pasted)
    # In training mode, every pass moves the estimates of the spectral norms a little.
    expected = float(adversarial.hinge_discriminator(real, fake).detach())
    assert float(task.backward_D()["d"]) == pytest.approx(expected, rel=0.2)
    outside = (task.mask == 0).expand_as(task.patch)
    assert torch.equal(pasted[outside], task.patch[outside])
    assert "gan" in task.backward_G()


def test_the_loss_is_the_sum_of_its_parts() -> None:
    torch.manual_seed(0)
    config = replace(SMALL, discriminator=None)
    task = VariantTask(config, CPU)
    batch = task.sampler(shots(4), np.random.default_rng(0))
    torch.manual_seed(2)
    task.forward(batch, task.generator, 0.15)  # half of the warm-up
    logged = task.backward_G()
    assert task.beta == pytest.approx(config.beta / 2)
    gradient = [p.grad.clone() for p in task.generator.parameters() if p.grad is not None]
    assert float(logged["kl_cost"]) == pytest.approx(
        task.beta * float(task.posterior.kl().mean(dim=0).clamp_min(config.free_bits).sum().detach()), rel=1e-5
    )
    parts = [logged[name] for name in ("error", "colour", "curve", "kl_cost", "beyond")]
    assert all(torch.isfinite(part) for part in parts)
    assert any(float(g.abs().sum()) > 0 for g in gradient)
    with pytest.raises(RuntimeError, match="no discriminator"):
        task.backward_D()


def test_the_grid_of_samples_has_each_picture_in_the_looks_of_all(learned: VariantTask) -> None:
    pictures = [shot.picture for shot in shots(3)]
    rows = learned.show(learned.generator, pictures, "shown")
    assert [len(row) for row in rows] == [4, 4, 4]
    assert np.array_equal(np.asarray(rows[1][0]), np.asarray(pictures[1]))
