"""Methods of others at work in the whole pipeline: whatever they draw, the photo outside the region is the photo."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import CategoryUnsupported, WeightsNotCommercial
from shop_genai.generation.output import Output
from shop_genai.generation.tryon.backends import BackendOptions

from .person import joints
from .test_pipeline import PERSON, pipeline, slots
from .test_remote import Service, png, service

__all__ = ["service"]  # a fixture

CODE = """
from PIL import Image
from shop_genai.generation.tryon.backends import Fit

def open(folder, device):
    return Model()

class Model:
    def fit(self, request):
        size = request.person.size
        return Fit(Image.new("RGB", size, (9, 200, 9)), Image.new("L", size, 255), 0.7, ("dark_photo",))
"""


def tried(backend: str, **options: Any) -> Output:
    [output] = pipeline(backends=BackendOptions(**options))([slots()], {"backend": backend}, [0])
    return output


def greened(output: Output) -> None:
    """Green where the shirt is, the photo to the bit elsewhere, and on the face."""
    before, after, mask = np.asarray(PERSON.picture), np.asarray(output.image), np.asarray(output.mask)
    assert np.array_equal(before[mask == 0], after[mask == 0])
    assert (after[PERSON.shirt] == (9, 200, 9)).all(axis=1).mean() > 0.8
    nose = joints()["nose"]
    face = (slice(int(nose[1]) - 8, int(nose[1]) + 8), slice(int(nose[0]) - 8, int(nose[0]) + 8))
    assert np.abs(before[face].astype(int) - after[face]).mean() < 6
    assert 0.05 < (mask > 0).mean() < 0.7


def folder(place: Path, **changes: Any) -> dict[str, dict[str, str]]:
    content = {"name": "green", "entry": "run:open", "licence": "MIT", "commercial_ok": True, **changes}
    (place / "backend.json").write_text(json.dumps(content))
    (place / "run.py").write_text(CODE)
    return {"green": {"path": str(place)}}


def test_a_folder(tmp_path: Path) -> None:
    output = tried("green", allowed=folder(tmp_path))
    greened(output)
    assert output.info["backend"] == "green"
    assert output.info["licence"] == "MIT"
    assert output.info["confidence"] == 0.7
    assert output.info["warnings"] == ["dark_photo"]


def test_a_service(service: Service) -> None:
    service.answer = lambda parts: (200, "image/png", png(Image.new("RGB", parts["person"].size, (9, 200, 9))))
    output = tried("studio", allowed={"studio": service.entry(licence="contract")})
    greened(output)
    [sent] = service.asked
    assert set(sent) == {"request", "person", "garment", "garment_mask", "region"}
    assert sent["request"]["kind"] == "upper"


def test_licences_and_categories_hold_in_the_pipeline(tmp_path: Path) -> None:
    allowed = folder(tmp_path, commercial_ok=False, categories=["dress"])
    with pytest.raises(WeightsNotCommercial):
        tried("green", allowed=allowed)
    with pytest.raises(CategoryUnsupported):
        tried("green", allowed=allowed, allow_non_commercial=True)
