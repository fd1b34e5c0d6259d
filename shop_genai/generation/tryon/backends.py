"""Who dresses the person: one interface for all methods, their registry, and what a shop allows. Torch-free.

A backend gets a photo and a garment and gives back the whole photo with the garment worn, and the region that it
changed. Everything around it is the same for all: who is refused (`refusals`), the garment's analysis, and the
paste-back that keeps the photo to the bit outside the region. So a backend cannot touch what it has no business with.

Methods come from three places: `register_backend`, for code that is installed; a folder that the shop allows
(`external`); an address that the shop configured (`remote`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from PIL import Image, ImageChops

from shop_genai.errors import CategoryUnsupported, InvalidParams, PipelineFailed, WeightsNotCommercial

from .params import LANDMARK_GAN, WARP_ONLY

if TYPE_CHECKING:
    from .body import Body
    from .garment import Garment

OWN = (LANDMARK_GAN, WARP_ONLY)
FAMILIES = ("upper", "lower", "dress")  # of garments; skirts are worn below
MOST_WARNINGS = 8
WARNING = re.compile(r"[a-z][a-z0-9_]{0,39}")


@dataclass(frozen=True)
class Capabilities:
    """What a backend can do, and under which terms."""

    name: str
    categories: tuple[str, ...]  # of `FAMILIES`
    resolution: tuple[int, int] | None = None  # width and height that it works at; None: the photo's own
    needs_gpu: bool = False
    licence: str = ""
    commercial_ok: bool = False  # whether a shop may use it by its licence
    remote: bool = False  # whether the shopper's photo is sent to another machine
    notes: str = ""


@dataclass(frozen=True)
class FitRequest:
    """One person and one garment; every picture upright and without metadata."""

    person: Image.Image  # mode RGB
    body: Body  # pose and parse of the person
    garment_picture: Image.Image  # mode RGB
    garment: Garment
    category: str  # of `FAMILIES`
    tuck: str
    outer: str
    seed: int
    region: Image.Image | None = None  # mode L, the photo's size: where others may change it; None: see `Backends.fit`


@dataclass(frozen=True)
class Fit:
    """A backend's answer."""

    picture: Image.Image  # mode RGB, the photo's size
    region: Image.Image  # mode L, the photo's size: 255 where the picture is new, 0 where the photo stays
    confidence: float  # 0..1
    warnings: tuple[str, ...] = ()  # stable codes


class Backend(Protocol):
    """A way of dressing a person."""

    def capabilities(self) -> Capabilities:
        """What it can do."""

    def fit(self, request: FitRequest) -> Fit:
        """Dress the person.

        Raises:
            TryOnRefused: it sees that this cannot be done.
            BackendUnavailable: it is not there now; later it may be.
        """


# Opens a backend. It gets the pipeline that asks, whose networks and device it may use.
Open: TypeAlias = Callable[[Any], Backend]

_registry: dict[str, Open] = {}


def register_backend(name: str, open: Open) -> None:
    """Add a method of installed code.

    Raises:
        ValueError: the name is no lower-case identifier, or is taken.
    """
    if not (name.isidentifier() and name == name.lower() and len(name) <= 64):
        raise ValueError(f"{name!r} is not a lower-case identifier of at most 64 characters")
    if name in _registry:
        raise ValueError(f"A try-on backend named {name!r} is registered already")
    _registry[name] = open


def unregister_backend(name: str) -> None:
    """Take a method out again."""
    _registry.pop(name, None)


def registered() -> tuple[str, ...]:
    """Names of the methods that installed code registered."""
    return tuple(sorted(_registry))


@dataclass(frozen=True)
class BackendOptions:
    """What a shop says about backends; plain values, so that settings can hold them.

    Args:
        default: the method where nobody names one.
        allowed: name → ``{"path": folder, …}`` (see `external`) or ``{"url": address, …}`` (see `remote`).
        allow_non_commercial: take methods too whose licence forbids commercial use.
    """

    default: str = LANDMARK_GAN
    allowed: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    allow_non_commercial: bool = False

    def names(self) -> tuple[str, ...]:
        """Everything that can be asked for: the own methods first."""
        return tuple(dict.fromkeys((*OWN, *registered(), *sorted(self.allowed))))

    def is_remote(self, name: str | None = None) -> bool:
        """Whether that method, or the default, sends the shopper's photo to another machine."""
        return "url" in self.allowed.get(name or self.default, {})

    def remote_names(self) -> tuple[str, ...]:
        """The methods that send photos away."""
        return tuple(name for name in sorted(self.allowed) if self.is_remote(name))


