"""The recipe “nothing”, alone and in batches of eight."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from shop_genai.recipes import Recipe, Slot, register


@dataclass(frozen=True)
class NoParams:
    pass


def load(folder: object, device: str) -> Any:
    def nothing(inputs: Any, params: NoParams, seeds: Any, progress: Any = None) -> list[Any]:
        return [SimpleNamespace(image=one["image"], mask=None, info={}) for one in inputs]

    return nothing


for limit in (1, 8):
    register(Recipe(f"nothing_{limit}", "Nothing", (Slot("image"),), params=NoParams, load=load, batch_limit=limit))
