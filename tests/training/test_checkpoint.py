"""A run on disk."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import torch
from torch import nn

from shop_genai.training import checkpoint

CPU = torch.device("cpu")


def test_parts_state_and_randomness_come_back(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    saved, loaded = nn.Linear(2, 2), nn.Linear(2, 2)
    checkpoint.save(path, {"generator": saved, "discriminator": None}, {"step": 3, "elapsed": 1.5})
    expected = torch.rand(3)
    state = checkpoint.load(path, {"generator": loaded, "discriminator": None}, CPU)
    assert state == {"step": 3, "elapsed": 1.5}
    assert torch.equal(loaded.weight, saved.weight)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(checkpoint.read(path, "generator")["bias"], saved.bias)


def test_networks_of_another_shape_are_refused_in_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, {"generator": nn.Linear(2, 2), "discriminator": None}, {"step": 3})
    for parts in ({"generator": nn.Linear(2, 3)}, {"generator": nn.Linear(2, 2), "discriminator": nn.Linear(1, 1)}):
        with pytest.raises(ValueError, match="options that the run began with"):
            checkpoint.load(path, parts, CPU)


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "checkpoint.pt"
    checkpoint.save(path, {}, {"step": 1})

    def full(content: object, where: Path) -> None:
        where.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(torch, "save", full)
    with pytest.raises(OSError, match="no space"):
        checkpoint.save(path, {}, {"step": 2})
    assert checkpoint.read(path, "state") == {"step": 1}


class Dangerous:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (exec, ("raise SystemExit('executed')",))


def test_objects_are_never_unpickled(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    torch.save({"state": Dangerous()}, path)
    with pytest.raises(pickle.UnpicklingError):
        checkpoint.read(path, "state")
