"""Look at the catalogue: `manage.py genai_looks` computes the looks that ranking and taste need, now and completely."""

from __future__ import annotations

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from shop_genai import looks
from shop_genai.errors import GenaiError
from shop_genai.models import Look


class Command(BaseCommand):
    help = (
        "Compute the looks of all pictures that have none yet, and take over new categories and colours. "
        "Workers compute missing looks by themselves; run this after the catalogue was changed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--batch", type=int, default=looks.BATCH, help="pictures per call (default %(default)s)")
        parser.add_argument("--status", action="store_true", help="only say how many looks there are and are missing")
        parser.add_argument(
            "--pgvector", action="store_true", help="also let PostgreSQL rank: needs its extension “vector”"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if not options["status"]:
                counts = looks.index(batch=max(1, options["batch"]), said=self._progress)
                said = ", ".join(f"{count} {name}" for name, count in sorted(counts.items()) if count)
                self.stdout.write(f"Done: {said or 'nothing to do'}.")
            if options["pgvector"]:
                from shop_genai.taste import pgvector  # numpy

                self.stdout.write(f"PostgreSQL ranks {pgvector.create()} looks.")
        except GenaiError as error:
            raise CommandError(str(error)) from error
        weights = looks.weights_in_use()
        if weights is None:
            self.stdout.write("There are no weights of the variant network in use.")
            return
        missing = looks.missing(weights).count()
        self.stdout.write(
            f"{weights}: {Look.objects.filter(weights=weights).count()} looks, {missing} pictures without one."
        )

    def _progress(self, counts: Counter[str]) -> None:
        done = counts["seen"] + counts["empty"] + counts["refused"]
        self.stderr.write(f"{done} pictures looked at", ending="\r" if self.stderr.isatty() else "\n")
