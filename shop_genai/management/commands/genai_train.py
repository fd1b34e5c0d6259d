"""Train a generator: `manage.py genai_train KIND --data DIR --out DIR [--minutes N] [--resume]`.

`--from-catalogue` instead of, or beside, `--data` takes the shop's own pictures.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from importlib import import_module
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from shop_genai import catalogue_export


class Command(BaseCommand):
    help = "Train a generator on folders of pictures. Needs shop-genai[worker]; also: python -m shop_genai.training"
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        training("command").add_arguments(parser, add_catalogue_arguments)

    def handle(self, *args: Any, **options: Any) -> None:
        command = training("command")
        try:
            if options["from_catalogue"]:
                options["data"] = [*options["data"], self.exported(options)]
            command.run(Namespace(**options))
        except command.REFUSALS as error:
            raise CommandError(str(error)) from error

    def exported(self, options: dict[str, Any]) -> Path:
        """The folder with the shop's own pictures. A run that goes on learns from those that it began with.

        Raises:
            GenaiError: see ``catalogue_export.export``.
        """
        folder: Path = options["out"] / "catalogue"
        if options["resume"] and (folder / "manifest.csv").is_file():
            return folder
        done = catalogue_export.export(folder, options["where"], options["content_type"], options["smallest"])
        counts = ", ".join(f"{count} {split}" for split, count in sorted(done.splits.items(), reverse=True))
        self.stdout.write(_("Catalogue: %(counts)s pictures in %(folder)s") % {"counts": counts, "folder": folder})
        for reason, count in done.left_out.most_common():
            self.stdout.write(f"  {_('left out')}: {count} {reason}")
        return folder


def add_catalogue_arguments(parser: ArgumentParser) -> None:
    """The options that need a shop."""
    group = parser.add_argument_group("the shop's own pictures")
    group.add_argument("--from-catalogue", action="store_true", help="export them to OUT/catalogue and train on them")
    group.add_argument(
        "--content-type", action="append", default=[], metavar="APP.MODEL", help="only these of PRODUCT_IMAGES"
    )
    group.add_argument(
        "--where",
        choices=catalogue_export.WHICH,
        default="untouched",
        help="untouched: originals that nobody improved (%(default)s); published, approved: also results of enhance "
        "that are; all: every original",
    )
    group.add_argument(
        "--smallest",
        type=int,
        default=catalogue_export.SMALLEST,
        metavar="PIXELS",
        help="of the shorter side (%(default)s)",
    )


def training(module: str) -> Any:
    """A module of `shop_genai.training`, by name; torch comes in here."""
    try:
        return import_module(f"shop_genai.training.{module}")
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "safetensors", "numpy"):
            raise
        raise CommandError(_("Training needs PyTorch: install shop-genai[worker].")) from error
