"""How long a try-on takes at 512 x 384, and how much memory the process holds: in a process of its own.

What is measured is the whole process: Python, PyTorch, all weights, photo, garment and result.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from PIL import Image

from benchmarks._enhance_memory import peak_gib

SAMPLES = Path(__file__).parent.parent / "example_project" / "shop" / "samples"
PERSON, GARMENT = SAMPLES / "people" / "crew-tee.jpg", SAMPLES / "products" / "polo.jpg"
SIZE = (384, 512)  # pixels of the photo
BACKENDS = ("landmark_gan", "warp_only")


def measure_cost(weights: Path | None, device: str, threads: int | None, rounds: int) -> list[dict[str, Any]]:
    """A row per method: `first` and `warm` seconds, the garment known, `steps` of it, `garment` seconds to look at one
    anew, `peak_gib`."""
    rows = []
    for backend in BACKENDS:
        command = [sys.executable, "-m", "benchmarks._tryon_cost", backend, "--device", device]
        command += ["--weights", str(weights)] if weights else []
        command += ["--threads", str(threads)] if threads else []
        command += ["--rounds", str(rounds)]
        done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True, check=True)  # noqa: S603 - our own module
        rows.append(json.loads(done.stdout))
    return rows


def main(arguments: list[str]) -> int:
    """Measure one method in this process and print it as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks._tryon_cost", description=__doc__)
    parser.add_argument("backend", choices=BACKENDS)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--threads", type=int)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args(arguments)
    import torch  # here, so that the process that only starts others stays small

    from shop_genai.generation import load

    if options.threads:
        torch.set_num_threads(options.threads)
    pipeline = load("tryon", options.weights, options.device)
    with Image.open(PERSON) as image:
        person = image.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
    with Image.open(GARMENT) as image:
        garment = image.convert("RGB")
    seconds, steps = [], []
    for _ in range(options.rounds + 1):
        start = time.perf_counter()
        (output,) = pipeline([{"person": person, "garment": garment}], {"backend": options.backend}, [0])
        seconds.append(time.perf_counter() - start)
        steps.append(output.info["seconds"])
    if output.image.size != SIZE:
        raise RuntimeError(f"the result measures {output.image.size}")
    warm = steps[1:] or steps
    row = {
        "backend": options.backend,
        "first": seconds[0],
        "garment": steps[0]["garment"],
        "warm": statistics.median(seconds[1:] or seconds),
        "steps": {name: statistics.median(step[name] for step in warm) for name in warm[0]},
        "peak_gib": peak_gib(),
        "threads": torch.get_num_threads(),
        "device": str(pipeline.device),
        "size": list(SIZE),
    }
    print(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
