"""The enhancer's peak memory on a 24-megapixel photo, each case in a process of its own.

What is measured is the whole process: Python, PyTorch, the weights, the photo and the result.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

SIZE = (6000, 4000)  # pixels: 24 megapixels
CASES = {"x1 RGB": (1, "RGB"), "x1 RGBA": (1, "RGBA"), "x1 L": (1, "L"), "x2 RGB": (2, "RGB")}


def measure_memory(weights: Path | None, device: str, dtype: str, threads: int | None) -> list[dict[str, Any]]:
    """One row per case: `case`, `peak_gib` and `seconds`."""
    rows = []
    for case in CASES:
        command = [sys.executable, "-m", "benchmarks._enhance_memory", case, "--device", device, "--dtype", dtype]
        command += ["--weights", str(weights)] if weights else []
        command += ["--threads", str(threads)] if threads else []
        done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)  # noqa: S603 - our own module
        rows.append(json.loads(done.stdout))
    return rows


def memory_lines(rows: list[dict[str, Any]]) -> list[str]:
    """The rows as Markdown."""
    megapixels = SIZE[0] * SIZE[1] / 1e6
    lines = [f"Peak memory of the whole process on a photo of {megapixels:.0f} megapixels:", ""]
    lines += ["| case | peak, GiB | seconds |", "|---|---|---|"]
    lines += [f"| {row['case']} | {row['peak_gib']:.2f} | {row['seconds']:.0f} |" for row in rows]
    return lines


def drawn(mode: str, size: tuple[int, int] = SIZE) -> Image.Image:
    """A photo-sized picture of shades and noise; with alpha, a disc is cut out of it."""
    grain = Image.effect_noise(size, 20)
    if mode == "L":
        return grain
    shade = Image.linear_gradient("L").resize(size)
    picture = Image.merge("RGB", (grain, shade, grain))
    if mode == "RGBA":
        picture.putalpha(Image.radial_gradient("L").resize(size).point(lambda value: 255 if value < 160 else 0))
    return picture


def main(arguments: list[str]) -> int:
    """Measure one case in this process and print it as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks._enhance_memory", description=__doc__)
    parser.add_argument("case", choices=list(CASES))
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="auto")
    parser.add_argument("--threads", type=int)
    options = parser.parse_args(arguments)
    import torch  # here, so that the process that only starts others stays small

    from shop_genai.generation import load

    if options.threads:
        torch.set_num_threads(options.threads)
    pipeline = load("enhance", options.weights, options.device, options.dtype)
    scale, mode = CASES[options.case]
    photo = drawn(mode)
    start = time.perf_counter()
    (output,) = pipeline([{"image": photo}], {"scale": scale}, [0])
    seconds = time.perf_counter() - start
    if output.image.size != (SIZE[0] * scale, SIZE[1] * scale):
        raise RuntimeError(f"the result measures {output.image.size}")
    print(json.dumps({"case": options.case, "peak_gib": peak_gib(), "seconds": seconds}))
    return 0


def peak_gib() -> float:
    """The most memory that this process has held so far."""
    unit = 1 if sys.platform == "darwin" else 1024  # bytes there, KiB elsewhere
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**30


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
