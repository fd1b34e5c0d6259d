"""Try-on models of others in a local folder: code and weights that the shop put there and allows by name.

A folder holds ``backend.json`` and whatever that names:

    {"name": "catvton", "entry": "run:open", "licence": "CC BY-NC-SA 4.0", "commercial_ok": false,
     "categories": ["upper", "lower", "dress"], "resolution": [768, 1024], "needs_gpu": true}

``entry`` is a module inside the folder and a callable in it; called as ``open(folder, device)`` it returns an object
with ``fit(request) -> Fit``. Its code runs with all rights of the worker, so only folders that settings name are ever
imported, and nothing is imported before the licence was looked at.
"""

from __future__ import annotations

import importlib
import json
import sys
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shop_genai.errors import BackendUnavailable, ExtraMissing, GenaiError

from .backends import FAMILIES, Backend, Capabilities, Fit, FitRequest

DESCRIPTION = "backend.json"
ENTRIES = {"path"}  # of a configuration
ROOM = "shop_genai_tryon_external"  # under which modules of such folders are kept


@dataclass(frozen=True)
class Described:
    """A folder whose description was read. No code of it has run."""

    folder: Path
    module: str
    function: str
    capabilities: Capabilities

    def open(self, device: str) -> Backend:
        """Import its code and let it load its weights.

        Raises:
            ExtraMissing: it needs a package that is not installed.
            BackendUnavailable: its code cannot be imported or opened.
        """
        name = self.capabilities.name
        try:
            entry = getattr(_imported(self.folder, name, self.module), self.function)
            model = entry(self.folder, device)
        except GenaiError:
            raise
        except ModuleNotFoundError as error:
            raise ExtraMissing(
                f"The try-on method “{name}” needs the Python package {error.name}, which is not installed here.",
                backend=name,
            ) from error
        except Exception as error:  # whatever somebody's code raises
            raise BackendUnavailable(
                f"The try-on method “{name}” could not be opened ({type(error).__name__}).", backend=name
            ) from error
        if not callable(getattr(model, "fit", None)):
            raise BackendUnavailable(f"What “{name}” opened has no method “fit”.", backend=name)
        return External(self.capabilities, model)


class External:
    """A model out of a folder."""

    def __init__(self, able: Capabilities, model: Any) -> None:
        self._able = able
        self._model = model

    def capabilities(self) -> Capabilities:
        """As the folder's description says."""
        return self._able

    def fit(self, request: FitRequest) -> Fit:
        """As the folder's code does."""
        answer: Fit = self._model.fit(request)
        return answer


def read(name: str, entry: Mapping[str, Any]) -> Described:
    """Read a folder's description.

    Args:
        name: what the shop calls it; the description has to agree.
        entry: ``{"path": folder}``.

    Raises:
        BackendUnavailable: there is no such folder, or no sound description in it.
    """
    try:
        return described(name, entry)
    except ValueError as error:
        raise BackendUnavailable(f"The try-on method “{name}” cannot be used: {error}", backend=name) from error


def described(name: str, entry: Mapping[str, Any]) -> Described:
    """As `read`; for system checks.

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    unknown = sorted(set(entry) - ENTRIES)
    if unknown:
        raise ValueError(f"a folder's entry has no “{unknown[0]}”, only: {', '.join(sorted(ENTRIES))}.")
    folder = Path(str(entry["path"])).resolve()
    try:
        content = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except OSError as error:
        raise ValueError(f"there is no readable {DESCRIPTION} in {folder}.") from error
    except ValueError as error:
        raise ValueError(f"{DESCRIPTION} in {folder} is no JSON.") from error
    if not isinstance(content, dict) or content.get("name") != name:
        raise ValueError(f"{DESCRIPTION} in {folder} does not describe “{name}”.")
    module, _, function = str(content.get("entry", "")).partition(":")
    if not all(part.isidentifier() for part in (*module.split("."), function)):
        raise ValueError(f"its entry {content.get('entry')!r} is not of the form “module:callable”.")
    place = folder.joinpath(*module.split("."))
    code = next((path for path in (place.with_suffix(".py"), place / "__init__.py") if path.is_file()), None)
    if code is None or not code.resolve().is_relative_to(folder):
        raise ValueError(f"its module “{module}” does not lie in {folder}.")
    return Described(folder, module, function, terms(name, content))


def terms(name: str, content: Mapping[str, Any], *, remote: bool = False) -> Capabilities:
    """What a description or a configuration says that a method can and may do.

    Raises:
        ValueError: with a sentence that says what is wrong.
    """
    categories = content.get("categories", ("upper",))
    if not isinstance(categories, list | tuple) or not categories or not set(categories) <= set(FAMILIES):
        raise ValueError(f"its categories {categories!r} are not some of {', '.join(FAMILIES)}.")
    resolution = content.get("resolution")
    if resolution is not None:
        sound = isinstance(resolution, list | tuple) and len(resolution) == 2
        if not sound or not all(type(side) is int and 64 <= side <= 8192 for side in resolution):
            raise ValueError(f"its resolution {resolution!r} is not a width and a height of 64 to 8192 pixels.")
        resolution = (resolution[0], resolution[1])
    for key in ("commercial_ok", "needs_gpu"):
        if content.get(key, False) not in (True, False):
            raise ValueError(f"its {key} is neither true nor false.")
    return Capabilities(
        name=name,
        categories=tuple(categories),
        resolution=resolution,
        needs_gpu=bool(content.get("needs_gpu", False)),
        licence=str(content.get("licence", "")),
        commercial_ok=bool(content.get("commercial_ok", False)),
        remote=remote,
        notes=str(content.get("notes", "")),
    )


def _imported(folder: Path, name: str, module: str) -> types.ModuleType:
    """A module of the folder, as part of a package of its own: it can import its neighbours, and shadows nobody's."""
    room = f"{ROOM}_{name}"
    package = sys.modules.get(room)
    if package is None or list(package.__path__) != [str(folder)]:
        for loaded in [key for key in sys.modules if key == room or key.startswith(f"{room}.")]:
            del sys.modules[loaded]
        package = types.ModuleType(room)
        package.__path__ = [str(folder)]
        sys.modules[room] = package
    return importlib.import_module(f"{room}.{module}")
