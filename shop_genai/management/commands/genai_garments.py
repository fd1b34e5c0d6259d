"""Look at the catalogue's garments: `manage.py genai_garments` finds what try-ons need, before anybody waits for it."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop_genai import garments
from shop_genai.errors import GenaiError


class Command(BaseCommand):
    help = (
        "Analyse the garments on all pictures of the catalogue that have no analysis yet, so that no shopper waits for "
        "it. It can be stopped and started again. Run it where a worker could run: it needs torch."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--limit", type=int, help="look at no more than so many pictures")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            counts = garments.index(limit=options["limit"], said=self._progress)
        except GenaiError as error:
            raise CommandError(str(error)) from error
        said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)
        self.stdout.write(f"Done: {said or 'nothing to look at'}.")

    def _progress(self, counts: Counter[str]) -> None:
        self.stderr.write(f"{counts.total()} pictures looked at", ending="\r" if self.stderr.isatty() else "\n")
