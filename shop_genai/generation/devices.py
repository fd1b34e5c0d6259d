"""Which device and number format to compute with, and when its memory is full."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import torch

BF16_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}  # as the Linux kernel names them on x86 and on ARM


def pick_device(name: str) -> torch.device:
    """A device from its name; "auto" is the first GPU if there is one, else the CPU."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def pick_dtype(name: str, device: torch.device) -> torch.dtype:
    """ "float32", "bfloat16", or "auto": bfloat16 where the hardware computes in it.

    A CPU without it emulates it, ten times slower than float32, so support is asked of the hardware, not of PyTorch.

    Raises:
        ValueError: another name.
    """
    named = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    if name in named:
        return named[name]
    if name != "auto":
        raise ValueError(f"dtype must be auto, float32 or bfloat16, not {name!r}")
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = device.type == "cpu" and bool(BF16_FLAGS & cpu_flags())
    return torch.bfloat16 if native else torch.float32


def out_of_memory(error: BaseException) -> bool:
    """Whether an exception means that memory ran out, on a GPU or on the CPU."""
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)


@lru_cache(maxsize=1)
def cpu_flags() -> frozenset[str]:
    """The CPU's features as Linux lists them; empty where there is no such list."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except OSError:
        return frozenset()
    for line in lines:
        name, _, value = line.partition(":")
        if name.strip() in ("flags", "Features"):
            return frozenset(value.split())
    return frozenset()
