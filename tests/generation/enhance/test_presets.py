"""Presets decide by size and faults, and say why."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from shop_genai.generation.enhance import presets
from shop_genai.generation.enhance.presets import PRESETS, SENTENCES, Reason, decide
from shop_genai.generation.enhance.quality import Quality

GOOD = Quality(width=1, height=1, blur=0.6, noise=0.5, blockiness=1.1, grid=(0, 0), white=250, cast=2)


def codes(preset: str, long: int, **faults: Any) -> list[str]:
    return [reason.code for reason in decide(preset, (long, long // 2), replace(GOOD, **faults)).reasons]


def at_last(preset: str) -> list[str]:
    """The reason that ends those of a preset with a white ground."""
    return ["on_white"] if preset == "marketplace_white" else []


@pytest.mark.parametrize(
    ("preset", "long", "scale", "size"),
    [
        ("catalogue", 640, 4, (1600, 800)),
        ("catalogue", 800, 2, None),
        ("catalogue", 900, 2, (1600, 800)),
        ("catalogue", 1439, 2, (1600, 801)),
        ("catalogue", 1440, 1, None),
        ("catalogue", 5000, 1, None),
        ("catalogue", 100, 4, None),
        ("marketplace", 640, 4, (2000, 1000)),
        ("zoom", 1400, 2, None),
        ("zoom", 1000, 4, (3000, 1500)),
        ("auto", 640, 2, None),
        ("auto", 300, 4, None),
        ("auto", 720, 1, None),
    ],
)
def test_the_smallest_enlargement_that_reaches_the_aim_is_taken(
    preset: str, long: int, scale: int, size: tuple[int, int] | None
) -> None:
    height = {1439: 720}.get(long, long // 2)
    decision = decide(preset, (long, height), replace(GOOD, noise=5))
    assert (decision.scale, decision.size) == (scale, size)


def test_the_reasons_have_a_code_and_a_sentence_with_figures() -> None:
    [reason] = decide("catalogue", (480, 640), GOOD).reasons
    assert reason.code == "small_shrunk"
    assert reason.text == "The longer side has 640 pixels, 1600 are wanted: enlarged 4 times, then shrunk."
    assert reason.figures == {"long": 640, "aim": 1600, "scale": 4}
    assert json.loads(json.dumps(reason.as_dict()))["text"] == reason.text
    assert codes("catalogue", 100) == ["too_small"]
    assert codes("zoom", 1500) == ["small"]


@pytest.mark.parametrize("preset", list(PRESETS))
def test_a_good_picture_is_left(preset: str) -> None:
    decision = decide(preset, (4000, 3000), GOOD)
    assert decision.leave
    assert (decision.scale, decision.strength, decision.light) == (1, 0, 0)
    assert [reason.code for reason in decision.reasons] == ["large_enough", "already_good", *at_last(preset)]


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"noise": presets.NOISY}, "noisy"),
        ({"blockiness": presets.BLOCKY}, "blocky"),
        ({"blur": presets.BLURRED}, "blurred"),
        ({"white": 150.0}, "dark"),
        ({"cast": 20.0}, "cast"),
    ],
)
@pytest.mark.parametrize("preset", list(PRESETS))
def test_each_fault_is_named_and_mended(preset: str, faults: dict[str, float], code: str) -> None:
    decision = decide(preset, (4000, 3000), replace(GOOD, **faults))
    assert not decision.leave
    assert decision.scale == 1
    assert [reason.code for reason in decision.reasons] == ["large_enough", code, *at_last(preset)]
    assert (decision.light > 0) == (code in ("dark", "cast"))
    assert decision.light in (0, PRESETS[preset].light)


def test_sharpness_is_lowered_where_noise_or_blocks_could_pass_for_detail() -> None:
    assert decide("zoom", (900, 900), GOOD).strength == PRESETS["zoom"].strength
    assert decide("zoom", (900, 900), replace(GOOD, noise=8)).strength == presets.CAREFUL
    assert decide("zoom", (900, 900), replace(GOOD, blockiness=2)).strength == presets.CAREFUL
    assert decide("auto", (900, 900), replace(GOOD, blur=2)).strength == presets.CRISP
    assert decide("auto", (900, 900), replace(GOOD, blur=2, noise=8)).strength == presets.CAREFUL
    assert decide("marketplace", (900, 900), replace(GOOD, blur=2, noise=8)).strength == 0


@pytest.mark.parametrize("preset", list(PRESETS))
def test_only_the_white_preset_wants_white(preset: str) -> None:
    decision = decide(preset, (640, 640), GOOD)
    assert decision.white == decision.as_dict()["white"] == (preset == "marketplace_white")


def test_only_what_the_weights_can_do_is_chosen() -> None:
    decision = decide("catalogue", (640, 640), GOOD, scales=(1, 2))
    assert (decision.scale, decision.reasons[0].code) == (2, "too_small")
    assert decide("auto", (100, 100), GOOD, scales=(1,)).leave


def test_a_reason_can_be_added() -> None:
    decision = decide("catalogue", (640, 640), GOOD).because("light_unavailable", light=0.0)
    assert decision.reasons[-1] == Reason("light_unavailable")
    assert json.loads(json.dumps(decision.as_dict()))["size"] == [1600, 1600]


def test_every_sentence_can_be_said() -> None:
    figures = dict.fromkeys(("long", "aim", "scale", "noise", "strength", "blockiness", "blur", "white", "cast"), 2)
    for code in SENTENCES:
        text = Reason(code, {**figures, "light": 50}).text
        assert text.endswith(".")
        assert "%" not in text
