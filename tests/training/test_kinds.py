"""What kinds of training share."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

import pytest

from shop_genai.training.augmentation import PRESETS
from shop_genai.training.kinds import Kind, Trained, entries, shared, spread


def never(options: Namespace) -> Trained:
    raise AssertionError("nothing is to be trained")


def parsed(kind: Kind, *arguments: str) -> Namespace:
    parser = ArgumentParser()
    kind.add_all_arguments(parser)
    return parser.parse_args(["--out", "o", *arguments])


def test_a_kind_has_its_own_defaults_of_the_shared_options() -> None:
    kind = Kind("k", "", lambda parser: parser.set_defaults(minutes=3.0, batch=5), never)
    options = parsed(kind, "--data", "a", "--data", "b", "--seed", "9")
    assert shared(options) == {
        "data": (Path("a"), Path("b")),
        "out": Path("o"),
        "minutes": 3.0,
        "steps": None,
        "batch": 5,
        "seed": 9,
        "device": "auto",
        "precision": "auto",
        "resume": False,
        "processes": 1,
    }
    assert shared(parsed(kind, "--steps", "4"))["minutes"] is None


def test_only_kinds_that_augment_or_invent_take_those_options(capsys: pytest.CaptureFixture[str]) -> None:
    rich = Kind("k", "", lambda parser: None, never, augments=True, invents=True)
    options = parsed(rich, "--augment", "strong", "--watch", "none", "--stop-on-collapse")
    assert (options.augment, options.watch, options.stop_on_collapse) == (PRESETS["strong"], "none", True)
    with pytest.raises(SystemExit):
        parsed(rich, "--augment", "loud")
    assert "'loud' is none of none, light, strong" in capsys.readouterr().err
    plain = Kind("k", "", lambda parser: None, never)
    for option in (["--augment", "light"], ["--watch", "shop"], ["--stop-on-collapse"]):
        with pytest.raises(SystemExit):
            parsed(plain, *option)


def test_pictures_of_several_folders_are_joined(pictures: Path) -> None:
    found = entries([pictures / "mugs", pictures / "shirts"], "train")
    assert [entry.kind for entry in found] == ["mugs"] * 3 + ["shirts"] * 2
    with pytest.raises(FileNotFoundError, match="--data"):
        entries([], "train")
    with pytest.raises(FileNotFoundError, match="no folder"):
        entries([pictures, pictures / "gone"], "train")


def test_what_is_shown_is_spread_over_all() -> None:
    assert list(spread(100, 4)) == [0, 25, 50, 75]
    assert list(spread(3, 8)) == [0, 1, 2]
    assert list(spread(9, 4)) == [0, 3, 6]
