"""Weights on this machine's disk: which manifest a folder holds, whether its files are whole, and the report beside it.

Nothing here needs torch: files are hashed, never opened as tensors.
"""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from shop_genai import recipes
from shop_genai.conf import genai_settings
from shop_genai.errors import (
    WeightsLicenceRefused,
    WeightsMissing,
    WeightsOtherRecipe,
    WeightsTampered,
    WeightsUnsupported,
)
from shop_genai.generation.weights import Manifest
from shop_genai.models import Weights
from shop_genai.recipes import Recipe

REPORT = "report"  # the folder beside a manifest that training's export fills
PICTURE = re.compile(r"(curves|samples)(_[A-Za-z0-9_-]{1,60})?\.png")
LARGEST_PICTURE = 16 * 1024 * 1024  # bytes
# Creative Commons' NC, and how researchers' licences say it.
NON_COMMERCIAL = re.compile(r"\bNC\b|non-?\s?commercial|research[- ](use[- ])?only|academic[- ](use[- ])?only", re.I)


def read_folder(place: Path, wanted: str | None) -> tuple[Recipe, Manifest]:
    """The recipe and the manifest of the weights in a folder (or of a manifest's own path).

    Args:
        wanted: the recipe that the weights must be of; None: whatever the folder holds, if it is one.

    Raises:
        WeightsMissing: no such folder, or no manifest in it.
        WeightsOtherRecipe: it holds weights, but of other recipes.
        WeightsUnsupported: it holds weights of several recipes and none was named, or the recipe has no weights.
        UnknownRecipe: the recipe is not installed.
    """
    kinds = _kinds(place)
    if not kinds:
        raise WeightsMissing(_("There are no weights with a manifest in %(place)s.") % {"place": place})
    if wanted is None and len(kinds) > 1:
        raise WeightsUnsupported(
            _("%(place)s holds weights of several recipes: %(kinds)s. Say which.")
            % {"place": place, "kinds": ", ".join(kinds)}
        )
    recipe = recipes.get(wanted) if wanted else _recipe_of(kinds[0])
    name = recipe.name
    if recipe.kind not in kinds:
        raise WeightsOtherRecipe(
            _("%(place)s holds weights of “%(kinds)s”, not of “%(wanted)s”.")
            % {"place": place, "kinds": ", ".join(kinds), "wanted": name},
            recipe=name,
        )
    manifest = recipe.read_manifest(place)
    if recipe.digest(place) != manifest.digest:
        raise WeightsUnsupported(_("The recipe “%(name)s” cannot load such weights.") % {"name": name}, recipe=name)
    return recipe, manifest


