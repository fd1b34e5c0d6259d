"""Losses against values computed by hand."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F

from shop_genai.generation.segment.losses import marginal_loss, overlap_loss, possible, sold_entropy


def pixels(*values: float) -> torch.Tensor:
    """(1, 1, n)"""
    return torch.tensor([[values]])


def test_bits_become_classes() -> None:
    found = possible(torch.tensor([[[0, 1, 0b110]]]), 3)
    assert found[0, :, 0].T.int().tolist() == [[0, 0, 0], [1, 0, 0], [0, 1, 1]]


def test_the_likelihood_of_a_set_is_the_sum_over_its_classes() -> None:
    logits = torch.tensor([0.2, 0.3, 0.5]).log().view(1, 3, 1, 1)
    assert marginal_loss(logits, torch.tensor([[[0b011]]])).item() == pytest.approx(-math.log(0.5))
    assert marginal_loss(logits, torch.tensor([[[0b111]]])).item() == pytest.approx(0, abs=1e-6)


def test_with_one_class_a_pixel_it_is_the_cross_entropy() -> None:
    torch.manual_seed(0)
    logits, labels = torch.randn(2, 4, 3, 5), torch.randint(4, (2, 3, 5))
    assert marginal_loss(logits, 1 << labels).item() == pytest.approx(F.cross_entropy(logits, labels).item(), rel=1e-5)


def test_pixels_of_which_nothing_is_known_do_not_count() -> None:
    logits = torch.tensor([[1.0, 7.0], [2.0, -3.0]]).view(1, 2, 1, 2).requires_grad_()
    loss = marginal_loss(logits, torch.tensor([[[0b01, 0]]]))
    assert loss.item() == pytest.approx(math.log(1 + math.e))  # log(e^1 + e^2) - 1
    loss.backward()
    assert logits.grad is not None
    assert logits.grad[0, :, 0, 1].tolist() == [0, 0]
    assert marginal_loss(logits, torch.zeros(1, 1, 2)).item() == 0


def test_the_entropy_of_what_is_sold_leaves_out_what_nobody_says() -> None:
    sold = torch.tensor([[[1, 0, 2]]])
    loss = sold_entropy(pixels(0.0, 0.0, 50.0), sold)
    assert loss.item() == pytest.approx(math.log(2))


def test_the_soft_overlap_by_hand() -> None:
    # Probabilities 1/2 and 1/2 against 1 and 0: inner 1/2, outer 1 + 1/2.
    assert overlap_loss(pixels(0.0, 0.0, 9.0), torch.tensor([[[1, 0, 2]]])).item() == pytest.approx(2 / 3)
    assert overlap_loss(pixels(30.0, -30.0), torch.tensor([[[1, 0]]])).item() == pytest.approx(0, abs=1e-6)


def test_a_picture_that_sells_nothing_has_no_overlap_to_learn() -> None:
    both = torch.tensor([[[1, 0]], [[0, 0]]])
    logits = torch.zeros(2, 1, 2)
    assert overlap_loss(logits, both).item() == pytest.approx(2 / 3)
    assert overlap_loss(logits[1:], both[1:]).item() == 0
