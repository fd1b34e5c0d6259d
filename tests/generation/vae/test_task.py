"""How the VAE learns."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from shop_genai.generation.vae import losses
from shop_genai.generation.vae.network import Vae, VaeConfig
from shop_genai.generation.vae.task import VaeTask, VaeTaskConfig
from tests.generation.goods import goods

TINY = VaeTaskConfig(VaeConfig(side=16, latent=8, channels=16, widest=32), warmup=0.5)
CPU = torch.device("cpu")


def learn(task: VaeTask, steps: int) -> dict[str, float]:
    optimiser = torch.optim.Adam(task.generator.parameters(), 3e-3)
    rng = np.random.default_rng(0)
    examples = goods(64, side=16)
    for step in range(steps):
        optimiser.zero_grad()
        task.forward(
            task.sampler([examples[i] for i in rng.integers(len(examples), size=16)], rng), task.generator, step / steps
        )
        logged = task.backward_G()
        optimiser.step()
    return {name: float(value) for name, value in logged.items()}


@pytest.fixture(scope="module")
def learned() -> VaeTask:
    torch.manual_seed(0)
    task = VaeTask(TINY, CPU)
    learn(task, 150)
    return task


def test_a_short_training_beats_the_mean_picture_and_measures_it(learned: VaeTask) -> None:
    figures = learned.measure(learned.generator, goods(32, side=16, seed=9), goods(64, side=16))
    assert figures["psnr"] > figures["psnr_mean"] + 3
    assert figures["psnr_pca"] > figures["psnr_mean"]
    assert 1 <= figures["active"] <= 8
    assert figures["kl"] > 1
    assert learned.measure(learned.generator, goods(32, side=16, seed=9)) == {
        name: figures[name] for name in ("psnr", "elbo", "kl", "active", "scale")
    }


def test_the_bound_rises() -> None:
    torch.manual_seed(0)
    task = VaeTask(TINY, CPU)
    assert learn(task, 60)["elbo"] > learn(VaeTask(TINY, CPU), 1)["elbo"]


def test_the_loss_is_the_bound_with_beta_per_dimension() -> None:
    torch.manual_seed(0)
    task = VaeTask(TINY, CPU)
    batch = task.sampler(goods(4, side=16), np.random.default_rng(0))
    task.forward(batch, task.generator, 0.25)  # half of the warm-up
    logged = task.backward_G()
    assert float(logged["beta"]) == 0.5
    network = task.generator
    assert isinstance(network, Vae)
    gradient = network.mean.bias.grad
    assert gradient is not None
    torch.manual_seed(0)
    again = VaeTask(TINY, CPU)
    again.forward(batch, again.generator, 0.25)
    assert isinstance(again.generator, Vae)
    nll = losses.gaussian_nll(again.output, again.picture, again.generator.log_scale)
    loss = (nll + 0.5 * again.posterior.kl().sum(dim=1)).mean() / (3 * 16 * 16)
    (expected,) = torch.autograd.grad(loss, again.generator.mean.bias)
    torch.testing.assert_close(gradient, expected)
    bound = -(float(nll.detach().mean()) + float(again.posterior.kl().detach().sum(dim=1).mean())) / (3 * 16 * 16)
    assert float(logged["elbo"]) == pytest.approx(bound, rel=1e-5)


def test_a_collapsed_posterior_has_no_active_dimension() -> None:
    torch.manual_seed(0)
    task = VaeTask(TINY, CPU)
    network = task.generator
    assert isinstance(network, Vae)
    with torch.no_grad():
        for head in (network.mean, network.log_variance):
            head.weight.zero_()
            head.bias.zero_()
    figures = task.measure(network, goods(8, side=16))
    assert (figures["active"], figures["kl"]) == (0, 0)
    assert figures["scale"] == pytest.approx(0.1)
    assert math.isfinite(figures["elbo"])


def test_samples_depend_on_the_seed_only(learned: VaeTask) -> None:
    torch.manual_seed(1)
    pictures = learned.samples(learned.generator, 3, 5)
    torch.manual_seed(2)
    again = learned.samples(learned.generator, 3, 5)
    assert [p.size for p in pictures] == [(16, 16)] * 3
    assert [p.tobytes() for p in pictures] == [p.tobytes() for p in again]
    assert learned.samples(learned.generator, 1, 6)[0].tobytes() != pictures[0].tobytes()


def test_the_grid_shows_pictures_reconstructions_samples_and_ways(learned: VaeTask) -> None:
    pictures = [example.picture for example in goods(3, side=16)]
    rows = learned.show(learned.generator, pictures, "shown")
    assert [len(row) for row in rows] == [3, 3, 8, 8, 8]
    assert rows[0][0].tobytes() == pictures[0].tobytes()
    for way in rows[3:]:  # both ways start and end at the reconstructions
        for end, whole in ((way[0], rows[1][0]), (way[-1], rows[1][1])):
            assert np.abs(np.asarray(end, np.int16) - np.asarray(whole)).max() <= 1


def test_there_is_no_discriminator() -> None:
    with pytest.raises(RuntimeError, match="no discriminator"):
        VaeTask(TINY, CPU).backward_D()
