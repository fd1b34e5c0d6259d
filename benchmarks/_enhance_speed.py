"""The enhancer's speed, and its share of what the machine's convolutions reach in the same run."""

from __future__ import annotations

import platform
import statistics
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from shop_genai.generation.enhance.network import GRID
from shop_genai.generation.enhance.params import SCALES
from shop_genai.generation.enhance.pipeline import EnhancePipeline

SIDE = 512  # pixels of the output that is timed
WARM = 2  # rounds that are not counted: they warm caches and kernel selection


def measure_speed(pipeline: EnhancePipeline, rounds: int) -> dict[str, Any]:
    """Milliseconds for a 512x512 output, and the network's share of the convolution peak, interleaved in one run."""
    network, device, dtype = pipeline.network(0.0), pipeline.device, pipeline.dtype
    widths = sorted({pipeline.config.channels, 64})
    convolutions = {channels: _convolution(channels, device, dtype) for channels in widths}
    low = {s: torch.rand(1, 3, SIDE // s, SIDE // s, device=device) for s in SCALES}
    photo = {s: Image.new("RGB", (SIDE // s, SIDE // s), (120, 110, 100)) for s in SCALES}
    peaks: defaultdict[int, list[float]] = defaultdict(list)
    times: defaultdict[str, list[float]] = defaultdict(list)
    with torch.inference_mode():
        for _ in range(rounds + WARM):
            for channels, convolve in convolutions.items():
                peaks[channels].append(8 * _operations(channels, channels) / _seconds(convolve, device) / 1e9)
            for scale in SCALES:
                whole = partial(pipeline, [{"image": photo[scale]}], {"scale": scale, "strength": 0.0}, [0])
                times[f"network_x{scale}"].append(_seconds(partial(network, low[scale], scale), device))
                times[f"pipeline_x{scale}"].append(_seconds(whole, device))
    by_channels = {str(channels): statistics.median(values[WARM:]) for channels, values in peaks.items()}
    milliseconds = {name: 1000 * statistics.median(values[WARM:]) for name, values in times.items()}
    gflop = operations(pipeline) / 1e9
    peak = max(by_channels.values())
    return {
        "dtype": str(dtype).removeprefix("torch."),
        "device": str(device),
        "threads": torch.get_num_threads(),
        "milliseconds": milliseconds,
        "gflop_x2": gflop,
        "peak_gflops": peak,
        "peak_by_channels": by_channels,
        "share_of_peak_x2": gflop / (milliseconds["network_x2"] / 1000) / peak,
    }


def operations(pipeline: EnhancePipeline) -> float:
    """Floating-point operations of the convolutions for a 512x512 output at x2, additions counted too."""
    channels, depth = pipeline.config.channels, pipeline.config.depth
    head, tail = _operations(3 * (GRID // 2) ** 2, channels), _operations(channels, 3 * GRID**2)
    return head + depth * _operations(channels, channels) + tail


def machine() -> dict[str, str]:
    """What was measured on."""
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return {"processor": name, "torch": torch.__version__, "python": platform.python_version()}


def _operations(inputs: int, outputs: int) -> float:
    """Of one 3x3 convolution on the trunk's grid."""
    return 2.0 * 9 * inputs * outputs * (SIDE // GRID) ** 2


def _convolution(channels: int, device: torch.device, dtype: torch.dtype) -> Callable[[], Tensor]:
    """Eight 3x3 convolutions in a row, on the size that the trunk works on."""
    side = SIDE // GRID
    x = torch.rand(1, channels, side, side, device=device).to(dtype, memory_format=torch.channels_last)
    weight = torch.rand(channels, channels, 3, 3, device=device).to(dtype, memory_format=torch.channels_last)

    def eight() -> Tensor:
        for _ in range(7):
            F.conv2d(x, weight, padding=1)
        return F.conv2d(x, weight, padding=1)

    return eight


def _seconds(work: Callable[[], Any], device: torch.device) -> float:
    start = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start
