"""A whole training of the classifier, in a few steps."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from shop_genai.generation.features.network import ClassifierConfig
from shop_genai.training.features import Plan, common_labels, run
from shop_genai.training.packs import Entry
from shop_genai.training.plan import MEASURED
from tests.generation.pictures import drawn


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """Twelve hats and twelve mugs, two of each for testing, and one teapot."""
    folder = tmp_path / "pack"
    folder.mkdir()
    rows = []
    for number in range(25):
        label = "teapot" if number == 24 else ("hat", "mug")[number % 2]
        drawn(40, 36, number).save(folder / f"{number}.png")
        rows.append({"file": f"{number}.png", "split": "test" if number < 4 else "train", "label": label})
    with (folder / "manifest.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["file", "split", "label"])
        writer.writeheader()
        writer.writerows(rows)
    return folder


def test_a_training_leaves_weights_settings_and_figures_of_the_test_split(
    pack: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shape = ClassifierConfig(side=32, widths=(16, 16, 16, 16))
    out = tmp_path / "run"
    run(Plan([pack], out, minutes=None, steps=2, batch=4, device="cpu", processes=0, classifier=shape))
    asked = json.loads((out / "settings.json").read_text())
    assert asked["config"]["classifier"]["classes"] == ["hat", "mug"]
    assert (out / "checkpoint.pt").is_file()
    assert list(out.glob("samples_*.png"))
    measured = json.loads((out / MEASURED).read_text())["pack, test"]
    assert measured["pictures"] == 4
    assert 0 <= measured["accuracy"] <= 1
    assert "pack, test: accuracy" in capsys.readouterr().out


def test_rare_labels_are_left_out_and_one_label_is_not_enough() -> None:
    def entries(**counts: int) -> list[Entry]:
        return [Entry(Path("x.png"), label) for label, count in counts.items() for _ in range(count)]

    assert common_labels(entries(shoe=10, hat=30, teapot=9)) == ("hat", "shoe")
    with pytest.raises(ValueError, match="two labels"):
        common_labels(entries(hat=30, teapot=9))
