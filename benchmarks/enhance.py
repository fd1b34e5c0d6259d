"""Restoration quality at x1, x2 and x4 against plain resampling, and speed against the machine's convolution peak.

Every picture is degraded with the random generator that belongs to its file name, so that two runs on one folder see
the same inputs. Results are averages over pictures, per kind and over all.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from shop_genai.generation import load
from shop_genai.generation.enhance import degradation
from shop_genai.generation.enhance.params import DEFAULT_STRENGTH, SCALES
from shop_genai.generation.enhance.pipeline import EnhancePipeline
from shop_genai.training import metrics
from shop_genai.training.packs import Entry, open_rgb, read_pack

SAMPLES = Path(__file__).parent.parent / "example_project" / "shop" / "samples" / "products"
LARGEST_SIDE = (
    768  # pixels; larger pictures are shrunk before they serve as targets, which also removes their JPEG traces
)
SAMPLE_SIDE = 512  # the same for the repository's own samples
MEASURES: dict[str, Callable[[Any, Any], float]] = {
    "psnr_y": metrics.psnr_y,
    "ssim_y": metrics.ssim_y,
    "laplacian": metrics.laplacian_ratio,
    "colour_shift": metrics.colour_shift,
}
Restorer = Callable[[Image.Image], Image.Image]


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write JSON (with a Markdown table beside it) if asked."""
    options = _parse(arguments)
    if options.threads:
        torch.set_num_threads(options.threads)
    side = LARGEST_SIDE if options.data else SAMPLE_SIDE
    try:
        entries = read_pack(options.data or SAMPLES, options.split)[: options.limit]
    except FileNotFoundError as error:
        print(f"benchmarks enhance: {error}. Name a folder of pictures with --data.", file=sys.stderr)
        return 2
    pipeline = load("enhance", options.weights, options.device, options.dtype)
    quality = measure_quality(pipeline, entries, side)
    report = {
        "benchmark": "enhance",
        "data": options.data.name if options.data else "samples",
        "split": options.split,
        "pictures": len(entries),
        "weights": pipeline.digest,
        "weights_version": pipeline.version,
        "default_strength": DEFAULT_STRENGTH,
        "quality": quality,
        "speed": measure_speed(pipeline),
        "machine": _machine(),
    }
    text = table(report)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return 0


