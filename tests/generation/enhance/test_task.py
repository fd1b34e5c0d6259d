"""How the enhancer is trained: its pairs and its two backward passes."""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from shop_genai.generation.enhance.discriminator import DiscriminatorConfig
from shop_genai.generation.enhance.network import GeneratorConfig
from shop_genai.generation.enhance.task import Batch, EnhanceConfig, EnhanceTask, PairSampler
from shop_genai.generation.example import Example
from shop_genai.generation.features.network import Classifier, ClassifierConfig
from tests.generation.pictures import drawn

SMALL = EnhanceConfig(
    generator=GeneratorConfig(channels=8, depth=2),
    discriminator=DiscriminatorConfig(channels=4),
    sampler=PairSampler(patch=32, margin=4),
    perceptual_weight=0.0,
)
CPU = torch.device("cpu")


def examples(*pictures: Image.Image) -> list[Example]:
    return [Example(picture) for picture in pictures]


def batch() -> Batch:
    return SMALL.sampler(examples(drawn(64, 48, 0), drawn(64, 48, 1)), np.random.default_rng(0))


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_batch_has_one_scale_and_matching_pairs(scale: int) -> None:
    sampler = replace(SMALL.sampler, scales={scale: 1.0})
    made = sampler(examples(drawn(64, 48), drawn(40, 40)), np.random.default_rng(1))
    assert made["scale"] == scale
    assert made["low"].shape == (2, 32 // scale, 32 // scale, 3)
    assert made["high"].shape == (2, 32, 32, 3)
    # The pair shows one place: shrunk to one size, the low picture is the high one but for what was done to it.
    cells = made["high"].reshape(2, 8, 4, 8, 4, 3).mean(axis=(2, 4))
    low = made["low"].reshape(2, 8, 4 // scale, 8, 4 // scale, 3).mean(axis=(2, 4))
    assert np.abs(cells - low).mean() < 25


def test_the_same_generator_gives_the_same_batch() -> None:
    np.testing.assert_array_equal(batch()["low"], batch()["low"])


def test_scales_come_as_often_as_asked() -> None:
    sampler = PairSampler(patch=8, margin=2, scales={2: 0.7, 1: 0.15, 4: 0.15}, candidates=1)
    rng = np.random.default_rng(0)
    drawn_scales = [sampler(examples(drawn(16, 16)), rng)["scale"] for _ in range(200)]
    assert drawn_scales.count(2) / 200 == pytest.approx(0.7, abs=0.1)
    assert set(drawn_scales) == {1, 2, 4}


def test_the_livelier_of_two_patches_is_kept() -> None:
    half_plain = drawn(200, 60)
    half_plain.paste((90, 90, 90), (0, 0, 100, 60))
    contrasts = {
        candidates: np.mean(
            [
                replace(SMALL.sampler, candidates=candidates).pair(half_plain, 1, np.random.default_rng(n))[1].std()
                for n in range(30)
            ]
        )
        for candidates in (1, 4)
    }
    assert contrasts[4] > contrasts[1] + 5


def test_the_pixel_stage_has_no_discriminator() -> None:
    task = EnhanceTask(SMALL, CPU)
    task.forward(batch(), task.generator, 0.0)
    losses = task.backward_G()
    assert set(losses) == {"charbonnier", "spectrum"}
    assert any(p.grad is not None and bool(p.grad.abs().max() > 0) for p in task.generator.parameters())
    with pytest.raises(RuntimeError, match="no discriminator"):
        task.backward_D()


def test_in_the_gan_stage_each_network_learns_from_its_own_pass() -> None:
    torch.manual_seed(0)
    task = EnhanceTask(replace(SMALL, stage="gan"), CPU)
    assert task.discriminator is not None
    task.forward(batch(), copy.deepcopy(task.generator), 0.0)
    assert set(task.backward_D()) == {"d", "d_real", "d_fake"}
    assert all(p.grad is None for p in task.generator.parameters())
    task.discriminator.zero_grad(set_to_none=True)
    task.discriminator.requires_grad_(False)
    assert set(task.backward_G()) == {"charbonnier", "spectrum", "gan", "matching", "artefact"}
    assert all(p.grad is None for p in task.discriminator.parameters())
    assert any(p.grad is not None for p in task.generator.parameters())


def test_the_perceptual_loss_compares_the_classifiers_features() -> None:
    config = replace(SMALL, stage="gan", perceptual_weight=0.5)
    with pytest.raises(ValueError, match="needs a classifier"):
        EnhanceTask(config, CPU)
    torch.manual_seed(0)
    classifier = Classifier(ClassifierConfig(("a", "b"), widths=(4, 4, 4, 4))).eval().requires_grad_(False)
    task = EnhanceTask(config, CPU, classifier)
    task.forward(batch(), copy.deepcopy(task.generator), 0.0)
    with_it = task.backward_G()["perceptual"]
    assert with_it > 0
    task.output = task.high.clone().requires_grad_(True)
    assert task.backward_G()["perceptual"] == pytest.approx(0, abs=1e-6)


def test_an_unknown_stage_is_refused() -> None:
    with pytest.raises(ValueError, match="stage must be"):
        EnhanceTask(replace(SMALL, stage="both"), CPU)


def test_samples_show_input_output_and_target_at_every_scale() -> None:
    task = EnhanceTask(SMALL, CPU)
    rows = task.show(task.generator, [drawn(50, 61)], "shown")
    assert len(rows) == 3
    assert {picture.size for row in rows for picture in row} == {(48, 48)}
