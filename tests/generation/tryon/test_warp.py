from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shop_genai.generation.tryon.warp import places, sampled, spline

CORNERS = np.array([[0.0, 0.0], [100.0, 0.0], [100.0, 80.0], [0.0, 80.0], [50.0, 40.0]])


@given(arrays(float, (5, 2), elements=st.floats(-8, 8)))
def test_a_spline_without_stiffness_hits_its_points(moves: np.ndarray) -> None:
    end = CORNERS + moves
    np.testing.assert_allclose(spline(CORNERS, end, stiffness=0)(CORNERS), end, atol=1e-5)


def test_an_affine_map_is_not_bent() -> None:
    matrix, offset = np.array([[0.8, 0.3], [-0.2, 1.1]]), np.array([5.0, -7.0])
    bent = spline(CORNERS, CORNERS @ matrix.T + offset)
    anywhere = np.array([[13.0, 71.0], [-40.0, 200.0]])
    np.testing.assert_allclose(bent(anywhere), anywhere @ matrix.T + offset, atol=1e-6)


def test_the_bending_is_bookstein_s() -> None:
    """Four corners of a square, one diagonal pair moved up, the other down: f = a (U(r1) - U(r2) + U(r3) - U(r4))."""
    square = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]) * 10
    move = np.array([[0.0, 0.1], [0.0, -0.1], [0.0, 0.1], [0.0, -0.1]]) * 10
    bent = spline(square, square + move, stiffness=0)
    # U(1) = 0 and U(√2) = 2 ln 2 in units of the side, so a * (U(0) - 2 U(1) + U(√2)) = 0.1.
    expected = 0.1 / (2 * np.log(2))
    np.testing.assert_allclose(bent.weights[:, 1], expected * np.array([1, -1, 1, -1]), atol=1e-9)
    np.testing.assert_allclose(bent.weights[:, 0], 0, atol=1e-9)


def test_two_points_are_too_few() -> None:
    with pytest.raises(ValueError, match="three pairs"):
        spline(CORNERS[:2], CORNERS[:2])


def test_the_identity_gives_every_pixel_its_own_middle() -> None:
    where = places(spline(CORNERS, CORNERS), (37, 21))
    assert where.shape == (1, 2, 21, 37)
    assert where[0, 0, 5, 7].item() == pytest.approx(7.5, abs=1e-3)
    assert where[0, 1, 5, 7].item() == pytest.approx(5.5, abs=1e-3)
    picture = torch.rand(1, 3, 21, 37, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(sampled(picture, where), picture, atol=1e-3, rtol=0)


def test_a_picture_that_shrinks_is_averaged_first() -> None:
    stripes = (torch.arange(64) % 2).float().expand(1, 1, 64, 64).contiguous()
    where = places(spline(CORNERS, CORNERS * 4), (16, 16))
    assert (sampled(stripes, where) - 0.5).abs().max() < 0.02
