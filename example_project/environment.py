"""Reading settings from the environment, with a clear refusal where a value cannot be right."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")
BROKERS = ("filesystem", "memory", "redis", "rediss", "amqp", "amqps", "pyamqp", "sentinel", "sqs")
EXAMPLE_KEY = "only-for-the-example-shop-on-your-own-machine"


def flag(name: str, default: bool) -> bool:
    """A yes or a no.

    Raises:
        ImproperlyConfigured: it is neither.
    """
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in YES + NO:
        raise ImproperlyConfigured(f"{name} must be 1 or 0, not {value!r}.")
    return value in YES


def words(name: str, default: str = "") -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


def secret_key(debug: bool) -> str:
    """The key that signs sessions and links. Only DEBUG may do without an own one.

    Raises:
        ImproperlyConfigured: DEBUG is off and SECRET_KEY is missing.
    """
    key = os.environ.get("SECRET_KEY", "")
    if key:
        return key
    if not debug:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. With DEBUG=0 the shop needs a long random one of its own, for example: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    return EXAMPLE_KEY


def database(data: Path) -> dict[str, Any]:
    """``DATABASE_URL``, or SQLite in the data folder.

    Raises:
        ImproperlyConfigured: the address cannot be understood.
    """
    default = f"sqlite:///{data / 'shop.sqlite3'}"
    try:
        config: dict[str, Any] = dict(dj_database_url.config(default=default, conn_max_age=60, conn_health_checks=True))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be understood ({type(error).__name__}). Write it like postgres://user:password@host:5432/name."
        ) from error
    if config.get("ENGINE", "").endswith("sqlite3"):
        # Web and worker write to one file: wait for the other's lock, and let readers go on meanwhile.
        config["OPTIONS"] = {
            "timeout": 20,
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
        }
        if config["NAME"] != ":memory:":
            Path(config["NAME"]).parent.mkdir(parents=True, exist_ok=True)
    return config


def broker(data: Path) -> tuple[str, dict[str, Any]]:
    """``CELERY_BROKER_URL`` and its transport options; without it, messages are files in the data folder.

    Raises:
        ImproperlyConfigured: the address has no scheme that Celery knows.
    """
    url = os.environ.get("CELERY_BROKER_URL", "") or "filesystem://"
    scheme = url.partition("://")[0]
    if "://" not in url or scheme not in BROKERS:
        raise ImproperlyConfigured(
            f"CELERY_BROKER_URL has no scheme that is known here ({', '.join(BROKERS)}). "
            "Write it like redis://host:6379/0 or amqp://user:password@host:5672/vhost."
        )
    if scheme != "filesystem":
        return url, {}
    messages = data / "broker" / "messages"
    control = data / "broker" / "control"
    for folder in (messages, control):
        folder.mkdir(parents=True, exist_ok=True)
    # In and out must be one folder: what the shop writes is what the worker reads.
    return url, {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
    }


def storages(data: Path) -> dict[str, Any]:
    """Public and private files: folders, or one S3 bucket with two prefixes when ``S3_BUCKET`` is set.

    Raises:
        ImproperlyConfigured: other S3 variables are set but the bucket is not.
    """
    static = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    bucket = os.environ.get("S3_BUCKET", "")
    if not bucket:
        if stray := sorted(name for name in os.environ if name.startswith("S3_")):
            raise ImproperlyConfigured(
                f"{', '.join(stray)} is set, but S3_BUCKET is not: no bucket, no object storage."
            )
        files = "django.core.files.storage.FileSystemStorage"
        return {
            "default": {
                "BACKEND": files,
                "OPTIONS": {"location": str(data / "media"), "base_url": "/media/"},
            },
            "private": {"BACKEND": files, "OPTIONS": {"location": str(data / "private"), "base_url": None}},
            "staticfiles": static,
        }
    endpoint = os.environ.get("S3_ENDPOINT_URL") or None
    shared = {
        "bucket_name": bucket,
        "endpoint_url": endpoint,
        "region_name": os.environ.get("S3_REGION") or None,
        # Unset: boto3 looks in its usual places (AWS_… variables, profiles, the machine's role).
        "access_key": os.environ.get("S3_ACCESS_KEY_ID") or None,
        "secret_key": os.environ.get("S3_SECRET_ACCESS_KEY") or None,
        "addressing_style": os.environ.get("S3_ADDRESSING_STYLE") or ("path" if endpoint else "auto"),
        "file_overwrite": False,
    }
    public = {
        "location": "public",
        "querystring_auth": False,
        "custom_domain": os.environ.get("S3_PUBLIC_DOMAIN") or None,
    }
    private = {"location": "private", "querystring_auth": True, "querystring_expire": 300}
    s3 = "storages.backends.s3.S3Storage"
    return {
        "default": {"BACKEND": s3, "OPTIONS": shared | public},
        "private": {"BACKEND": s3, "OPTIONS": shared | private},
        "staticfiles": static,
    }