def verify(manifest: Manifest) -> None:
    """Hash every file of a manifest.

    Raises:
        WeightsUnsupported: the manifest names no file, or one outside its own folder.
        WeightsMissing: a file is gone or cannot be read.
        WeightsTampered: a file's size or sha256 is not the manifest's.
    """
    files = manifest.content["files"]
    if not files:
        raise WeightsUnsupported(_("%(name)s names no files.") % {"name": manifest.path.name})
    for entry in files.values():
        name = str(entry["file"])
        if name in ("", ".", "..") or Path(name).name != name or "\\" in name:
            raise WeightsUnsupported(_("“%(file)s” is no file beside the manifest.") % {"file": name}, file=name)
        try:
            with (manifest.path.parent / name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
                size = file.tell()
        except OSError as error:
            raise WeightsMissing(_("The weights file %(file)s cannot be read.") % {"file": name}, file=name) from error
        if (size, found) != (entry["size"], entry["sha256"]):
            raise WeightsTampered(
                _("%(file)s is not the file that its manifest describes.") % {"file": name}, file=name
            )


def check_files(weights: Weights) -> None:
    """Whether the files that a row stands for are here and whole, as a worker would find them.

    Raises:
        UnknownRecipe: its recipe is not installed.
        WeightsMissing: they are gone, or others lie in their place.
        WeightsTampered: a file was changed.
    """
    recipe = recipes.get(weights.recipe)
    manifest = recipe.read_manifest(folder_of(weights))
    if manifest.digest != weights.digest:
        raise WeightsMissing(
            _("In the place of weights %(wanted)s of “%(recipe)s” there are others: %(found)s.")
            % {"wanted": weights.digest[:12], "recipe": weights.recipe, "found": manifest.digest[:12]}
        )
    verify(manifest)


def check_licence(content: dict[str, Any]) -> None:
    """Refuse weights that may not be used commercially, unless ``ALLOW_NON_COMMERCIAL_WEIGHTS`` is set.

    The licence of the weights counts, ``"commercial_ok": false``, and the licences of the data they were trained on.

    Raises:
        WeightsLicenceRefused: as said.
    """
    if genai_settings.ALLOW_NON_COMMERCIAL_WEIGHTS:
        return
    data = content.get("data")
    licences = [content.get("licence"), *(data.values() if isinstance(data, dict) else [])]
    refused = [str(licence) for licence in licences if licence and NON_COMMERCIAL.search(str(licence))]
    if content.get("commercial_ok") is False:
        refused.append("commercial_ok: false")
    if refused:
        raise WeightsLicenceRefused(
            _(
                "The licence forbids commercial use (%(licences)s). A shop that may use such weights sets "
                "SHOP_GENAI[“ALLOW_NON_COMMERCIAL_WEIGHTS”]."
            )
            % {"licences": "; ".join(refused)}
        )


def report_pictures(weights: Weights) -> list[str]:
    """The names of the pictures in the report beside the weights: the curves first, then samples, oldest first."""
    place = _report(weights)
    if place is None or not place.is_dir():
        return []
    return sorted(path.name for path in place.iterdir() if PICTURE.fullmatch(path.name) and _is_own(path, place))


def report_picture(weights: Weights, name: str) -> bytes:
    """One of those pictures, by its name from that list.

    Raises:
        WeightsMissing: it is not in the list, is no PNG, too large, or cannot be read.
    """
    place = _report(weights)
    if place is not None and name in report_pictures(weights):
        try:
            if (place / name).stat().st_size <= LARGEST_PICTURE:
                data = (place / name).read_bytes()
                if data.startswith(b"\x89PNG\r\n\x1a\n"):
                    return data
        except OSError as error:
            raise WeightsMissing(_("The picture cannot be read.")) from error
    raise WeightsMissing(_("There is no such picture in the report of these weights."))


def folder_of(weights: Weights) -> Path | None:
    """Where a recipe loads these weights from; None: from the package."""
    return Path(weights.folder) if weights.folder else None


def _report(weights: Weights) -> Path | None:
    """The folder of the report. Packaged weights have none: the package keeps to what jobs need."""
    place = folder_of(weights)
    if place is None:
        return None
    return (place.parent if place.suffix == ".json" else place) / REPORT


def _is_own(path: Path, folder: Path) -> bool:
    """A file of the folder itself, not a link to somewhere else."""
    return path.is_file() and path.resolve().parent == folder.resolve()


def _recipe_of(kind: str) -> Recipe:
    """The recipe that loads weights of a kind; that of the same name before others.

    Raises:
        UnknownRecipe: none does.
    """
    loading = [recipe for recipe in recipes.all_recipes() if recipe.kind == kind]
    return next((recipe for recipe in loading if recipe.name == kind), loading[0]) if loading else recipes.get(kind)


def _kinds(place: Path) -> list[str]:
    """The kinds that the manifests of a folder name."""
    paths = [place] if place.suffix == ".json" else sorted(place.glob("*.json"))
    kinds = set()
    for path in paths:
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            continue
        if isinstance(content, dict) and isinstance(content.get("kind"), str) and "files" in content:
            kinds.add(content["kind"])
    return sorted(kinds)
