from __future__ import annotations

import torch
import torch.nn.functional as F
from hypothesis import given
from hypothesis import strategies as st

from shop_genai.generation.tryon.morphology import grown, shrunk


@given(st.integers(0, 5), st.integers(0, 10_000))
def test_rows_and_then_columns_are_the_square(radius: int, seed: int) -> None:
    planes = torch.rand(2, 9, 13, generator=torch.Generator().manual_seed(seed))
    square = F.max_pool2d(planes[:, None], 2 * radius + 1, 1, radius)[:, 0]
    assert torch.equal(grown(planes, radius), square)
    assert torch.equal(shrunk(planes, radius), -F.max_pool2d(-planes[:, None], 2 * radius + 1, 1, radius)[:, 0])


def test_a_hole_is_closed_and_an_edge_stays() -> None:
    mask = torch.zeros(20, 20)
    mask[4:16, 4:16] = 1
    holed = mask.clone()
    holed[9:11, 9:11] = 0
    assert torch.equal(shrunk(grown(holed, 2), 2), mask)
