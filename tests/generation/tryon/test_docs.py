"""docs/tryon.md and its decisions say what the code does."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from shop_genai import conf, errors
from shop_genai.api.titles import TITLES
from shop_genai.generation.accessories import pipeline as accessories
from shop_genai.generation.accessories.params import KINDS, STYLES, AccessoryParams
from shop_genai.generation.tryon import external, refusals, remote
from shop_genai.generation.tryon.params import CATEGORIES, LANDMARK_GAN, OUTERS, TUCKS, WARP_ONLY, TryOnParams
from shop_genai.training.command import KINDS as TRAINED

DOCS = Path(__file__).parents[3] / "docs"
PAGES = [DOCS / "tryon.md", DOCS / "decisions" / "tryon.md"]
TEXT = PAGES[0].read_text(encoding="utf-8")


def section(title: str) -> str:
    found = re.search(rf"^##+ {re.escape(title)}$(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL)
    assert found is not None, title
    return found.group(1)


def rows(text: str) -> dict[str, list[str]]:
    """First cell, without its marks → the other cells."""
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:2] == "| "]
    return {row[0].strip("`"): row[1:] for row in cells if row[0].startswith("`")}


def named(cell: str) -> set[str]:
    return set(re.findall(r"`([\w#]+)`", cell))


def test_the_parameters_of_a_try_on() -> None:
    table = rows(section("What goes in"))
    assert set(table) == {field.name for field in dataclasses.fields(TryOnParams)}
    choices = {"category": CATEGORIES, "tuck": TUCKS, "outer": OUTERS, "backend": (LANDMARK_GAN, WARP_ONLY)}
    for name, values in choices.items():
        assert named(table[name][0]) == set(values)
        assert table[name][1] == f"`{getattr(TryOnParams(), name)}`"
    assert f"At least {refusals.SMALLEST} pixels" in TEXT
    assert f"and {refusals.NARROWEST} between" in TEXT


def test_the_parameters_of_accessories() -> None:
    table = rows(section("Accessories"))
    fields = {field.name for field in dataclasses.fields(AccessoryParams)}
    assert fields <= set(table)
    assert named(table["kind"][0]) == set(KINDS)
    for name in fields:
        assert table[name][1].strip("`") == str(getattr(AccessoryParams(), name)).removesuffix(".0")
    for kind, styles in STYLES.items():
        row = next(cells for key, cells in table.items() if kind in named(f"`{key}`") | set(key.split("`")))
        assert named(row[0]) == set(styles)
    assert f"a face under {accessories.LEAST_WIDTH:.0f} pixels" in TEXT
    assert f"turned by more than {accessories.MOST_YAW:.0f}°" in re.sub(r"\s+", " ", TEXT)


def test_every_refusal_with_its_status() -> None:
    table = rows(section("What is refused"))
    kinds = [*errors.TryOnRefused.__subclasses__(), errors.ImageTooSmall]
    kinds += [errors.WeightsNotCommercial, errors.BackendUnavailable, errors.ExtraMissing]
    assert {code: cells[0] for code, cells in table.items()} == {kind.code: str(kind.http_status) for kind in kinds}
    assert set(table) <= set(TITLES)


def test_every_warning() -> None:
    pytest.importorskip("torch")
    from shop_genai.tryon.words import WARNINGS

    assert set(rows(section("What is warned of"))) == set(WARNINGS)


def test_the_entries_of_a_service_and_their_defaults() -> None:
    table = rows(section("A service"))
    several = {key: cells for key, cells in table.items() if "`, `" in key}
    single = set(table) - set(several)
    assert single | {name for key in several for name in key.split("`, `")} == remote.ENTRIES
    address = remote.configured("a", {"url": "https://example.com/"})[0]
    assert table["timeout"][0] == f"{address.timeout:.0f}"
    assert table["retries"][0] == str(address.retries)
    assert table["max_bytes"][0] == f"{address.max_bytes // 2**20} MiB"
    assert f"at most {remote.LONGEST} pixels" in re.sub(r"\s+", " ", TEXT)


def test_the_example_of_a_folder_is_one(tmp_path: Path) -> None:
    blocks = re.findall(r"```json\n(.*?)```", section("A folder"), re.DOTALL) or re.findall(
        r"```json\n(.*?)```", TEXT, re.DOTALL
    )
    content: dict[str, Any] = json.loads(blocks[0])
    (tmp_path / "backend.json").write_text(json.dumps(content))
    (tmp_path / "run.py").write_text("")
    described = external.described(content["name"], {"path": tmp_path})
    assert not described.capabilities.commercial_ok
    assert described.capabilities.resolution == (768, 1024)


def test_the_settings_and_their_defaults() -> None:
    table = rows(section("For operators"))
    settings = {name: cells for name, cells in table.items() if name.isupper()}
    assert set(settings) <= set(conf.DEFAULTS)
    for name, cells in settings.items():
        default = cells[0].strip("`")
        if name != "TRYON_STORAGE":  # empty: that of PRIVATE_STORAGE
            assert default == str(conf.DEFAULTS[name]), name
    mentioned = set(re.findall(r"`(TRYON_[A-Z_]+)`", TEXT))
    assert mentioned <= set(conf.DEFAULTS)


def test_the_commands_train_what_there_is() -> None:
    trained = set(re.findall(r"^python -m shop_genai\.training (\w+)", TEXT, re.MULTILINE))
    assert trained == {"pose", "landmarks", "tryon"}
    assert trained <= {kind.name for kind in TRAINED.values()}


def test_the_checks_that_it_names_exist() -> None:
    page = (DOCS / "checks.md").read_text(encoding="utf-8")
    ids = set(re.findall(r"`(shop_genai\.[EW]\d{3})`", TEXT))
    assert len(ids) == 4
    assert all(f"| `{number}` |" in page for number in ids)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.parent.name)
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)]+)\)", text):
        file, _, anchor = target.partition("#")
        there = (page.parent / file).resolve() if file else page
        assert there.is_file(), target
        if anchor:
            titles = re.findall(r"^#+ (.+)$", there.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}, target
