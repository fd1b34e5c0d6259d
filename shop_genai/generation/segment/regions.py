"""Connected parts of a coarse mask."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SPECK = 0.05  # of the largest part's area: what is smaller is taken for a mistake


def parts(mask: NDArray[np.bool_]) -> NDArray[np.int32]:
    """(H, W) → the number of each pixel's part, from 1; 0 outside. Pixels touch along edges.

    Every pixel takes the largest number among itself and its neighbours along its run, row by row and column by column,
    until nothing changes: a few rounds for shapes that photos have.
    """
    numbers = np.where(mask, np.arange(1, mask.size + 1, dtype=np.int32).reshape(mask.shape), 0)
    while True:
        before = numbers
        for _ in range(2):
            numbers = _along_runs(numbers).T
        if np.array_equal(numbers, before):
            break
    found = np.unique(numbers[mask])
    return np.where(mask, np.searchsorted(found, numbers) + 1, 0).astype(np.int32)


def without_specks(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The parts that are not tiny beside the largest."""
    numbers = parts(mask)
    areas = np.bincount(numbers.ravel())
    areas[0] = 0
    kept: NDArray[np.bool_] = (areas >= SPECK * areas.max(initial=0))[numbers] & mask
    return kept


def _along_runs(numbers: NDArray[np.int32]) -> NDArray[np.int32]:
    """Each horizontal run of pixels gets its largest number."""
    inside = numbers > 0
    starts = inside & ~np.pad(inside, ((0, 0), (1, 0)))[:, :-1]
    run = np.cumsum(starts.ravel()).reshape(numbers.shape)  # a number per run; what lies between does not count
    largest = np.zeros(int(run.max(initial=0)) + 1, np.int32)
    np.maximum.at(largest, run[inside], numbers[inside])
    return np.where(inside, largest[run], 0).astype(np.int32)
