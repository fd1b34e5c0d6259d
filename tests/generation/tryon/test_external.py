"""Models out of a folder: what is read before any code runs, what runs, and what is refused."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from shop_genai.errors import BackendUnavailable, ExtraMissing, WeightsNotCommercial
from shop_genai.generation.tryon import external
from shop_genai.generation.tryon.backends import BackendOptions, Backends
from tests.generation.tryon.dressing_requests import request

CODE = """
from .colours import COLOUR
from shop_genai.generation.tryon.backends import Fit

class Model:
    def __init__(self, folder, device):
        self.word = (folder / "word.txt").read_text()
        self.device = device

    def fit(self, request):
        picture = request.person.copy()
        picture.paste(COLOUR, (0, 0, 10, 10))
        region = request.garment.mask.resize(picture.size)
        region.paste(255, (0, 0, 10, 10))
        return Fit(picture, region, 0.7, (self.word, self.device))
"""


class Pipeline:
    device = "cpu"


def folder_of(place: Path, **changes: Any) -> Path:
    """A folder with a model that paints a corner."""
    content = {
        "name": "corner",
        "entry": "run:Model",
        "licence": "MIT",
        "commercial_ok": True,
        "categories": ["upper", "dress"],
        "resolution": [384, 512],
        "needs_gpu": True,
        **changes,
    }
    place.mkdir(exist_ok=True)
    (place / "backend.json").write_text(json.dumps(content))
    (place / "run.py").write_text(CODE)
    (place / "colours.py").write_text("COLOUR = (1, 2, 3)\n")
    (place / "word.txt").write_text("from_the_folder")
    return place


def here(place: Path, **changes: Any) -> Backends:
    return Backends(BackendOptions(allowed={"corner": {"path": str(place)}}, **changes), Pipeline())


def test_a_folder_dresses_with_its_own_modules_and_files(tmp_path: Path) -> None:
    backends = here(folder_of(tmp_path))
    fit = backends.fit("corner", request())
    assert fit.picture.getpixel((3, 3)) == (1, 2, 3)
    assert fit.warnings == ("from_the_folder", "cpu")
    able = backends.get("corner").capabilities()
    assert (able.name, able.categories, able.resolution) == ("corner", ("upper", "dress"), (384, 512))
    assert able.needs_gpu
    assert not able.remote
    assert "colours" not in sys.modules  # a folder's module shadows nobody's


def test_another_folder_of_that_name_brings_its_own_code(tmp_path: Path) -> None:
    first = here(folder_of(tmp_path / "a")).fit("corner", request())
    (folder_of(tmp_path / "b") / "colours.py").write_text("COLOUR = (9, 9, 9)\n")
    second = here(tmp_path / "b").fit("corner", request())
    assert first.picture.getpixel((3, 3)) == (1, 2, 3)
    assert second.picture.getpixel((3, 3)) == (9, 9, 9)


def test_a_refused_licence_means_that_no_code_runs(tmp_path: Path) -> None:
    folder_of(tmp_path, commercial_ok=False, licence="CC BY-NC-SA 4.0")
    (tmp_path / "run.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + CODE)
    with pytest.raises(WeightsNotCommercial, match=r"CC BY-NC-SA 4\.0.*TRYON_ALLOW_NON_COMMERCIAL"):
        here(tmp_path).get("corner")
    assert not (tmp_path / "ran").exists()
    here(tmp_path, allow_non_commercial=True).get("corner")
    assert (tmp_path / "ran").exists()


def test_a_licence_that_says_nothing_is_refused(tmp_path: Path) -> None:
    content = {"name": "corner", "entry": "run:Model"}
    (folder_of(tmp_path) / "backend.json").write_text(json.dumps(content))
    with pytest.raises(WeightsNotCommercial, match="none is named"):
        here(tmp_path).get("corner")


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"name": "other"}, "does not describe"),
        ({"entry": "run"}, "module:callable"),
        ({"entry": "../run:Model"}, "module:callable"),
        ({"entry": "gone:Model"}, "does not lie in"),
        ({"categories": ["hats"]}, "categories"),
        ({"categories": []}, "categories"),
        ({"resolution": [384]}, "resolution"),
        ({"resolution": [True, 512]}, "resolution"),
        ({"commercial_ok": "yes"}, "commercial_ok"),
    ],
)
def test_an_unsound_description_is_refused(tmp_path: Path, changes: dict[str, Any], match: str) -> None:
    with pytest.raises(BackendUnavailable, match=match):
        here(folder_of(tmp_path, **changes)).get("corner")


@pytest.mark.parametrize("content", [None, "no json", "[]"])
def test_a_folder_without_description_is_refused(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "backend.json").write_text(content)
    with pytest.raises(BackendUnavailable, match=r"backend\.json"):
        here(tmp_path).get("corner")


def test_code_that_lies_elsewhere_is_not_run(tmp_path: Path) -> None:
    place = folder_of(tmp_path / "model")
    (tmp_path / "elsewhere.py").write_text(CODE)
    (place / "run.py").unlink()
    (place / "run.py").symlink_to(tmp_path / "elsewhere.py")
    with pytest.raises(BackendUnavailable, match="does not lie in"):
        here(place).get("corner")


def test_unknown_words_of_the_settings_are_found() -> None:
    with pytest.raises(ValueError, match="“token”"):
        external.described("corner", {"path": "/nowhere", "token": "x"})


@pytest.mark.parametrize(
    ("code", "error", "match"),
    [
        ("import a_package_that_nobody_has\n", ExtraMissing, "a_package_that_nobody_has"),
        ("1 / 0\n", BackendUnavailable, "ZeroDivisionError"),
        ("def Model(folder, device):\n    return object()\n", BackendUnavailable, "no method “fit”"),
        ("", BackendUnavailable, "AttributeError"),
    ],
)
def test_code_that_does_not_open_is_named(tmp_path: Path, code: str, error: type[Exception], match: str) -> None:
    (folder_of(tmp_path) / "run.py").write_text(code)
    with pytest.raises(error, match=match):
        here(tmp_path).get("corner")
