"""Promise 17: what a picture may cost a web process, as peak memory of a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

SCRIPT = """
import io, json, resource, sys
import django
django.setup()
from PIL import Image
from shop_genai import media
from shop_genai.errors import ImageTooLarge
from django.core.files.base import File

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

warm = io.BytesIO()
Image.new("RGB", (64, 64)).save(warm, "JPEG")
media.decode(warm.getvalue())
media.preview(warm.getvalue(), 32)
before = peak()
path, door = sys.argv[1:]
try:
    with open(path, "rb") as file:
        if door == "upload":
            answer = media.accept_upload(File(file), owner=None)
        else:
            answer = list(media.preview(file.read(), 320).size)
except ImageTooLarge as refusal:
    answer = refusal.code
print(json.dumps([answer, peak() - before]))
"""


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """100 megapixels in JPEG: noise in tiles, about as many bytes as a camera writes."""
    path = tmp_path_factory.mktemp("large") / "large.jpg"
    tile = Image.effect_noise((1000, 1000), 60)
    whole = Image.new("L", (10_000, 10_000))
    for place in range(100):
        whole.paste(tile, (place % 10 * 1000, place // 10 * 1000))
    Image.merge("RGB", (whole, whole, whole)).save(path, "JPEG", quality=50)
    return path


def measured(path: Path, door: str) -> tuple[object, float]:
    """The answer, and MiB above the process as it was before."""
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    root = Path(__file__).parent.parent.parent
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path), door], cwd=root, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    answer, mebibytes = json.loads(done.stdout)
    return answer, mebibytes


def test_an_upload_over_the_limit_costs_next_to_nothing(large: Path) -> None:
    assert large.stat().st_size > 8 * 2**20
    answer, mebibytes = measured(large, "upload")
    assert answer == "image_too_large"
    assert mebibytes <= 20


def test_a_preview_of_a_hundred_megapixels_stays_small(large: Path) -> None:
    answer, mebibytes = measured(large, "preview")
    assert answer == [320, 320]
    assert mebibytes <= 150
