"""The Django app: checks, every installed app's recipes, and what happens when a shopper signs in."""

from __future__ import annotations

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ShopGenaiConfig(AppConfig):
    name = "shop_genai"
    label = "shop_genai"
    verbose_name = _("Image studio")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from shop_genai import checks, taste

        checks.register_all()
        taste.connect()
        autodiscover_modules("genai_recipes")
