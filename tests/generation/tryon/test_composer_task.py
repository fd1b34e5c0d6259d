"""How the composer learns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.generation import adversarial
from shop_genai.generation.tryon.composer import ComposerConfig
from shop_genai.generation.tryon.composer_discriminator import DiscriminatorConfig
from shop_genai.generation.tryon.composer_task import ComposerTask, ComposerTaskConfig

from .composer_batches import HEIGHT, WIDTH, drawn_batch

SMALL = ComposerTaskConfig(
    network=ComposerConfig(widths=(8, 12, 16, 16), blocks=(1, 1, 1, 1), reduction=1),
    discriminator=DiscriminatorConfig(channels=4),
    coarse=0.25,
    gan_start=0.75,
)
CPU = torch.device("cpu")
PARTS = ("absolute", "broad", "edges", "structure", "coverage", "even", "smooth", "prior")


@pytest.fixture
def task() -> ComposerTask:
    torch.manual_seed(0)
    return ComposerTask(SMALL, CPU)


def test_a_few_steps_bring_light_and_hem_nearer_to_the_photo(task: ComposerTask) -> None:
    optimiser = torch.optim.Adam(task.generator.parameters(), 4e-3)
    batch = drawn_batch(4)
    psnr, absolute = [], []
    for step in range(60):
        optimiser.zero_grad()
        task.forward(batch, task.generator, 0.2 if step < 3 else 0.5)
        figures = task.backward_G()
        optimiser.step()
        psnr.append(float(figures["psnr"]))
        absolute.append(float(figures["absolute"]))
    assert psnr[-1] > psnr[3] + 5
    assert absolute[-1] < 0.5 * absolute[3]
    low = task.made.alpha.detach()[:, 0, 48, 14:34]
    assert float(low.mean()) > 0.5  # where the photo's garment goes on below the draft's


def test_the_first_part_of_a_run_is_at_half_the_resolution(task: ComposerTask) -> None:
    task.forward(drawn_batch(2), task.generator, 0.1)
    assert task.made.picture.shape == (2, 3, HEIGHT // 2, WIDTH // 2)
    task.forward(drawn_batch(2), task.generator, 0.3)
    assert task.made.picture.shape == (2, 3, HEIGHT, WIDTH)


def test_rows_without_a_target_are_only_held_near_the_draft(task: ComposerTask) -> None:
    with torch.no_grad():
        for parameter in task.generator.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    batch = drawn_batch(3, unpaired=1)
    other = {name: values.copy() if isinstance(values, np.ndarray) else values for name, values in batch.items()}
    other["target"][2] = 7
    figures = []
    for each in (batch, other):
        task.forward(each, task.generator, 0.5)
        figures.append(task.backward_G())
    for name in PARTS:
        assert float(figures[0][name]) == pytest.approx(float(figures[1][name]))
    assert float(figures[0]["prior"]) > 0
    task.forward(drawn_batch(3), task.generator, 0.5)
    assert float(task.backward_G()["prior"]) == 0


def test_the_critic_comes_in_late_and_judges_what_changed(task: ComposerTask) -> None:
    batch = drawn_batch(3, unpaired=1)
    task.forward(batch, task.generator, 0.5)
    assert task.backward_D() == {}
    assert "gan" not in task.backward_G()

    task.forward(batch, task.generator, 0.9)
    assert task.discriminator is not None
    planes = task.planes
    real = task.discriminator(planes.target[:2], planes.region[:2])[0]
    fake = task.discriminator(task.made.picture.detach().clamp(0, 1), planes.region)[0]
    expected = adversarial.hinge_discriminator(real[task.where[:2]], fake[task.where])
    # In training mode, every pass moves the estimates of the spectral norms a little.
    assert float(task.backward_D()["d"]) == pytest.approx(float(expected.detach()), rel=0.2)
    figures = task.backward_G()
    assert torch.isfinite(figures["gan"])
    assert float(figures["features"]) >= 0
    assert not bool(task.where[:, :, 0].any())  # the first row of patches lies outside the region


def test_a_batch_with_nothing_to_compare_asks_no_critic(task: ComposerTask) -> None:
    task.forward(drawn_batch(2, unpaired=2), task.generator, 0.9)
    assert task.backward_D() == {}
    assert all(torch.isfinite(value) for value in task.backward_G().values())


def test_the_loss_is_the_sum_of_its_parts() -> None:
    torch.manual_seed(0)
    task = ComposerTask(replace(SMALL, discriminator=None), CPU)
    task.forward(drawn_batch(2), task.generator, 0.9)
    figures = task.backward_G()
    assert set(figures) == {*PARTS, "psnr"}
    gradient = [p.grad.abs().sum() for p in task.generator.parameters() if p.grad is not None]
    assert float(torch.stack(gradient).sum()) > 0
    with pytest.raises(RuntimeError, match="no discriminator"):
        task.backward_D()


def test_grids_show_the_kept_batch(task: ComposerTask) -> None:
    picture = Image.new("RGB", (8, 8))
    assert task.show(task.generator, [picture], "shown") == [[picture]]
    batch = drawn_batch(2)
    task.begin(batch)
    rows = task.show(task.generator, [picture], "shown")
    assert [len(row) for row in rows] == [4, 4]
    assert rows[0][0].size == (WIDTH // 2, HEIGHT // 2)
    photo = Image.fromarray(batch["target"][1]).reduce(2)
    assert float(np.abs(np.asarray(rows[1][3], np.int16) - np.asarray(photo, np.int16)).max()) <= 1


class Other(torch.nn.Module):
    def forward(self, *planes: torch.Tensor) -> torch.Tensor:
        return planes[0]


def test_another_network_is_no_composer(task: ComposerTask) -> None:
    task.generator = Other()
    with pytest.raises(TypeError, match="Other"):
        task.forward(drawn_batch(1), task.generator, 0.5)
