"""The settings that the environment decides, and the sentence that stops a wrong one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from example_project import environment


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("S3_") or name in ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "DEBUG"):
            monkeypatch.delenv(name)


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


def test_a_database_address_that_cannot_be_parsed_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres//shop:secret@db")
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as caught:
        environment.database(tmp_path)
    assert "secret" not in str(caught.value)


def test_a_bucket_holds_public_and_private_files_apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    values = {
        "S3_BUCKET": "shop",
        "S3_ENDPOINT_URL": "https://minio.example:9000",
        "S3_REGION": "eu-central-1",
        "S3_ACCESS_KEY_ID": "key",
        "S3_SECRET_ACCESS_KEY": "secret",
        "S3_PUBLIC_DOMAIN": "cdn.example",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    storages: dict[str, Any] = environment.storages(tmp_path)
    public, private = (storages[alias]["OPTIONS"] for alias in ("default", "private"))
    for options in (public, private):
        assert (options["bucket_name"], options["endpoint_url"]) == ("shop", "https://minio.example:9000")
        assert (options["region_name"], options["addressing_style"]) == ("eu-central-1", "path")
        assert (options["access_key"], options["secret_key"]) == ("key", "secret")
    assert (public["location"], public["querystring_auth"], public["custom_domain"]) == ("public", False, "cdn.example")
    assert (private["location"], private["querystring_auth"]) == ("private", True)
    assert private["querystring_expire"] <= 300
    assert "custom_domain" not in private


def test_without_an_endpoint_the_bucket_is_at_aws_with_its_own_credentials(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("S3_BUCKET", "shop")
    options = environment.storages(tmp_path)["default"]["OPTIONS"]
    assert options["endpoint_url"] is options["access_key"] is options["secret_key"] is None
    assert options["addressing_style"] == "auto"


def test_object_storage_without_a_bucket_stops_the_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("S3_REGION", "eu-central-1")
    with pytest.raises(ImproperlyConfigured, match="S3_REGION is set, but S3_BUCKET is not"):
        environment.storages(tmp_path)
