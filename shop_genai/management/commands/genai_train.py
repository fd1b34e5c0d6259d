"""Train a generator: `manage.py genai_train enhance --data DIR --out DIR [--minutes N] [--resume]`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext_lazy as _


class Command(BaseCommand):
    help = "Train a generator on a folder of pictures. Needs shop-genai[worker]; also: python -m shop_genai.training"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        command = _training_command()
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            _training_command().run(Namespace(**options))
        except (FileNotFoundError, FileExistsError, ValueError) as error:
            raise CommandError(str(error)) from error


def _training_command() -> Any:
    """The module that declares and runs the training; torch comes in here."""
    try:
        from shop_genai.training import command
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors", "numpy"):
            raise
        raise CommandError(_("Training needs PyTorch: install shop-genai[worker].")) from error
    return command
