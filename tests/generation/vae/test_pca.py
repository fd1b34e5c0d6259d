"""Principal components as the reference."""

from __future__ import annotations

import numpy as np
import pytest

from shop_genai.generation.vae.pca import reconstructed


def test_points_of_a_plane_need_two_components() -> None:
    rng = np.random.default_rng(0)
    axes = rng.normal(size=(2, 10)).astype(np.float32)
    training, asked = (rng.normal(size=(n, 2)).astype(np.float32) @ axes + 3 for n in (30, 4))
    np.testing.assert_allclose(reconstructed(training, asked, 2), asked, atol=1e-4)
    assert np.abs(reconstructed(training, asked, 1) - asked).max() > 0.1


def test_the_first_component_is_the_direction_of_most_variance() -> None:
    training = np.array([[10, 0], [-10, 0], [0, 1], [0, -1]], np.float32)
    result = reconstructed(training, np.array([[5, 5]], np.float32), 1)
    np.testing.assert_allclose(result, [[5, 0]], atol=1e-5)


@pytest.mark.parametrize("floats", [2, 50])
def test_no_more_components_than_the_pictures_span(floats: int) -> None:
    training = np.eye(3, 8, dtype=np.float32)
    asked = np.full((1, 8), 0.5, np.float32)
    np.testing.assert_allclose(reconstructed(training, asked, floats)[0, 3:], 0, atol=1e-6)
