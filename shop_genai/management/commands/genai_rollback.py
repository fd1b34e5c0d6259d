"""Use again what was in use before the last promotion: `manage.py genai_rollback RECIPE`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from shop_genai import registry
from shop_genai.errors import GenaiError
from shop_genai.management.promotions import add_user_argument, refusal, sentence, user_called


class Command(BaseCommand):
    help = "Undo the last promotion; again: the one before it. Exit status 3: nothing was in use before."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("recipe")
        parser.add_argument("--reason", default="", help="kept in the history")
        add_user_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by = user_called(options["user"])
        try:
            step = registry.rollback(options["recipe"], by, reason=options["reason"])
        except GenaiError as error:
            raise refusal(error) from error
        self.stdout.write(sentence(step))
