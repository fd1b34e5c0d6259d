"""The bilateral grid of colour affines."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from shop_genai.generation.variant import grid as module
from shop_genai.generation.variant.grid import Grid, applied, apply_grid, layer_of, layer_weights, luma
from tests.generation.pictures import drawn


def random_grid(seed: int = 0, layers: int = 4, cells: int = 3) -> Grid:
    source = torch.Generator().manual_seed(seed)
    identity = torch.eye(3, 4).flatten().view(1, 12, 1, 1, 1)
    change = 0.2 * torch.randn(1, 12, layers, cells, cells, generator=source)
    return Grid(identity + change, torch.linspace(0.1, 0.9, layers)[None])


def pixels(width: int = 37, height: int = 29) -> NDArray[np.uint8]:
    return np.asarray(drawn(width, height))


def test_luma_is_that_of_bt_601() -> None:
    picture = torch.tensor([1.0, 0.5, 0.25]).view(1, 3, 1, 1)
    assert float(luma(picture)) == pytest.approx(0.299 + 0.587 * 0.5 + 0.114 * 0.25)


def test_a_brightness_lies_between_its_two_layers() -> None:
    levels = torch.tensor([[0.2, 0.4, 0.8]])
    asked = torch.tensor([[0.0, 0.2, 0.3, 0.5, 0.8, 1.0]])
    assert layer_of(asked, levels)[0].tolist() == pytest.approx([0, 0, 0.5, 1.25, 2, 2])
    weights = layer_weights(asked, levels)[0].T
    expected = [[1, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0, 0.75, 0.25], [0, 0, 1], [0, 0, 1]]
    torch.testing.assert_close(weights, torch.tensor(expected))


def test_one_cell_and_one_matrix_is_that_matrix_everywhere() -> None:
    matrix = torch.tensor([[0.5, 0.25, 0.0, 0.1], [0.0, 1.0, 0.0, -0.2], [0.0, 0.0, 0.0, 0.75]])
    grid = Grid(matrix.flatten().view(1, 12, 1, 1, 1).expand(1, 12, 2, 1, 1), torch.tensor([[0.3, 0.6]]))
    picture = torch.rand(1, 3, 5, 7)
    expected = torch.einsum("ij,njhw->nihw", matrix[:, :3], picture) + matrix[:, 3].view(1, 3, 1, 1)
    torch.testing.assert_close(applied(grid, picture), expected)


def test_the_matrix_is_interpolated_by_place_and_by_brightness() -> None:
    # Offsets only: 0 and 1 on two cells side by side, twice that on the upper layer.
    affines = torch.zeros(1, 3, 4, 2, 1, 2)
    affines[:, :, 3, 0, 0] = torch.tensor([0.0, 1.0])
    affines[:, :, 3, 1, 0] = torch.tensor([0.0, 2.0])
    grid = Grid(affines.flatten(1, 2), torch.tensor([[0.0, 1.0]]))
    picture = torch.full((1, 3, 1, 4), 0.5)  # half way between the layers; pixels at 1/8, 3/8, 5/8, 7/8 of the width
    # Cell centres lie at 1/4 and 3/4, so the shares of the second cell are 0 (held), 1/4, 3/4, 1 (held).
    torch.testing.assert_close(applied(grid, picture)[0, 0, 0], torch.tensor([0.0, 0.25, 0.75, 1.0]) * 1.5)


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**16))
def test_the_edit_at_full_size_is_the_one_that_was_trained(width: int, height: int, seed: int) -> None:
    picture = np.asarray(drawn(width, height, seed))
    mask = np.full((height, width), 255, np.uint8)
    trained = applied(random_grid(seed), torch.from_numpy(picture.copy()).permute(2, 0, 1)[None].float() / 255)
    expected = trained.clamp(0, 1).mul(255)[0].permute(1, 2, 0).numpy()
    assert np.abs(apply_grid(random_grid(seed), picture, mask) - expected).max() <= 0.502  # rounding


@pytest.mark.parametrize("threads", [1, 3])
def test_pixels_do_not_depend_on_bands_or_threads(threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = np.asarray(drawn(40, 50))
    mask = np.random.default_rng(0).choice(np.array([0, 90, 255], np.uint8), (50, 40))
    whole = apply_grid(random_grid(), picture, mask)
    before = torch.get_num_threads()
    monkeypatch.setattr(module, "BAND", 97)
    torch.set_num_threads(threads)
    try:
        parts = apply_grid(random_grid(), picture, mask)
    finally:
        torch.set_num_threads(before)
    assert np.array_equal(whole, parts)


def test_nothing_changes_outside_the_mask_or_at_strength_nothing() -> None:
    picture = pixels()
    mask = np.zeros(picture.shape[:2], np.uint8)
    mask[5:20, 7:30] = 255
    edited = apply_grid(random_grid(), picture, mask)
    assert np.array_equal(edited[mask == 0], picture[mask == 0])
    assert np.abs(edited[mask > 0].astype(int) - picture[mask > 0]).max() > 10
    assert np.array_equal(apply_grid(random_grid(), picture, mask, 0.0), picture)
    assert np.array_equal(apply_grid(random_grid(), picture, np.zeros_like(mask)), picture)


def test_a_soft_mask_and_a_strength_mix_alike() -> None:
    picture = pixels()
    half = apply_grid(random_grid(), picture, np.full(picture.shape[:2], 255, np.uint8), 0.4)
    soft = apply_grid(random_grid(), picture, np.full(picture.shape[:2], 102, np.uint8))
    assert np.array_equal(half, soft)


def test_a_part_is_edited_as_the_whole_is() -> None:
    picture = torch.rand(1, 3, 16, 24)
    whole = applied(random_grid(), picture)
    part = applied(random_grid(), picture[:, :, 4:12, 12:24], torch.tensor([[4 / 16, 12 / 24]]), 0.5)
    torch.testing.assert_close(part, whole[:, :, 4:12, 12:24], rtol=1e-4, atol=1e-5)


def test_gradients_reach_the_affines() -> None:
    grid = random_grid()
    affines = grid.affines.requires_grad_(True)
    applied(Grid(affines, grid.levels), torch.rand(1, 3, 8, 8)).square().sum().backward()  # type: ignore[no-untyped-call]  # the stubs lack it
    assert affines.grad is not None
    assert float(affines.grad.abs().sum()) > 0


def test_one_of_a_batch() -> None:
    both = Grid(torch.cat([random_grid(1).affines, random_grid(2).affines]), torch.linspace(0, 1, 4).expand(2, -1))
    assert torch.equal(both[1].affines, random_grid(2).affines)
    assert both[1].levels.shape == (1, 4)