def is_remote(name: str, options: BackendOptions) -> bool:
    """Whether a method sends the shopper's photo to another machine. Consent texts have to say so."""
    return options.is_remote(name)


def names(options: BackendOptions | None = None) -> tuple[str, ...]:
    """Everything that can be asked for."""
    return (options or BackendOptions()).names()


class Backends:
    """The methods that one pipeline can use, each opened when it is first asked for.

    Args:
        options: what the shop allows.
        pipeline: what registered methods are opened with; its `device` is what external ones compute on.
        own: the pipeline's own methods, by name.
    """

    def __init__(self, options: BackendOptions, pipeline: Any, own: Mapping[str, Backend] | None = None) -> None:
        self.options = options
        self._pipeline = pipeline
        self._open: dict[str, Backend] = dict(own or {})

    def get(self, name: str) -> Backend:
        """An open method.

        Raises:
            InvalidParams: there is no such method here.
            WeightsNotCommercial: its licence forbids what shops do, and nobody said that this is no obstacle.
            BackendUnavailable, ExtraMissing: it cannot be opened here.
        """
        if name not in self._open:
            self._open[name] = self._opened(name)
        return self._open[name]

    def fit(self, name: str, request: FitRequest) -> Fit:
        """Dress a person with that method, and check what comes back.

        Methods of others change a photo only where a garment can lie (`reach`): never a face.

        Raises:
            CategoryUnsupported: the method does not do such garments.
            PipelineFailed: its answer is no answer.
        """
        backend = self.get(name)
        able = backend.capabilities()
        if request.category not in able.categories:
            can = ", ".join(able.categories)
            raise CategoryUnsupported(
                f"The method “{name}” does not put on garments of the category “{request.category}”, only: {can}.",
                field="category",
                backend=name,
            )
        if name in OWN:
            return checked(backend.fit(request), request, name)
        if request.region is None:
            from .reach import may_change

            request = replace(request, region=may_change(request.body, request.person.size, request.garment.kind))
        fit = checked(backend.fit(request), request, name)
        # Where the region fades, so does what others drew.
        return replace(fit, picture=Image.composite(fit.picture, request.person, fit.region))

    def _opened(self, name: str) -> Backend:
        if name in _registry:
            backend = _registry[name](self._pipeline)
        elif name in self.options.allowed:
            entry = self.options.allowed[name]
            if "url" in entry:
                from .remote import open_remote

                backend = open_remote(name, entry)
            else:
                from .external import read

                described = read(name, entry)
                self._allow(described.capabilities)  # before any of its code runs
                backend = described.open(str(getattr(self._pipeline, "device", "cpu")))
        else:
            known = ", ".join(self.options.names())
            raise InvalidParams(f"There is no try-on method “{name}” here. There are: {known}.", field="backend")
        self._allow(backend.capabilities())
        return backend

    def _allow(self, able: Capabilities) -> None:
        if not able.commercial_ok and not self.options.allow_non_commercial:
            raise WeightsNotCommercial(
                f"The licence of the try-on method “{able.name}” ({able.licence or 'none is named'}) does not allow "
                "commercial use. A shop that may use it anyway sets SHOP_GENAI[“TRYON_ALLOW_NON_COMMERCIAL”].",
                backend=able.name,
            )


def checked(fit: Fit, request: FitRequest, name: str) -> Fit:
    """A backend's answer, with its region inside what may change; code of others is not believed.

    Raises:
        PipelineFailed: the picture is not of the photo's size and mode, or the confidence is no number from 0 to 1.
    """
    size = request.person.size
    sound = (
        isinstance(fit, Fit)
        and (fit.picture.mode, fit.picture.size) == ("RGB", size)
        and (fit.region.mode, fit.region.size) == ("L", size)
        and math.isfinite(fit.confidence)
        and 0 <= fit.confidence <= 1
    )
    if not sound:
        raise PipelineFailed(
            f"The try-on method “{name}” gave back something else than an RGB picture and a region of "
            f"{size[0]} × {size[1]} pixels with a confidence from 0 to 1."
        )
    region = fit.region if request.region is None else ImageChops.darker(fit.region, request.region)
    return Fit(fit.picture, region, float(fit.confidence), sound_codes(fit.warnings))


def sound_codes(warnings: Iterable[object]) -> tuple[str, ...]:
    """Those warnings that are codes, each once, and not too many."""
    codes = [code for code in warnings if isinstance(code, str) and WARNING.fullmatch(code)]
    return tuple(dict.fromkeys(codes))[:MOST_WARNINGS]
