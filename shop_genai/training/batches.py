"""The order of the training data: batch number n is a pure function of the seed and n.

So a resumed run sees the batches that the killed run would have seen, with nothing to save. Batches are made in a
background process, ahead of time.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from shop_genai.generation.example import Example

from .packs import Pictures

Sampler = Callable[[Sequence[Example], np.random.Generator], dict[str, Any]]
AHEAD = 16  # batches made in advance, per process


class Batches(Dataset[dict[str, Any]]):
    """Batch n, for every n. Every epoch visits each picture once, in an order of its own."""

    def __init__(self, pictures: Pictures, sampler: Sampler, size: int, seed: int) -> None:
        self.pictures = pictures
        self.sampler = sampler
        self.size = size
        self.seed = seed

    def __getitem__(self, number: int) -> dict[str, Any]:
        places = range(number * self.size, (number + 1) * self.size)
        chosen = [
            self.pictures.example(
                _order(self.seed, p // len(self.pictures), len(self.pictures))[p % len(self.pictures)]
            )
            for p in places
        ]
        return self.sampler(chosen, np.random.default_rng([self.seed, number]))


def stream(batches: Batches, first: int, processes: int = 1) -> Iterator[dict[str, Any]]:
    """The batches from number `first` on, without end; 0 processes makes them in this one."""
    numbers = range(first, 2**31)
    loader = DataLoader(
        batches,
        sampler=numbers,
        batch_size=None,
        num_workers=processes,
        # Else the loader draws a number from PyTorch's global generator, and a resumed run has one draw more behind it.
        generator=torch.Generator(),
        prefetch_factor=AHEAD if processes else None,
        # A fork after torch has run can hang; a spawned process starts clean.
        multiprocessing_context=torch.multiprocessing.get_context("spawn") if processes else None,
        collate_fn=_as_it_is,
        worker_init_fn=_end_with_parent if processes else None,
    )
    return iter(loader)


def _as_it_is(batch: Any) -> Any:
    return batch


def _end_with_parent(_worker: int) -> None:
    """In a loader process: exit when the training process is gone, however it ended."""
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(2)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@lru_cache(maxsize=4)
def _order(seed: int, epoch: int, length: int) -> tuple[int, ...]:
    return tuple(int(i) for i in np.random.default_rng([seed, epoch, length]).permutation(length))
