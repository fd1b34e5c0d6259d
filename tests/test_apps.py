"""The app config: what an installed studio brings by itself."""

from __future__ import annotations

from django.apps import apps
from django.core.checks.registry import registry

from shop_genai import recipes


def test_the_app_is_there_under_its_names() -> None:
    config = apps.get_app_config("shop_genai")
    assert (config.name, str(config.verbose_name)) == ("shop_genai", "Image studio")


def test_its_checks_and_the_built_in_kind_are_registered() -> None:
    ours = {check.__name__ for check in registry.registered_checks if check.__module__ == "shop_genai.checks"}
    assert {"known_settings", "storage_aliases", "weights"} <= ours
    assert "enhance" in {recipe.name for recipe in recipes.all_recipes()}
