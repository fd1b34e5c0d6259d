"""The guide for front-end developers names every error under the status that it has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from shop_genai.api.idempotency import InvalidIdempotencyKey
from shop_genai.api.pagination import InvalidCursor
from shop_genai.api.titles import TITLES
from shop_genai.api.views.results import LinkInvalid
from shop_genai.errors import GenaiError

GUIDE = (Path(__file__).parents[2] / "docs" / "api.md").read_text(encoding="utf-8")
# Of the ledger and the probe; no request is answered with them.
INTERNAL = {"lease_lost", "broker_unavailable"}
# Said by the registry, to commands and in the back office.
OF_THE_REGISTRY = {
    "weights_other_recipe",
    "weights_licence_refused",
    "weights_unmeasured",
    "weights_not_comparable",
    "weights_not_better",
    "nothing_to_roll_back",
}
# Said by the command that copies looks into PostgreSQL.
OF_THE_INDEX = {"vectors_unavailable"}
# What became of a job; not of a request.
OF_JOBS = {
    "light_unavailable",
    "weights_unsupported",
    "torch_missing",
    "out_of_memory",
    "pipeline_failed",
    "worker_crashed",
    "cancelled",
    "deadline_passed",
}


def statuses() -> dict[str, str]:
    rows = re.findall(r"^\| ([\d, ]+) \| (.*) \|$", GUIDE, re.MULTILINE)
    return {code: status for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}


def family(kind: type[GenaiError]) -> Iterator[type[GenaiError]]:
    for child in kind.__subclasses__():
        yield child
        yield from family(child)


def test_the_table_has_every_error_under_its_status() -> None:
    named = statuses()
    own = {kind for kind in family(GenaiError) if kind.__module__.startswith("shop_genai.")}
    assert {InvalidCursor, InvalidIdempotencyKey, LinkInvalid} <= own
    wrong = {
        kind.code: (kind.http_status, named.get(kind.code))
        for kind in own
        if kind.code not in INTERNAL | OF_THE_REGISTRY | OF_THE_INDEX | OF_JOBS
        and str(kind.http_status) not in named.get(kind.code, "")
    }
    assert wrong == {}


def test_no_code_is_missing_and_none_is_invented() -> None:
    mentioned = {code for code in re.findall(r"`([a-z_]+)`", GUIDE) if code in TITLES}
    assert set(TITLES) - INTERNAL - OF_THE_REGISTRY - OF_THE_INDEX - {"cancelled"} == mentioned - {"cancelled"}
    assert set(statuses()) <= set(TITLES)
