"""Pictures ↔ tensors."""

from __future__ import annotations

import numpy as np
import torch

from shop_genai.generation import tensors


def test_every_value_survives_the_round_trip() -> None:
    pixels = np.arange(256 * 3, dtype=np.uint32).astype(np.uint8).reshape(16, 16, 3)
    tensor = tensors.to_tensor(pixels)
    assert tensor.shape == (1, 3, 16, 16)
    assert tensor.dtype == torch.float32
    assert float(tensor[0, 2, 0, 0]) == np.float32(2 / 255)
    np.testing.assert_array_equal(tensors.to_pixels(tensor)[0], pixels)


def test_values_are_rounded_and_clamped() -> None:
    tensor = torch.tensor([-0.2, 0.4 / 255, 0.6 / 255, 1.7]).reshape(1, 1, 1, 4).expand(1, 3, 1, 4)
    assert tensors.to_pixels(tensor)[0, 0, :, 0].tolist() == [0, 0, 1, 255]


def test_the_tensor_does_not_share_the_pictures_memory() -> None:
    pixels = np.zeros((2, 2, 3), np.uint8)
    pixels.flags.writeable = False
    tensors.to_tensor(pixels).add_(1)
    assert pixels.max() == 0
