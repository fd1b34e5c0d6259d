"""Which methods there are, which are refused, and what is believed of their answers."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from shop_genai.errors import CategoryUnsupported, InvalidParams, PipelineFailed, WeightsNotCommercial
from shop_genai.generation.tryon import backends
from shop_genai.generation.tryon.backends import BackendOptions, Backends, Capabilities, Fit, FitRequest
from tests.generation.tryon.dressing_requests import red, request


class Painter:
    """A method that paints red."""

    def __init__(self, commercial_ok: bool = True, **changes: Any) -> None:
        self.commercial_ok = commercial_ok
        self.changes = changes
        self.asked: list[FitRequest] = []

    def capabilities(self) -> Capabilities:
        return Capabilities("painter", ("upper", "dress"), licence="a licence", commercial_ok=self.commercial_ok)

    def fit(self, asked: FitRequest) -> Fit:
        self.asked.append(asked)
        return red(asked, **self.changes)


@pytest.fixture
def painter() -> Iterator[Painter]:
    method = Painter()
    backends.register_backend("painter", lambda pipeline: method)
    yield method
    backends.unregister_backend("painter")


def test_a_registered_method_dresses(painter: Painter) -> None:
    asked = request()
    fit = Backends(BackendOptions(), None).fit("painter", asked)
    assert painter.asked == [asked]
    assert fit.picture.getpixel((20, 30)) == (200, 0, 0)
    assert fit.region.getpixel((20, 30)) == 255
    assert fit.confidence == 0.8


def test_methods_are_opened_once_with_the_pipeline() -> None:
    opened: list[object] = []

    def open_painter(pipeline: object) -> Painter:
        opened.append(pipeline)
        return Painter()

    backends.register_backend("painter", open_painter)
    try:
        pipeline = object()
        here = Backends(BackendOptions(), pipeline)
        assert opened == []
        assert here.get("painter") is here.get("painter")
        assert opened == [pipeline]
    finally:
        backends.unregister_backend("painter")


def test_the_pipeline_brings_its_own_methods() -> None:
    own = Painter()
    here = Backends(BackendOptions(), None, {"landmark_gan": own})
    assert here.get("landmark_gan") is own
    with pytest.raises(InvalidParams):
        here.get("warp_only")


@pytest.mark.parametrize("name", ["", "Upper", "two words", "a" * 65])
def test_names_are_plain(name: str) -> None:
    with pytest.raises(ValueError, match="identifier"):
        backends.register_backend(name, lambda pipeline: Painter())


def test_a_name_is_taken_once(painter: Painter) -> None:
    with pytest.raises(ValueError, match="already"):
        backends.register_backend("painter", lambda pipeline: Painter())
    assert "painter" in backends.registered()


def test_an_unknown_method_is_refused_with_what_there_is(painter: Painter) -> None:
    with pytest.raises(InvalidParams, match=r"landmark_gan, warp_only, .*painter.*, studio") as refused:
        Backends(BackendOptions(allowed={"studio": {"path": "/nowhere"}}), None).get("nobody")
    assert refused.value.details["field"] == "backend"


def test_other_categories_are_refused(painter: Painter) -> None:
    with pytest.raises(CategoryUnsupported, match="only: upper, dress"):
        Backends(BackendOptions(), None).fit("painter", request(category="lower"))
    assert painter.asked == []


def test_a_licence_against_shops_is_refused_unless_allowed(painter: Painter) -> None:
    painter.commercial_ok = False
    with pytest.raises(WeightsNotCommercial, match="a licence"):
        Backends(BackendOptions(), None).get("painter")
    assert Backends(BackendOptions(allow_non_commercial=True), None).get("painter") is painter


@pytest.mark.parametrize(
    "changes",
    [
        {"picture": Image.new("RGB", (60, 79))},
        {"picture": Image.new("L", (60, 80))},
        {"region": Image.new("L", (61, 80))},
        {"region": Image.new("1", (60, 80))},
        {"confidence": math.nan},
        {"confidence": 1.5},
    ],
)
def test_what_is_no_answer_is_not_taken(painter: Painter, changes: dict[str, Any]) -> None:
    painter.changes = changes
    with pytest.raises(PipelineFailed, match="60 × 80"):
        Backends(BackendOptions(), None).fit("painter", request())


def test_a_region_stays_where_the_picture_may_change(painter: Painter) -> None:
    may = Image.new("L", (60, 80))
    may.paste(100, (0, 0, 20, 80))
    fit = Backends(BackendOptions(), None).fit("painter", request(region=may))
    assert fit.region.getpixel((19, 30)) == 100
    assert fit.region.getpixel((20, 30)) == 0
    assert fit.region.getpixel((5, 5)) == 0


def test_warnings_are_codes(painter: Painter) -> None:
    painter.changes = {"warnings": ("dark_photo", "<b>", 5, "dark_photo", "small_person")}
    assert Backends(BackendOptions(), None).fit("painter", request()).warnings == ("dark_photo", "small_person")


def test_who_sends_photos_away_is_known() -> None:
    options = BackendOptions("cloud", {"cloud": {"url": "https://example.com"}, "folder": {"path": "/models"}})
    assert options.is_remote()
    assert backends.is_remote("cloud", options)
    assert not options.is_remote("folder")
    assert not options.is_remote("landmark_gan")
    assert not options.is_remote("nobody")
    assert options.remote_names() == ("cloud",)
    assert backends.names(options)[:2] == ("landmark_gan", "warp_only")
    assert {"cloud", "folder"} <= set(options.names())


def test_the_interface_needs_no_torch() -> None:
    code = (
        "import sys, shop_genai.generation.tryon.backends, shop_genai.generation.tryon.remote,"
        " shop_genai.generation.tryon.external; sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
