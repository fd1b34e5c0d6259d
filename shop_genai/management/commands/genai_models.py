"""What the registry knows, and entering new weights: `manage.py genai_models [register DIR]`."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from shop_genai import recipes, registry
from shop_genai.errors import GenaiError, UnknownRecipe, WeightsMissing
from shop_genai.models import Weights

COLUMNS = ("recipe", "version", "digest", "in use", "files", "licence", "jobs", "figures")


class Command(BaseCommand):
    help = "List the versions of weights that the studio knows, or register those of a local folder."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", choices=("list", "register"), default="list")
        parser.add_argument("folder", nargs="?", type=Path, help="with register: safetensors and their manifest")
        parser.add_argument("--recipe", help="only this recipe")
        parser.add_argument("--json", action="store_true", help="one JSON list instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        if (options["action"] == "register") != (options["folder"] is not None):
            raise CommandError(_("Write: genai_models [--recipe R] [--json], or: genai_models register FOLDER"))
        try:
            if options["recipe"]:
                recipes.get(options["recipe"])
            if options["folder"] is not None:
                row = registry.register(options["folder"], options["recipe"])
                described = [describe(row)]
            else:
                described = [describe(row) for row in known(options["recipe"])]
        except GenaiError as error:
            raise CommandError(f"{error} [{error.code}]") from error
        if options["json"]:
            self.stdout.write(json.dumps(described, indent=2, ensure_ascii=False))
        elif options["folder"] is not None:
            self.stdout.write(
                _(
                    "Registered %(recipe)s %(version)s, digest %(digest)s. "
                    "To use it: genai_promote %(recipe)s %(digest)s"
                )
                % {"recipe": row.recipe, "version": row.version, "digest": row.digest[:12]}
            )
        else:
            for line in table(described):
                self.stdout.write(line)


def known(recipe: str | None) -> list[Weights]:
    """Every row, the packaged weights of installed recipes included; newest first within a recipe."""
    for kind in recipes.all_recipes():
        try:
            registry.packaged(kind)
        except WeightsMissing:
            continue  # a system check says so
    rows = Weights.objects.order_by("recipe", "-created", "-pk")
    return list(rows.filter(recipe=recipe) if recipe else rows)


def describe(row: Weights) -> dict[str, Any]:
    """Plain facts of one row."""
    try:
        kind = recipes.get(row.recipe)
        current = registry.in_use(kind, note=False)
        decides = {figure.name for figure in kind.decides}
    except (UnknownRecipe, WeightsMissing):
        current, decides = None, set()
    return {
        "recipe": row.recipe,
        "version": row.version,
        "digest": row.digest,
        "in_use": row == current,
        "files": files(row),
        "folder": row.folder,
        "licence": row.manifest.get("licence"),
        "data": row.manifest.get("data"),
        "figures": [
            {
                "data": entry.data,
                "split": entry.split,
                "test_set": entry.test_set,
                "values": {name: value for name, value in entry.values.items() if name in decides},
            }
            for entry in registry.measurements(row.manifest)
        ],
        "jobs": row.jobs.count(),
        "created": row.created.isoformat(),
    }


def files(row: Weights) -> str:
    """``ok``, or the code of what is wrong with the files on this machine."""
    try:
        registry.check_files(row)
    except GenaiError as error:
        return error.code
    return "ok"


def table(described: list[dict[str, Any]]) -> list[str]:
    """Columns as wide as their widest cell; figures last, because they are long."""
    if not described:
        return [_("No weights are known.")]
    rows = [COLUMNS, *(cells(entry) for entry in described)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(COLUMNS))]
    return ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]


def cells(entry: dict[str, Any]) -> tuple[str, ...]:
    figures = [
        f"{one['data']} {one['split']}: " + ", ".join(f"{name} {value:.4g}" for name, value in one["values"].items())
        for one in entry["figures"]
    ]
    return (
        entry["recipe"],
        entry["version"],
        entry["digest"][:12],
        "*" if entry["in_use"] else "",
        entry["files"],
        str(entry["licence"] or "?"),
        str(entry["jobs"]),
        "; ".join(figures) or "–",
    )
