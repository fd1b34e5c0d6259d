"""A ``Recipe`` is a kind of generation: its input slots, its parameters, and how to open its pipeline.

Recipes are small frozen values without torch. Any installed app adds one in a module ``genai_recipes.py``:

    from dataclasses import dataclass
    from shop_genai.recipes import Recipe, Slot, register

    @dataclass(frozen=True)
    class NoParams:
        pass

    def load(weights, device):
        return GreyscalePipeline()  # called as pipeline(inputs, params, seeds, progress)

    register(Recipe(name="grey", label="Greyscale", slots=(Slot("image"),), params=NoParams, load=load))

The built-in kinds register in the same way, in ``shop_genai/genai_recipes.py``.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from shop_genai.errors import InvalidInputs, InvalidParams, UnknownRecipe
from shop_genai.generation import weights

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import Image

    from shop_genai.generation.weights import Manifest

Progress = Callable[[float], None]


class Output(Protocol):
    """What a pipeline returns for one job: the picture, an optional edit mask (mode L), and plain JSON facts."""

    @property
    def image(self) -> Image.Image: ...

    @property
    def mask(self) -> Image.Image | None: ...

    @property
    def info(self) -> dict[str, Any]: ...


class Pipeline(Protocol):
    """A loaded generator. One call serves a batch of jobs that share recipe, weights and parameters.

    ``inputs`` holds one dict slot → PIL image per job, ``seeds`` one integer per job. ``progress`` receives the
    share done in [0, 1] and may raise to stop the work. One output per job comes back, in order.
    """

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Any,
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> Sequence[Output]: ...


@dataclass(frozen=True, slots=True)
class Slot:
    """One named input picture."""

    name: str
    label: Any = ""
    required: bool = True
    help_text: Any = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure that decides whether weights may replace those in use.

    Args:
        name: where the manifest's measurement keeps it, levels joined by dots: ``"x2 strength 0.psnr_y"``.
        better: ``"max"`` if more is better, ``"min"`` if less is.
        tolerance: differences up to this size, in the figure's own unit, count as equal.
        label: what people read; may be lazily translated. Empty: the name.
    """

    name: str
    better: Literal["max", "min"] = "max"
    tolerance: float = 0.0
    label: Any = ""

    def __post_init__(self) -> None:
        if self.better not in ("max", "min") or not self.tolerance >= 0.0:
            raise ValueError(f"{self.name!r}: better is 'max' or 'min', tolerance is not negative")

    def gain(self, before: float, after: float) -> float:
        """How much better ``after`` is than ``before``; negative if it is worse."""
        return after - before if self.better == "max" else before - after


@dataclass(frozen=True, slots=True)
class Recipe:
    """A kind of generation.

    Args:
        name: stable identifier, used in rows, URLs and storage keys.
        label: what people read; may be lazily translated.
        slots: the input pictures it takes.
        params: a dataclass that validates itself in ``__post_init__`` (raise ``InvalidParams``). Field metadata may
            hold ``label``, ``help_text``, ``choices``, ``minimum``, ``maximum``: forms and schema read them.
        load: ``(weights folder or None for the packaged ones, device) -> Pipeline``. The only place for torch.
        digest: the identity of the weights that ``load`` would open from that folder, without opening them (64 hex
            digits); "" for a recipe without weights.
        manifest: what the weights in that folder say of themselves; None: they lie as the built-in ones do, with a
            manifest beside them that ``generation.weights.manifest`` reads.
        decides: the figures that weights are compared by before they are promoted; none: only by force.
        stands_in: whether pages show an approved result in the place of the shop's own picture. False where it shows
            something else than the product as it is sold; publishing such a result still puts it there.
        weights_of: the kind of weights that it loads, where that is not its own name.
        batch_limit: the largest batch that one call of the pipeline should get.
        lane: ``interactive`` or ``bulk`` unless the caller says otherwise.
    """

    name: str
    label: Any
    slots: tuple[Slot, ...]
    params: type
    load: Callable[[Path | None, str], Pipeline]
    digest: Callable[[Path | None], str] = field(default=lambda folder=None: "")
    batch_limit: int = 8
    lane: str = "bulk"
    description: Any = ""
    manifest: Callable[[Path | None], Manifest] | None = None
    decides: tuple[Figure, ...] = ()
    stands_in: bool = True
    weights_of: str = ""

    @property
    def kind(self) -> str:
        """The kind of weights that it loads."""
        return self.weights_of or self.name

    def read_manifest(self, folder: Path | None) -> Manifest:
        """The manifest of the weights that ``load`` would open from that folder.

        Raises:
            WeightsMissing: there is none.
        """
        return self.manifest(folder) if self.manifest is not None else weights.manifest(self.kind, folder)

    def parse(self, raw: Mapping[str, Any] | None) -> Any:
        """Plain JSON → the params dataclass.

        Raises:
            InvalidParams: an unknown name, a wrong type, or whatever the dataclass itself refuses.
        """
        raw = raw or {}
        if not isinstance(raw, Mapping):
            raise InvalidParams("Parameters must be an object of names and values.", field="params")
        known = {f.name: f for f in dataclasses.fields(self.params)}
        for name in raw:
            if name not in known:
                names = ", ".join(known) or "none"
                raise InvalidParams(f"{self.name} has no parameter “{name}”. It has: {names}.", field=name)
        hints = typing.get_type_hints(self.params)
        values = {name: _checked(name, value, hints[name]) for name, value in raw.items()}
        missing = [
            n
            for n, f in known.items()
            if n not in values and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        ]
        if missing:
            raise InvalidParams(f"{self.name} needs the parameter “{missing[0]}”.", field=missing[0])
        return self.params(**values)

    def dump(self, params: Any) -> dict[str, Any]:
        """The params dataclass → plain JSON with every default spelled out, as the job row keeps it."""
        return dataclasses.asdict(params)

    def check_slots(self, names: typing.Iterable[str]) -> None:
        """Raises InvalidInputs when a required slot is empty or a name is unknown."""
        given = set(names)
        known = {slot.name for slot in self.slots}
        for name in sorted(given - known):
            raise InvalidInputs(f"{self.name} has no input “{name}”.", field=name)
        for slot in self.slots:
            if slot.required and slot.name not in given:
                raise InvalidInputs(f"{self.name} needs an image for “{slot.name}”.", field=slot.name)

    def describe(self) -> list[dict[str, Any]]:
        """One plain dict per parameter (name, type, default, label, help_text, choices, minimum, maximum)."""
        hints = typing.get_type_hints(self.params)
        described = []
        for f in dataclasses.fields(self.params):
            default = None if f.default is dataclasses.MISSING else f.default
            described.append(
                {
                    "name": f.name,
                    "type": _plain_type(hints[f.name]).__name__,
                    "default": default,
                    "label": f.metadata.get("label", f.name.replace("_", " ").capitalize()),
                    "help_text": f.metadata.get("help_text", ""),
                    "choices": f.metadata.get("choices"),
                    "minimum": f.metadata.get("minimum"),
                    "maximum": f.metadata.get("maximum"),
                }
            )
        return described


