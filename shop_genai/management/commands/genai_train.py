"""Train a generator: `manage.py genai_train KIND --data DIR --out DIR [--minutes N] [--resume]`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _


class Command(BaseCommand):
    help = "Train a generator on folders of pictures. Needs shop-genai[worker]; also: python -m shop_genai.training"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        training("command").add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        command = training("command")
        try:
            command.run(Namespace(**options))
        except command.REFUSALS as error:
            raise CommandError(str(error)) from error


def training(module: str) -> Any:
    """A module of `shop_genai.training`, by name; torch comes in here."""
    try:
        return import_module(f"shop_genai.training.{module}")
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors", "numpy"):
            raise
        raise CommandError(_("Training needs PyTorch: install shop-genai[worker].")) from error
