"""The settings that the environment decides, and the sentence that stops a wrong one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from example_project import environment


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "DEBUG", "S3_BUCKET", "S3_ENDPOINT_URL")
    for name in names:
        monkeypatch.delenv(name, raising=False)


def test_nothing_set_means_files_on_this_machine(tmp_path: Path) -> None:
    database = environment.database(tmp_path)
    assert database["ENGINE"] == "django.db.backends.sqlite3"
    assert Path(database["NAME"]).parent == tmp_path
    url, options = environment.broker(tmp_path)
    assert url.startswith("filesystem://")
    folders = {str(value) for name, value in options.items() if "folder" in name}
    assert folders
    assert all(folder.startswith(str(tmp_path)) for folder in folders)


@pytest.mark.parametrize(
    ("url", "engine"),
    [
        ("postgres://shop:secret@db.example:5433/shop", "django.db.backends.postgresql"),
        ("sqlite:////tmp/elsewhere.sqlite3", "django.db.backends.sqlite3"),
    ],
)
def test_a_database_address(url: str, engine: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    assert environment.database(tmp_path)["ENGINE"] == engine


@pytest.mark.parametrize("url", ["redis://cache:6379/0", "amqp://shop:secret@rabbit:5672/shop"])
def test_a_broker_address_is_taken_as_it_is(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    assert environment.broker(tmp_path)[0] == url


@pytest.mark.parametrize("url", ["redis", "kafka://broker:9092"])
def test_an_unknown_broker_stops_the_start(url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CELERY_BROKER_URL", url)
    with pytest.raises(ImproperlyConfigured, match="CELERY_BROKER_URL"):
        environment.broker(tmp_path)


def test_production_needs_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment.secret_key(debug=True)
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        environment.secret_key(debug=False)
    monkeypatch.setenv("SECRET_KEY", "long and random")
    assert environment.secret_key(debug=False) == "long and random"


@pytest.mark.parametrize(("text", "value"), [("1", True), ("no", False), ("", True)])
def test_a_flag_is_yes_or_no(text: str, value: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", text)
    assert environment.flag("DEBUG", default=True) is value


def test_a_flag_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DEBUG", "perhaps")
    with pytest.raises(ImproperlyConfigured, match="DEBUG"):
        environment.flag("DEBUG", default=True)


def test_a_bucket_holds_public_and_private_files_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("S3_BUCKET", "shop")
    monkeypatch.setenv("S3_ENDPOINT_URL", "https://minio.example:9000")
    storages: dict[str, Any] = environment.storages(tmp_path)
    places = {alias: entry["OPTIONS"].get("location") for alias, entry in storages.items() if "s3" in entry["BACKEND"]}
    assert len(places) >= 2
    assert len(set(places.values())) == len(places)
