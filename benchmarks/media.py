"""Accepting a 12-megapixel photo and making its renditions, against plain Pillow writing the same formats.

Both sides run alternately in one process on the same photo: what is compared is the studio's checks, colour
conversion, thumbnail, hashing, provenance and storing, with Pillow's `open` and `save` alone. The photo is one of the
repository's samples, enlarged and with grain, or the largest picture of `--data`.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import PIL
from PIL import Image

SAMPLE = Path(__file__).parent.parent / "example_project" / "shop" / "samples" / "products" / "mug.jpg"
SIZE = (4000, 3000)  # pixels: a phone's photo
GRAIN = 60  # standard deviation, of 255, before it is mixed in at 15 %


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write the figures if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks media", description=__doc__)
    parser.add_argument("--data", type=Path, help="a folder of pictures; the largest is taken")
    parser.add_argument("--rounds", type=int, default=5, help="how often each side runs; medians count")
    parser.add_argument("--json", type=Path, help="write the figures here, and a table beside it as .md")
    options = parser.parse_args(arguments)
    try:
        photo = _photo(options.data)
    except FileNotFoundError as error:
        print(f"benchmarks media: {error}", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="shop-genai-media-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
        os.environ["SHOP_DATA"] = folder
        report = _measure(photo, options.rounds)
    text = _table(report)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=2) + "\n")
        options.json.with_suffix(".md").write_text(text + "\n")
    return 0


def _photo(folder: Path | None) -> bytes:
    """The photo as a JPEG file of quality 90. Raises FileNotFoundError: the folder holds no picture."""
    if folder is None:
        with Image.open(SAMPLE) as sample:
            picture = sample.convert("RGB").resize(SIZE, Image.Resampling.BICUBIC)
        grain = Image.effect_noise(SIZE, GRAIN)
        picture = Image.blend(picture, Image.merge("RGB", (grain, grain, grain)), 0.15)
    else:
        files = [path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp")]
        if not files:
            raise FileNotFoundError(f"no picture in {folder}")
        with Image.open(max(files, key=lambda path: path.stat().st_size)) as sample:
            picture = sample.convert("RGB")
    buffer = BytesIO()
    picture.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def _measure(photo: bytes, rounds: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.files.base import ContentFile
    from django.core.management import call_command

    from shop_genai import media
    from shop_genai.media import provenance, renditions

    call_command("migrate", verbosity=0)
    from django.contrib.auth import get_user_model

    owner = get_user_model()._default_manager.create(username="benchmark")
    picture = media.decode(photo)
    packet = provenance.of_job(SimpleNamespace(weights=None, recipe="enhance", key="0" * 64)).packet()  # type: ignore[arg-type] # of the row it needs these three
    calls: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "accept_upload": (
            lambda: media.accept_upload(ContentFile(photo), owner=owner),
            lambda: _plain_reencode(photo),
        ),
        "renditions": (
            lambda: renditions.make_renditions(picture, "default", "genai/results/benchmark", packet),
            lambda: _plain_renditions(picture),
        ),
    }
    figures = {name: _compared(ours, plain, rounds) for name, (ours, plain) in calls.items()}
    return {
        "benchmark": "media",
        "photo": {"width": picture.width, "height": picture.height, "bytes": len(photo)},
        "rounds": rounds,
        "figures": figures,
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "pillow": PIL.__version__},
    }


def _plain_reencode(photo: bytes) -> None:
    """Pillow's own `open` and `save` with the file's tables, and the file written to disk."""
    with Image.open(BytesIO(photo)) as opened, tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        opened.save(file, "JPEG", quality="keep", optimize=True)


def _plain_renditions(picture: Image.Image) -> None:
    """The same widths and formats with the same options: resize and save, nothing else."""
    from shop_genai.media import encoding, renditions

    for width in renditions.widths(picture.width):
        size = (width, round(picture.height * width / picture.width))
        sized = picture if size == picture.size else picture.resize(size, Image.Resampling.LANCZOS)
        for name in renditions.wanted_formats(picture):
            with tempfile.TemporaryFile() as file:
                sized.save(file, name, **encoding.RENDITION[name])


def _compared(ours: Callable[[], object], plain: Callable[[], object], rounds: int) -> dict[str, float]:
    """Medians of both sides in seconds, and the median of the ratios of neighbours in time."""
    pairs = []
    for number in range(rounds):
        order = (ours, plain) if number % 2 else (plain, ours)  # neither side always goes first
        seconds = {call: _seconds(call) for call in order}
        pairs.append((seconds[ours], seconds[plain]))
    return {
        "seconds": statistics.median(a for a, _b in pairs),
        "pillow_seconds": statistics.median(b for _a, b in pairs),
        "ratio": statistics.median(a / b for a, b in pairs),
    }


def _seconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _table(report: dict[str, Any]) -> str:
    photo, machine = report["photo"], report["machine"]
    lines = [
        f"{photo['width']} × {photo['height']} JPEG of {photo['bytes'] / 1e6:.1f} MB, medians of {report['rounds']}"
        f" alternating rounds; {machine['cores']} cores, Python {machine['python']}, Pillow {machine['pillow']}.",
        "",
        "| step | seconds | plain Pillow | ratio |",
        "|---|---:|---:|---:|",
    ]
    lines += [
        f"| {name} | {one['seconds']:.2f} | {one['pillow_seconds']:.2f} | {one['ratio']:.2f} |"
        for name, one in report["figures"].items()
    ]
    return "\n".join(lines)