def params_digest(params: Mapping[str, Any]) -> str:
    """sha256 of canonical JSON: equal parameters in any order give equal digests."""
    canonical = json.dumps(params, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


_registry: dict[str, Recipe] = {}


def register(recipe: Recipe) -> Recipe:
    """Add a recipe. Registering the same name twice is a mistake, not an override.

    Raises:
        ValueError: the name is taken, or is not a lower-case identifier of at most 64 characters.
    """
    if not (recipe.name.isidentifier() and recipe.name == recipe.name.lower() and len(recipe.name) <= 64):
        raise ValueError(f"{recipe.name!r} is not a lower-case identifier of at most 64 characters")
    if recipe.name in _registry:
        raise ValueError(f"A recipe named {recipe.name!r} is registered already")
    _registry[recipe.name] = recipe
    return recipe


def get(name: str) -> Recipe:
    """Raises UnknownRecipe when nothing of that name is registered."""
    try:
        return _registry[name]
    except KeyError:
        known = ", ".join(sorted(_registry)) or "none"
        raise UnknownRecipe(f"There is no recipe “{name}”. Installed: {known}.", recipe=name) from None


def all_recipes() -> list[Recipe]:
    """Every registered recipe, by name."""
    return [_registry[name] for name in sorted(_registry)]


def unregister(name: str) -> None:
    """Take a recipe out again (a shop that does not want a built-in kind; tests)."""
    _registry.pop(name, None)


def _plain_type(hint: Any) -> type:
    """``int | None`` → int; ``Literal["a", "b"]`` → str; a plain class → itself."""
    origin = typing.get_origin(hint)
    if origin is typing.Literal:
        return type(typing.get_args(hint)[0])
    if origin in (typing.Union, types.UnionType):
        return _plain_type(next(arg for arg in typing.get_args(hint) if arg is not type(None)))
    return typing.cast(type, origin or hint)


def _checked(name: str, value: Any, hint: Any) -> Any:
    """The value, an int widened to float where a float is wanted; bool never passes for a number."""
    wanted = _plain_type(hint)
    if value is None and type(None) in typing.get_args(hint):
        return None
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if (wanted in (int, float) and isinstance(value, bool)) or not isinstance(value, wanted):
        raise InvalidParams(
            f"“{name}” must be {wanted.__name__}, not {type(value).__name__}.", field=name, expected=wanted.__name__
        )
    if typing.get_origin(hint) is typing.Literal and value not in typing.get_args(hint):
        allowed = ", ".join(str(choice) for choice in typing.get_args(hint))
        raise InvalidParams(f"“{name}” must be one of: {allowed}.", field=name)
    return value
