"""System checks with stable ids: what is wrong with the settings, before a request finds out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core import checks

from shop_genai.conf import DEFAULTS


def register_all() -> None:
    """Called once by the app config."""
    checks.register(known_settings, "shop_genai")


def known_settings(app_configs: Sequence[Any] | None = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """E001: SHOP_GENAI holds a name that the studio does not know (a typo would otherwise be silent)."""
    return [
        checks.Error(
            f"SHOP_GENAI has no setting {name!r}.",
            hint="Known: " + ", ".join(sorted(DEFAULTS)) + ".",
            id="shop_genai.E001",
        )
        for name in sorted(set(getattr(settings, "SHOP_GENAI", {})) - set(DEFAULTS))
    ]
