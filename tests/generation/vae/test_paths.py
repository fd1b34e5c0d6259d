"""Ways from one code to another."""

from __future__ import annotations

import math

import pytest
import torch

from shop_genai.generation.vae.paths import linear, spherical


def test_the_straight_line_has_its_ends_and_its_middle() -> None:
    way = linear(torch.tensor([0.0, 2.0]), torch.tensor([4.0, 0.0]), 3)
    assert way.tolist() == [[0.0, 2.0], [2.0, 1.0], [4.0, 0.0]]


def test_the_arc_keeps_the_norm_where_the_line_cuts_across() -> None:
    start, end = torch.tensor([2.0, 0.0]), torch.tensor([0.0, 2.0])
    arc, line = spherical(start, end, 3), linear(start, end, 3)
    half = math.sqrt(2)
    assert arc[1].tolist() == pytest.approx([half, half])  # 45 degrees
    assert arc.norm(dim=1).tolist() == pytest.approx([2, 2, 2])
    assert float(line[1].norm()) == pytest.approx(half)
    assert arc[0].tolist() == pytest.approx([2, 0], abs=1e-6)
    assert arc[2].tolist() == pytest.approx([0, 2], abs=1e-6)


def test_between_codes_of_one_direction_the_arc_is_the_line() -> None:
    start = torch.tensor([1.0, 1.0])
    torch.testing.assert_close(spherical(start, 3 * start, 5), linear(start, 3 * start, 5))
