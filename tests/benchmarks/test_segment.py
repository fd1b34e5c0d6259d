"""The segmentation's benchmark, on a drawn pack."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from benchmarks import _segment_peers as peers
from benchmarks import _segment_pictures as pictures
from benchmarks import _segment_report as report
from benchmarks import segment
from benchmarks.__main__ import main
from shop_genai.training.packs import read_pack
from tests.generation.segment.tiny import painter, write_weights
from tests.training.people import RED, write_pack


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """`goods`, a pack, and `weights`, untrained."""
    write_pack(tmp_path / "goods", "test")
    write_weights(tmp_path / "weights")
    return tmp_path


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def arguments(place: Path, *more: str) -> list[str]:
    common = ["--device", "cpu", "--dtype", "float32", "--threads", "1", "--no-peers"]
    return ["segment", "--data", str(place / "goods"), "--weights", str(place / "weights"), *common, *more]


def test_figures_table_and_model_card_are_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    card = place / "card.md"
    card.write_text(f"Before.\n{report.START}\n\n### other, test\n\nkept\n\n{report.END}\nAfter.\n")
    figures = place / "out" / "segment.json"
    for _ in range(2):  # a second time replaces the first
        assert main(arguments(place, "--json", str(figures), "--card", str(card))) == 0
    measured = json.loads(figures.read_text())
    assert {row["what"] for row in measured["overlap"]} >= {"product", "garment", "person", "upper", "lower"}
    assert all(0 <= row["worst"] <= row["iou"] <= 1 for row in measured["overlap"])
    assert {goal["ground"] for goal in measured["goals"]} == {pictures.OWN, pictures.OTHER}
    assert "| product |" in figures.with_suffix(".md").read_text()
    text = card.read_text()
    assert text.startswith("Before.")
    assert text.endswith("After.\n")
    assert text.count("### goods, test") == text.count("### other, test") == 1
    assert "kept" in text
    assert measured["weights"][:12] in capsys.readouterr().out


def test_a_contact_sheet_can_be_had_instead(place: Path) -> None:
    assert main(arguments(place, "--sheet", str(place / "sheet.png"), "--rows", "3")) == 0
    with Image.open(place / "sheet.png") as sheet:
        assert sheet.width > 4 * 200


def test_other_grounds_depend_on_the_name_only_and_keep_the_product(place: Path) -> None:
    entries = pictures.entries(place / "goods", "test")
    assert "meadow" not in {entry.path.stem for entry in entries}
    first, second = ({(c.name, c.ground): c for c in pictures.cases(entries, "goods")} for _ in range(2))
    assert first.keys() == second.keys()
    moved, own = first["thing.png", pictures.OTHER], first["thing.png", pictures.OWN]
    assert moved.picture.tobytes() == second["thing.png", pictures.OTHER].picture.tobytes()
    inside = np.asarray(moved.picture).astype(int)[25, 25]
    assert np.abs(inside - RED).max() < 45
    assert moved.picture.tobytes() != own.picture.tobytes()


def test_what_sees_right_measures_right(place: Path) -> None:
    (thing,) = [c for c in pictures.cases(pictures.entries(place / "goods", "test"), "goods") if c.name == "thing.png"][
        :1
    ]
    rows, seconds = segment.measure(painter(), [thing], with_peers=False)
    assert {row["what"] for row in rows} == {"product"}
    assert min(row["iou"] for row in rows) > 0.85
    assert seconds.keys() == {report.OURS}


def test_a_product_that_is_not_found_counts_as_nothing(place: Path) -> None:
    (thing,) = [c for c in pictures.cases(pictures.entries(place / "goods", "test"), "goods") if c.name == "thing.png"][
        :1
    ]
    empty = replace(thing, picture=Image.new("RGB", thing.picture.size, (200, 200, 200)))
    assert not segment.ours(painter(), empty)["product"].any()


def test_without_a_pack_the_repositorys_own_products_are_measured() -> None:
    entries = pictures.entries(None, "test")
    assert {"mug.jpg", "polo.jpg"} <= {entry.name for entry in entries}
    (case, *_) = pictures.cases(entries[:1], "rendered products")
    assert case.sold.any()
    assert case.person is None


def test_goals_are_held_against_the_network_only() -> None:
    row = {"what": "product", "kind": "all", "ground": pictures.OWN, "method": report.OURS, "iou": 0.95}
    (goal,) = report.goals({"overlap": [row, {**row, "method": "GrabCut", "iou": 0.1}, {**row, "kind": "x"}]})
    assert goal.met
    assert not replace(goal, measured=0.92).met


def test_peers_find_what_differs_from_the_border(place: Path) -> None:
    thing = read_pack(place / "goods", "test")[2]
    with Image.open(thing.path) as image:
        for find in peers.peers().values():
            mask = find(image.convert("RGB"))
            assert mask[25, 25]
            assert not mask[2, 2]


def test_a_folder_without_pictures_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "goods").mkdir()
    assert main(["segment", "--data", str(tmp_path / "goods")]) == 2
    assert "--data" in capsys.readouterr().err
