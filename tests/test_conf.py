"""Settings: the table of defaults, and the shop's own values over it."""

from __future__ import annotations

from typing import Any

import pytest

from shop_genai.conf import DEFAULTS, genai_settings


def test_defaults_hold_when_the_shop_says_nothing(settings: Any) -> None:
    del settings.SHOP_GENAI
    assert {name: getattr(genai_settings, name) for name in DEFAULTS} == DEFAULTS


def test_a_value_of_the_shop_counts_from_the_next_read_on(settings: Any) -> None:
    settings.SHOP_GENAI = {"LEASE_SECONDS": 7}
    assert (7, DEFAULTS["SWEEP_SECONDS"]) == (genai_settings.LEASE_SECONDS, genai_settings.SWEEP_SECONDS)
    settings.SHOP_GENAI = {"LEASE_SECONDS": 8}
    assert genai_settings.LEASE_SECONDS == 8


def test_an_unknown_name_cannot_be_read_even_if_the_shop_sets_it(settings: Any) -> None:
    settings.SHOP_GENAI = {"LEASE_SECOND": 7}
    with pytest.raises(AttributeError, match="LEASE_SECOND"):
        _ = genai_settings.LEASE_SECOND


def test_the_defaults_leave_room_for_lost_heartbeats() -> None:
    assert DEFAULTS["LEASE_SECONDS"] >= 3 * DEFAULTS["HEARTBEAT_SECONDS"]
    assert DEFAULTS["SWEEP_SECONDS"] <= 15  # a dead worker's job restarts within lease + 15 s
