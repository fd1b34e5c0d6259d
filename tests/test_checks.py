"""System checks: every id can be reached, a sound shop has no finding, and the page about them matches the code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from celery import current_app
from django.conf import settings as django_settings
from django.core.checks import ERROR, CheckMessage, run_checks
from django.db import connection

from shop_genai import checks, registry
from shop_genai.conf import DEFAULTS
from shop_genai.errors import WeightsMissing
from shop_genai.recipes import Recipe, Slot, register
from tests.fakes.recipes import InvertParams, load_invert
from tests.fakes.weights import export, metrics, weighty

PAGE = Path(__file__).parents[1] / "docs" / "checks.md"
Studio = Callable[..., None]


def found() -> set[str]:
    return {str(message.id).removeprefix("shop_genai.") for message in messages()}


def messages() -> list[CheckMessage]:
    return run_checks(tags=["shop_genai"])


@pytest.fixture
def studio(settings: Any) -> Studio:
    """``studio(NAME=value)``: the shop's settings with these changed."""

    def studio(**changes: Any) -> None:
        settings.SHOP_GENAI = {**django_settings.SHOP_GENAI, **changes}

    return studio


def test_the_page_names_exactly_the_ids_of_the_code() -> None:
    code = set(re.findall(r"_(?:error|warning)\(\s*\"([EW]\d{3})\"", Path(checks.__file__).read_text()))
    page = set(re.findall(r"^\| `shop_genai\.([EW]\d{3})`", PAGE.read_text(), re.MULTILINE))
    assert code == page
    assert len(code) == 30


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"LEASE_SECOND": 1}, "E001"),
        ({"TASTE_WEIGHTS": {"view": 1}}, "E011"),
        ({"TASTE_HALF_LIFE_DAYS": {**DEFAULTS["TASTE_HALF_LIFE_DAYS"], "like": 0}}, "E011"),
        ({"TASTE_SHRINK": 0}, "E012"),
        ({"TASTE_EVENTS_KEPT_DAYS": "many"}, "E012"),
        ({"PRODUCT_IMAGES": {"shop.Nothing": {"field": "image"}}}, "E002"),
        ({"PRODUCT_IMAGES": {"photo": {"field": "image"}}}, "E002"),
        ({"PRODUCT_IMAGES": {"shop.Photo": {"field": "alt"}}}, "E003"),
        ({"PRODUCT_IMAGES": {"shop.Photo": {"field": "picture"}}}, "E003"),
        ({"PRODUCT_IMAGES": {"shop.Photo": {}}}, "E003"),
        ({"PRODUCT_ADAPTER": "nowhere.Adapter"}, "E004"),
        ({"PRIVATE_STORAGE": "vault"}, "E005"),
        ({"LEASE_SECONDS": 0}, "E006"),
        ({"MAX_CRASHES": None}, "E006"),
        ({"HEARTBEAT_SECONDS": 45}, "E007"),
        ({"DEADLINE_SECONDS": {"bulk": 60}}, "E008"),
        ({"API_AUTHENTICATION": ["nowhere.Authentication"]}, "E010"),
        ({"PRIVATE_STORAGE": "default"}, "W001"),
        ({"SWEEP_SECONDS": 120}, "W003"),
        ({"TRYON_BACKENDS": []}, "E013"),
        ({"TRYON_BACKENDS": {"studio": {}}}, "E013"),
        ({"TRYON_BACKENDS": {"studio": {"path": "/nowhere"}}}, "E013"),
        ({"TRYON_BACKENDS": {"studio": {"path": "/nowhere", "url": "https://example.com/"}}}, "E013"),
        ({"TRYON_BACKENDS": {"studio": {"url": "http://example.com/", "commercial_ok": True}}}, "E013"),
        ({"TRYON_BACKENDS": {"warp_only": {"url": "https://example.com/", "commercial_ok": True}}}, "E013"),
        ({"TRYON_BACKEND": "studio"}, "E014"),
        ({"TRYON_BACKENDS": {"studio": {"url": "https://example.com/", "commercial_ok": True}}}, "W010"),
        ({"TRYON_STORAGE": "vault"}, "E015"),
        ({"TRYON_TTL": 0}, "E016"),
        ({"TRYON_AUDIT_KEPT_DAYS": None}, "E016"),
        ({"TRYON_MAX_PER_DAY": -1}, "E016"),
        ({"TRYON_GARMENTS": {"hats": "head"}}, "E017"),
        ({"TRYON_TTL": 24 * 3600 + 1}, "W012"),
        ({"TRYON_STORAGE": "default"}, "W013"),
    ],
)
def test_a_wrong_setting_is_found(studio: Studio, changes: dict[str, Any], expected: str) -> None:
    before = found()
    studio(**changes)
    assert found() - before == {expected}
    assert all(message.hint for message in messages())


