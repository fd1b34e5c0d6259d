"""Measure pictures or weights: `manage.py genai_evaluate KIND --weights DIR --data DIR [--json FILE]`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop_genai.errors import GenaiError

from .genai_train import training


class Command(BaseCommand):
    help = (
        "Measure made pictures or a generator's weights. Needs shop-genai[worker]; also: python -m"
        " shop_genai.training.evaluate"
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        training("evaluate").add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            training("evaluate").run(Namespace(**options))
        except (FileNotFoundError, ValueError, GenaiError) as error:
            raise CommandError(str(error)) from error
