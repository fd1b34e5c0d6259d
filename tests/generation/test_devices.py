"""Which device and number format are chosen."""

from __future__ import annotations

import pytest
import torch

from shop_genai.generation import devices

CPU = torch.device("cpu")


def test_auto_takes_a_gpu_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert devices.pick_device("auto").type == "cuda"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert devices.pick_device("auto") == CPU
    assert devices.pick_device("cuda:1") == torch.device("cuda", 1)


@pytest.mark.parametrize(
    ("flags", "dtype"),
    [
        ({"avx512f", "avx512_bf16"}, torch.bfloat16),
        ({"asimd", "bf16"}, torch.bfloat16),
        ({"avx2", "avx512f"}, torch.float32),
        (set(), torch.float32),
    ],
)
def test_auto_uses_bfloat16_only_where_the_cpu_computes_in_it(
    flags: set[str], dtype: torch.dtype, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(devices, "cpu_flags", lambda: frozenset(flags))
    assert devices.pick_dtype("auto", CPU) == dtype


def test_a_named_format_is_taken_at_its_word() -> None:
    assert devices.pick_dtype("bfloat16", CPU) == torch.bfloat16
    assert devices.pick_dtype("float32", CPU) == torch.float32
    with pytest.raises(ValueError, match="float16"):
        devices.pick_dtype("float16", CPU)


def test_other_devices_compute_in_float32() -> None:
    assert devices.pick_dtype("auto", torch.device("mps")) == torch.float32