def measure_quality(pipeline: EnhancePipeline, entries: list[Entry], side: int) -> list[dict[str, Any]]:
    """One row per scale, kind and method, with the mean of every measure."""
    values: defaultdict[tuple[int, str, str], list[dict[str, float]]] = defaultdict(list)
    for number, entry in enumerate(entries):
        target = prepared(open_rgb(entry.path), side)
        for scale in SCALES:
            low = degradation.degrade(target, scale, degradation.sample(degradation.seeded(entry.name, scale)))
            for method, restore in methods(pipeline, scale).items():
                picture = np.asarray(restore(low))
                row = {name: measure(picture, np.asarray(target)) for name, measure in MEASURES.items()}
                values[scale, entry.kind, method].append(row)
                values[scale, "all", method].append(row)
        print(f"\r{number + 1}/{len(entries)} pictures", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    return [
        {"scale": scale, "kind": kind, "method": method, "pictures": len(rows)}
        | {name: float(np.mean([row[name] for row in rows])) for name in MEASURES}
        for (scale, kind, method), rows in sorted(values.items(), key=lambda item: item[0][:2])
    ]


def methods(pipeline: EnhancePipeline, scale: int) -> dict[str, Restorer]:
    """Everything that is compared at a scale."""

    def resampled(how: Image.Resampling) -> Restorer:
        return lambda low: low.resize((low.width * scale, low.height * scale), how)

    def enhanced(strength: float) -> Restorer:
        return lambda low: pipeline([{"image": low}], {"scale": scale, "strength": strength}, [0])[0].image

    plain: dict[str, Restorer] = {"input": lambda low: low}
    if scale > 1:
        plain = {"bicubic": resampled(Image.Resampling.BICUBIC), "Lanczos": resampled(Image.Resampling.LANCZOS)}
    ours = {f"strength {strength:g}": enhanced(strength) for strength in sorted({0.0, DEFAULT_STRENGTH, 1.0})}
    return plain | ours


def prepared(picture: Image.Image, side: int) -> Image.Image:
    """A target: at most `side` pixels long, and cut to multiples of 4."""
    shrink = min(1.0, side / max(picture.size))
    if shrink < 1:
        picture = picture.resize(
            (round(picture.width * shrink), round(picture.height * shrink)), Image.Resampling.LANCZOS
        )
    return picture.crop((0, 0, picture.width // 4 * 4, picture.height // 4 * 4))


def measure_speed(pipeline: EnhancePipeline, rounds: int = 9) -> dict[str, Any]:
    """Milliseconds for a 512x512 output, and the network's share of the convolution peak, interleaved in one run."""
    network, device, dtype = pipeline.network(0.0), pipeline.device, pipeline.dtype
    times: defaultdict[str, list[float]] = defaultdict(list)
    peaks: defaultdict[int, list[float]] = defaultdict(list)
    low = {s: torch.rand(1, 3, 512 // s, 512 // s, device=device) for s in SCALES}
    photo = {s: Image.new("RGB", (512 // s, 512 // s), (120, 110, 100)) for s in SCALES}
    with torch.inference_mode():
        for turn in range(rounds + 2):
            for channels in (pipeline.config.channels, 64):
                seconds = _convolution(channels, device, dtype)
                if turn >= 2:  # two rounds warm caches and kernel selection
                    peaks[channels].append(2 * channels**2 * 9 * 128**2 / seconds / 1e9)
            for scale in SCALES:
                network_s = _seconds(lambda s=scale: network(low[s], s), device)  # type: ignore[misc]
                whole_s = _seconds(
                    lambda s=scale: pipeline([{"image": photo[s]}], {"scale": s, "strength": 0.0}, [0]),  # type: ignore[misc]
                    device,
                )
                if turn >= 2:
                    times[f"network_x{scale}"].append(network_s)
                    times[f"pipeline_x{scale}"].append(whole_s)
    peak = max(statistics.median(values) for values in peaks.values())
    milliseconds = {name: 1000 * statistics.median(values) for name, values in times.items()}
    flops = operations(pipeline)
    return {
        "dtype": str(dtype).removeprefix("torch."),
        "device": str(device),
        "threads": torch.get_num_threads(),
        "milliseconds": milliseconds,
        "gflop_x2": flops / 1e9,
        "peak_gflops": peak,
        "peak_by_channels": {str(c): statistics.median(values) for c, values in peaks.items()},
        "share_of_peak_x2": flops / 1e9 / (milliseconds["network_x2"] / 1000) / peak,
    }


def operations(pipeline: EnhancePipeline) -> float:
    """Floating-point operations of the convolutions for a 512x512 output at x2, additions counted too."""
    channels, depth = pipeline.config.channels, pipeline.config.depth
    return 2 * 9 * 128**2 * channels * (12 + depth * channels + 48)


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    lines = [
        f"# Enhance: {report['pictures']} pictures of `{report['data']}`, split `{report['split']}`",
        "",
        f"Weights {report['weights_version']} (`{report['weights'][:12]}`); strength 0 is the pixel mode,"
        f" 1 the GAN mode, {report['default_strength']:g} the default.",
        "",
        "| scale | kind | method | PSNR-Y dB | SSIM-Y | Laplacian energy / target's | colour shift ΔE76 |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| x{r['scale']} | {r['kind']} ({r['pictures']}) | {r['method']} | {r['psnr_y']:.2f} | {r['ssim_y']:.4f} |"
        f" {r['laplacian']:.2f} | {r['colour_shift']:.2f} |"
        for r in report["quality"]
    ]
    speed = report["speed"]
    ms = speed["milliseconds"]
    lines += [
        "",
        f"Speed on {report['machine']['processor']}, {speed['threads']} threads, {speed['device']}, {speed['dtype']},"
        " channels last, medians:",
        "",
        "| | x1 | x2 | x4 |",
        "|---|---|---|---|",
        "| network, ms per 512x512 output | " + " | ".join(f"{ms[f'network_x{s}']:.0f}" for s in SCALES) + " |",
        "| whole pipeline, ms | " + " | ".join(f"{ms[f'pipeline_x{s}']:.0f}" for s in SCALES) + " |",
        "",
        f"Convolution peak in the same run: {speed['peak_gflops']:.0f} GFLOP/s; the network at x2"
        f" ({speed['gflop_x2']:.1f} GFLOP) reaches {100 * speed['share_of_peak_x2']:.0f} % of it.",
    ]
    return "\n".join(lines)


def _convolution(channels: int, device: torch.device, dtype: torch.dtype) -> float:
    x = torch.rand(1, channels, 128, 128, device=device).to(dtype, memory_format=torch.channels_last)
    weight = torch.rand(channels, channels, 3, 3, device=device).to(dtype, memory_format=torch.channels_last)

    def eight() -> None:
        for _ in range(8):
            F.conv2d(x, weight, padding=1)

    eight()
    return _seconds(eight, device) / 8


def _seconds(work: Callable[[], Any], device: torch.device) -> float:
    start = time.perf_counter()
    work()
    if device.type == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter() - start


def _machine() -> dict[str, Any]:
    name = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
                break
    return {"processor": name, "torch": torch.__version__, "python": platform.python_version()}


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks enhance", description=__doc__)
    parser.add_argument(
        "--data", type=Path, help="a pack, or any folder of pictures; default: the repository's samples"
    )
    parser.add_argument("--split", default="test", help="of a pack with a manifest")
    parser.add_argument("--json", type=Path, help="write the figures here, and a .md table beside it")
    parser.add_argument("--weights", type=Path, help="folder or manifest; default: the packaged weights")
    parser.add_argument("--limit", type=int, help="only the first N pictures")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto", help="auto, float32 or bfloat16")
    parser.add_argument("--threads", type=int, help="CPU threads; default: PyTorch's choice")
    return parser.parse_args(arguments)