def test_a_private_folder_inside_the_public_one(settings: Any, tmp_path: Path) -> None:
    backend = "django.core.files.storage.FileSystemStorage"
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path)}},
        "private": {"BACKEND": backend, "OPTIONS": {"location": str(tmp_path / "private")}},
    }
    assert "W002" in found()


def test_another_database(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connections

    monkeypatch.setattr(connections["default"], "vendor", "oracle")
    assert "E009" in found()


def test_the_api_is_not_mounted(settings: Any) -> None:
    settings.ROOT_URLCONF = "example_project.shop.urls"
    assert "W004" in found()


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("task_always_eager", True, "W005"),
        ("task_routes", {"shop_genai.bulk": {"queue": "slow"}}, "W006"),
        ("task_routes", {"shop_genai.*": {"queue": "slow"}}, "W006"),
        ("task_acks_late", True, "W007"),
    ],
)
def test_celery_options(monkeypatch: pytest.MonkeyPatch, option: str, value: object, expected: str) -> None:
    before = found()
    monkeypatch.setitem(current_app.conf, option, value)
    assert found() - before == {expected}


@pytest.mark.django_db
def test_promoted_weights_whose_files_are_gone(tmp_path: Path) -> None:
    def warned() -> list[str]:
        return [str(message.id) for message in run_checks(tags=["shop_genai"], databases=["default"])]

    weighty(export(tmp_path / "package", "1.0", metrics(30.0)))
    registry.promote(registry.register(export(tmp_path / "new", "2.0", metrics(31.0))))
    assert "shop_genai.W009" not in warned()
    file = tmp_path / "new" / "weighty.safetensors"
    file.write_bytes(b"weights 2.1")
    assert warned().count("shop_genai.W009") == 1
    file.unlink()
    assert warned().count("shop_genai.W009") == 1
    assert "W009" not in found()  # without a database nobody asks it
    registry.rollback("weighty")
    assert "shop_genai.W009" not in warned()


@pytest.mark.django_db
def test_before_the_first_migration_no_weights_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(connection.introspection), "table_names", lambda self: [])
    assert checks.promoted_weights(databases=["default"]) == []


def test_a_recipe_without_its_weights_is_a_warning() -> None:
    def missing(folder: Path | None) -> str:
        raise WeightsMissing("There are no weights here.")

    before = found()
    slots = (Slot("image"),)
    register(Recipe("bare", "Bare", slots, params=InvertParams, load=load_invert, digest=missing))
    [message] = [message for message in messages() if "'bare'" in message.msg]
    assert (message.id, message.level < ERROR) == ("shop_genai.W008", True)
    assert found() - before <= {"W008"}


def test_folders_of_try_on_models(studio: Studio, tmp_path: Path, settings: Any) -> None:
    described = {"name": "model", "entry": "run:open", "commercial_ok": True}
    (tmp_path / "run.py").write_text("raise RuntimeError('a check runs no code')\n")

    def with_folder(**changes: Any) -> set[str]:
        (tmp_path / "backend.json").write_text(json.dumps({**described, **changes}))
        studio(TRYON_BACKENDS={"model": {"path": str(tmp_path)}}, TRYON_BACKEND="model")
        return found()

    before = found()
    assert with_folder() - before == set()
    assert with_folder(commercial_ok=False) - before == {"W011"}
    assert with_folder(entry="gone:open") - before == {"E013"}
    settings.MEDIA_ROOT = tmp_path.parent
    assert with_folder() - before == {"E013"}
