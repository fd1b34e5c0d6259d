"""Rows of the registry: how weights get in, how they are found, and which ones new jobs use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.db import router
from django.utils.translation import gettext as _

from shop_genai.errors import WeightsMissing, WeightsUnsupported
from shop_genai.models import Weights
from shop_genai.recipes import Recipe
from shop_genai.registry.figures import MEASURED_HERE
from shop_genai.registry.files import check_licence, read_folder, verify

SHORTEST_DIGEST = 6  # hex digits that may stand for a whole digest


def write_alias() -> str:
    """The database that the registry is written to; what is decided there is also read there."""
    return router.db_for_write(Weights)


def register(folder: Path | str, recipe: str | None = None) -> Weights:
    """Enter the weights of a local folder, or bring their row up to date. Nothing is promoted by it.

    The files stay where they are, and every worker must find them under the same path. Weights are known by their
    digest: registering the same files again, also from another folder or with new figures, is the same row. A copy of
    the package's own weights stays the package's row, and the copy's figures are added to it.

    Args:
        folder: a folder with safetensors and a manifest, or the manifest's own path.
        recipe: the recipe they must be of; None: the only one that the folder holds.

    Raises:
        WeightsMissing, WeightsTampered: a file is gone, or is not what the manifest says.
        WeightsOtherRecipe, UnknownRecipe, WeightsUnsupported: the shop has no use for them.
        WeightsLicenceRefused: see ``ALLOW_NON_COMMERCIAL_WEIGHTS``.
    """
    place = Path(folder).expanduser().resolve()
    kind, manifest = read_folder(place, recipe)
    verify(manifest)
    check_licence(manifest.content)
    longest = Weights._meta.get_field("folder").max_length or 0
    if len(str(place)) > longest:
        raise WeightsUnsupported(_("The folder's path is longer than %(n)d characters.") % {"n": longest})
    inside = packaged(kind)
    if inside is not None and inside.digest == manifest.digest and not inside.folder:
        return _measured_here(inside, _plain(manifest.content))
    row, _created = Weights.objects.using(write_alias()).update_or_create(
        recipe=kind.name,
        digest=manifest.digest,
        defaults={"version": _version(manifest.version), "folder": str(place), "manifest": _plain(manifest.content)},
    )
    return row


def in_use(recipe: Recipe, note: bool = True) -> Weights | None:
    """The weights that a new job of this recipe is made with: the promoted ones, else those inside the package.

    A promoted row without a folder stands for the package, whatever release of it is installed.

    Args:
        note: as for ``packaged``.

    Raises:
        WeightsMissing: nothing is promoted, and the package's own weights are not there.
    """
    promoted = Weights.objects.filter(recipe=recipe.name, promoted=True).exclude(folder="").first()
    return promoted or packaged(recipe, note)


def packaged(recipe: Recipe, note: bool = True) -> Weights | None:
    """The row of the weights inside the package; None: the recipe has no weights.

    Args:
        note: make the row, or bring it up to date. False for pages that only show: then it may be unsaved.

    Raises:
        WeightsMissing: the package should have some.
    """
    digest = recipe.digest(None)
    if not digest:
        return None
    try:
        manifest = recipe.read_manifest(None)
    except WeightsMissing:
        content: dict[str, Any] = {}  # a third party's own way of keeping weights
    else:
        content = _plain(manifest.content) if manifest.digest == digest else {}
    version = _version(str(content.get("version") or digest[:12]))
    row = Weights.objects.filter(recipe=recipe.name, digest=digest).first()
    if row is None and note:
        row, _created = Weights.objects.get_or_create(
            recipe=recipe.name, digest=digest, defaults={"version": version, "manifest": content}
        )
    elif row is None:
        row = Weights(recipe=recipe.name, digest=digest, version=version, manifest=content)
    elif content and not row.folder and row.manifest != (known := {**content, **_here(row.manifest)}):
        row.version, row.manifest = version, known
        if note:
            row.save(update_fields=["version", "manifest"])
    return row


def find(recipe: Recipe, name: str) -> Weights:
    """The row with this version, or with a digest that begins so (at least six hex digits).

    Raises:
        WeightsMissing: there is none, or several.
    """
    packaged(recipe)
    rows = list(Weights.objects.using(write_alias()).filter(recipe=recipe.name))
    found = [row for row in rows if row.version == name]
    if not found and len(name) >= SHORTEST_DIGEST:
        found = [row for row in rows if row.digest.startswith(name.lower())]
    if len(found) == 1:
        return found[0]
    values = {"recipe": recipe.name, "name": name}
    if found:
        digests = ", ".join(row.digest[:12] for row in found)
        raise WeightsMissing(
            _("Several weights of “%(recipe)s” are called “%(name)s”. Name one by its digest: %(digests)s.")
            % {**values, "digests": digests}
        )
    known = ", ".join(f"{row.version} ({row.digest[:12]})" for row in rows) or _("none")
    raise WeightsMissing(
        _("There are no weights “%(name)s” of “%(recipe)s”. There are: %(known)s.") % {**values, "known": known}
    )


def _measured_here(row: Weights, content: dict[str, Any]) -> Weights:
    """Keep what was measured of a copy, where the package's manifest cannot be written or belongs to others."""
    figures = content.get("metrics")
    if figures and figures not in (row.manifest.get("metrics"), row.manifest.get(MEASURED_HERE)):
        row.manifest = {**row.manifest, MEASURED_HERE: figures}
        row.save(update_fields=["manifest"])
    return row


def _here(content: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in content.items() if name == MEASURED_HERE}


def _version(name: str) -> str:
    return name[: Weights._meta.get_field("version").max_length]


def _plain(content: dict[str, Any]) -> dict[str, Any]:
    """A manifest as databases accept it: a figure that is no finite number becomes null."""
    plain: dict[str, Any] = json.loads(json.dumps(content), parse_constant=lambda _name: None)
    return plain
