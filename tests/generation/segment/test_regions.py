"""Connected parts."""

from __future__ import annotations

import numpy as np

from shop_genai.generation.segment.regions import parts, without_specks


def test_parts_touch_along_edges_only() -> None:
    mask = np.array([[1, 1, 0, 0], [0, 1, 0, 1], [0, 0, 1, 1], [1, 0, 0, 0]], bool)
    numbers = parts(mask)
    assert (numbers > 0).tolist() == mask.tolist()
    assert len(set(numbers[mask].tolist())) == 3
    assert numbers[0, 0] == numbers[1, 1] != numbers[2, 2] == numbers[1, 3]


def test_a_spiral_is_one_part() -> None:
    mask = np.ones((9, 9), bool)
    mask[1, :8] = mask[1:8, 7] = mask[7, 1:8] = mask[3:8, 1] = mask[3, 1:6] = mask[3:6, 5] = False
    assert len(set(parts(mask)[mask].tolist())) == 1
    assert parts(np.ones((3, 3), bool)).max() == 1
    assert parts(np.zeros((3, 3), bool)).max() == 0


def test_specks_go_and_pairs_stay() -> None:
    mask = np.zeros((40, 40), bool)
    mask[5:15, 5:15] = mask[20:30, 5:12] = mask[35, 35] = True
    kept = without_specks(mask)
    assert kept.sum() == 170
    assert not kept[35, 35]
    assert not without_specks(np.zeros((4, 4), bool)).any()
