"""The real face mesh, where it is installed, on the example shop's people."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shop_genai import generation
from shop_genai.errors import NoPerson
from shop_genai.generation.accessories.faces import MediapipeFaces
from shop_genai.generation.accessories.params import STYLES
from tests.generation.pictures import drawn

pytest.importorskip("mediapipe", reason="the extra shop-genai[mediapipe] is not installed")
pytestmark = pytest.mark.filterwarnings("ignore")  # of its own dependencies

SAMPLES = Path(__file__).parents[3] / "example_project" / "shop" / "samples"
PEOPLE = sorted((SAMPLES / "fitting").glob("*.jpg"))


@pytest.mark.parametrize("path", PEOPLE, ids=lambda path: path.stem)
@pytest.mark.parametrize("kind", sorted(STYLES))
def test_everyone_can_wear_everything(path: Path, kind: str) -> None:
    pipeline = generation.load("accessory")
    with Image.open(path) as photo:
        person = photo.convert("RGB")
    [output] = pipeline([{"person": person}], {"kind": kind}, [0])
    mask = np.asarray(output.mask)
    assert np.array_equal(np.asarray(person)[mask == 0], np.asarray(output.image)[mask == 0])
    assert mask.any()
    assert output.info["confidence"] > 0.5


def test_a_pattern_is_no_face() -> None:
    with pytest.raises(NoPerson):
        generation.load("accessory")([{"person": drawn(200, 240)}], {}, [0])


def test_points_lie_on_the_face() -> None:
    with Image.open(PEOPLE[0]) as photo:
        [face] = MediapipeFaces().look(photo.convert("RGB"))
        assert face.points.shape == (468, 3)
        assert (face.points[:, :2] > 0).all()
        assert (face.points[:, :2] < photo.size).all()
