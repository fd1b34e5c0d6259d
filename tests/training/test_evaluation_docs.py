"""The commands in docs/evaluation.md are commands that exist."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from shop_genai.training import alarm, evaluate
from shop_genai.training.evaluating.kinds import KINDS

TEXT = (Path(__file__).parents[2] / "docs" / "evaluation.md").read_text(encoding="utf-8")
COMMANDS = re.findall(
    r"^ {4}python (?:-m shop_genai\.training\.evaluate|manage\.py genai_evaluate) (.+)$", TEXT, re.MULTILINE
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_understood(command: str) -> None:
    parser = argparse.ArgumentParser(exit_on_error=False)
    evaluate.add_arguments(parser)
    evaluate.check(parser.parse_args(shlex.split(command)))


def test_every_kind_has_an_example() -> None:
    assert {shlex.split(command)[0] for command in COMMANDS} >= KINDS.keys()


def test_the_limits_of_the_alarm_are_those_of_the_code() -> None:
    assert (alarm.LEAST_VARIETY, alarm.MOST_TWINS) == (0.5, 0.5)  # "less than half as much", "more than half of them"
    assert f"less than {alarm.LEAST_REACH} of what another real draw reaches" in " ".join(TEXT.split())
