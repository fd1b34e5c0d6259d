"""Use other weights for new jobs: `manage.py genai_promote RECIPE VERSION|DIGEST [--force --reason TEXT]`."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from shop_genai import recipes, registry
from shop_genai.errors import GenaiError
from shop_genai.management.promotions import add_user_argument, refusal, sentence, user_called


class Command(BaseCommand):
    help = (
        "Promote registered weights if their figures on the same test set are better than those in use. "
        "Exit status 3: they are not, or that cannot be told."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("recipe")
        parser.add_argument("weights", metavar="VERSION|DIGEST", help="a version, or the beginning of a digest")
        parser.add_argument("--force", action="store_true", help="whatever the figures say; needs --reason")
        parser.add_argument("--reason", default="", help="kept in the history")
        add_user_argument(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["force"] and not options["reason"].strip():
            raise CommandError(_("--force needs a --reason: it is kept in the history."))
        by = user_called(options["user"])
        try:
            row = registry.find(recipes.get(options["recipe"]), options["weights"])
            lines = registry.compare(row).lines
            step = registry.promote(row, by, force=options["force"], reason=options["reason"])
        except GenaiError as error:
            raise refusal(error) from error
        for line in lines:
            self.stdout.write(f"  {line.verdict:6} {line}")
        self.stdout.write(sentence(step))
