"""docs/images.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

from shop_genai import conf, errors, media

TEXT = (Path(__file__).parent.parent.parent / "docs" / "images.md").read_text()


def family(root: type[errors.GenaiError]) -> set[type[errors.GenaiError]]:
    return {root}.union(*(family(kind) for kind in root.__subclasses__()))


def test_every_code_of_a_picture_is_in_the_table_with_its_status() -> None:
    listed = {code: int(status) for code, status in re.findall(r"^\| `(\w+)` \| (\d+) \|", TEXT, re.M)}
    kinds = family(errors.ImageRefused) | family(errors.InputMissing) | {errors.StorageUnavailable}
    assert listed == {kind.code: kind.http_status for kind in kinds}


def test_every_setting_it_names_exists_and_the_limits_are_right() -> None:
    named = set(re.findall(r"`([A-Z][A-Z_]+[A-Z])`", TEXT)) - {"STORAGES", "SHOP_GENAI"}
    assert named
    assert named <= set(conf.DEFAULTS)
    defaults = conf.DEFAULTS
    assert f"{defaults['MAX_UPLOAD_BYTES'] // 2**20} MiB | `MAX_UPLOAD_BYTES`" in TEXT
    assert f"{defaults['MAX_PIXELS'] // 10**6} million, read from the header" in TEXT
    assert f"{defaults['MIN_SIDE']} pixels | `MIN_SIDE`" in TEXT
    assert f"`LINK_SECONDS` ({defaults['LINK_SECONDS']})" in TEXT
    assert f"| scans of a JPEG | {media.scans.MAX_SCANS}:" in TEXT


def test_the_files_that_it_links_to_exist() -> None:
    folder = Path(__file__).parent.parent.parent / "docs"
    targets = re.findall(r"\]\(([^)]+)\)", TEXT)
    assert targets
    assert all((folder / target).is_file() for target in targets)
