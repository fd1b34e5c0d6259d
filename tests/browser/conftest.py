"""A real Chromium against a real server. Skipped where there is none, unless SHOP_GENAI_REQUIRE_BROWSER=1."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.test import Client

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
    # A camera that shows a test picture, and no question whether a page may use it.
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]
EXPECTED = {*range(200, 400), 422}
CHROMIUM = os.environ.get("SHOP_GENAI_CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"


def missing() -> str:
    """Why no browser can be driven here; empty if one can."""
    if not os.access(CHROMIUM, os.X_OK):
        return f"no Chromium at {CHROMIUM} (Debian: apt-get install chromium; or set SHOP_GENAI_CHROMIUM)"
    try:
        import playwright.sync_api  # noqa: F401  # only whether it is installed
    except ImportError:
        return "playwright is not installed (pip install 'shop-genai[test]')"
    return ""


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    reason = missing()
    if reason and os.environ.get("SHOP_GENAI_REQUIRE_BROWSER") == "1":
        pytest.fail(f"SHOP_GENAI_REQUIRE_BROWSER=1, but {reason}")
    if reason:
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    # Playwright runs an event loop in this thread; Django would refuse every query beside it.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    try:
        with sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            yield browser
            browser.close()
    finally:
        if before is None:
            del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]
        else:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture
def visit(chromium: Any, live_server: Any, settings: Any) -> Iterator[Callable[..., Any]]:
    """``visit(user, "/path/", **context)``: a page in a fresh browser profile, signed in.

    A test fails when a page it visited threw a script error or asked for something that was not there.
    """
    # The live server hands out files from here; the shop's own route to them exists only while DEBUG is on.
    settings.MEDIA_ROOT = default_storage.location
    contexts, troubles = [], []

    def visit(person: User | None, path: str, **options: Any) -> Any:
        context = chromium.new_context(base_url=live_server.url, **{"locale": "en-GB"} | options)
        contexts.append(context)
        if person is not None:
            client = Client()
            client.force_login(person)
            cookie = client.cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])
        page = context.new_page()
        page.set_default_timeout(30_000)  # a busy machine is no failure
        page.on("pageerror", lambda error: troubles.append(f"{page.url}: {error}"))
        page.on(
            "response",
            # 422: a form that comes back with its errors
            lambda answer: troubles.append(f"{answer.status} {answer.url}") if answer.status not in EXPECTED else None,
        )
        page.goto(path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert [trouble for trouble in troubles if "favicon" not in trouble] == []
