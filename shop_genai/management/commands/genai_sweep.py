"""Train with every combination of settings: `manage.py genai_sweep KIND --data DIR --out DIR --grid NAME=V1,V2 ...`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from .genai_train import training


class Command(BaseCommand):
    help = "Train with every combination of settings and compare. Also: python -m shop_genai.training.sweep"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        training("sweep").add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        sweep = training("sweep")
        try:
            sweep.run(Namespace(**options))
        except training("command").REFUSALS as error:
            raise CommandError(str(error)) from error
