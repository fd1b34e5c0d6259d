"""How the classifier learns."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.generation.example import Example
from shop_genai.generation.features.network import ClassifierConfig
from shop_genai.generation.features.task import FeaturesConfig, FeaturesTask, ViewSampler
from tests.generation.pictures import drawn

CLASSES = ("dark", "light")
TINY = FeaturesConfig(
    ClassifierConfig(CLASSES, side=32, widths=(16, 16, 16, 16)),
    ViewSampler(CLASSES, side=32, jitter=0.1),
    smoothing=0.0,
)


def plain(value: int) -> Image.Image:
    return Image.new("RGB", (50, 40), (value, value, value))


EXAMPLES = [Example(plain(40 + n), "dark") for n in range(4)] + [Example(plain(200 + n), "light") for n in range(4)]


def test_a_batch_holds_square_views_and_label_numbers() -> None:
    batch = TINY.sampler(EXAMPLES[2:6], np.random.default_rng(0))
    assert batch["picture"].shape == (4, 32, 32, 3)
    assert batch["label"].tolist() == [0, 0, 1, 1]
    again = TINY.sampler(EXAMPLES[2:6], np.random.default_rng(0))
    np.testing.assert_array_equal(batch["picture"], again["picture"])


def test_views_of_one_picture_differ() -> None:
    rng = np.random.default_rng(0)
    views = [TINY.sampler.view(drawn(60, 50), rng) for _ in range(2)]
    assert np.abs(views[0].astype(int) - views[1]).mean() > 5


def test_a_few_steps_tell_dark_from_light() -> None:
    torch.manual_seed(0)
    task = FeaturesTask(TINY, torch.device("cpu"))
    optimiser = torch.optim.Adam(task.generator.parameters(), 1e-2)
    rng = np.random.default_rng(0)
    for _ in range(30):
        optimiser.zero_grad()
        task.forward(TINY.sampler(EXAMPLES, rng), task.generator, 0.0)
        losses = task.backward_G()
        optimiser.step()
    assert losses["accuracy"] == 1
    figures = task.measure(task.generator, [*EXAMPLES, Example(plain(9), "nobody knows")])
    assert figures == {"accuracy": 1.0, "balanced_accuracy": 1.0}
    assert task.generator.training
    with pytest.raises(RuntimeError, match="no discriminator"):
        task.backward_D()


def test_samples_are_one_row_of_squares() -> None:
    task = FeaturesTask(TINY, torch.device("cpu"))
    rows = task.show(task.generator, [drawn(50, 61)], "shown")
    assert [[picture.size for picture in row] for row in rows] == [[(32, 32)]]
