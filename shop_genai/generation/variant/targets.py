"""Which look a variant aims at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from shop_genai.errors import InvalidInputs, InvalidParams
from shop_genai.generation.lab import lab

from . import colours, looks
from .aim import Product, look_for
from .network import VariantVae
from .params import APPEARANCE, COLOUR, LOOK, PRIOR, VariantParams
from .prior import DRAWN, Prior, assigned

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Target:
    """What is aimed at."""

    kind: str  # one of `params.TARGETS`
    look: Vector  # (A,)
    colour: str | None = None  # the name that was aimed at, if one was
    lab: tuple[float, float, float] | None = None  # the mean colour that was aimed at, if one was


class Targets:
    """Chooses looks in the latent space of some weights.

    Args:
        network: in evaluation.
        prior: what looks real products have.
        named: the mean look of each colour's products, as far as the weights bring them along.
    """

    def __init__(self, network: VariantVae, prior: Prior, named: Mapping[str, Sequence[float]]) -> None:
        self.network = network
        self.prior = prior
        self.named = named

    def choose(
        self, asked: VariantParams, seed: int, product: Product, own: Vector, appearance: Vector | None
    ) -> Target:
        """The target of one variant.

        Args:
            asked: what the shop wants.
            seed: of what is drawn.
            product: what is to be changed.
            own: (A,) the product's own look.
            appearance: (A,) the look of the second picture, if there is one.

        Raises:
            InvalidInputs: a second picture is missing, or was given to a target that has no use for it.
            InvalidParams: a look of other weights.
        """
        kind = APPEARANCE if appearance is not None and asked.target == PRIOR else asked.target
        if kind != APPEARANCE and appearance is not None:
            raise InvalidInputs(f"The target “{kind}” takes no second picture.", field="appearance")
        if kind == APPEARANCE:
            if appearance is None:
                raise InvalidInputs("The target “appearance” needs a second picture.", field="appearance")
            target = Target(kind, appearance)  # a real product's: as plausible as a look can be
        elif kind == COLOUR:
            target = self._of_colour(asked.colour, product)
        elif kind == LOOK:
            target = Target(kind, self.prior.clipped(self._unpacked(asked.look)))
        else:
            drawn = self.prior.different(asked.count, seed, own, self._shown)
            if asked.stocked_only:
                return self._in_stock(kind, drawn[: asked.number + 1], asked, product, own)
            target = Target(kind, drawn[asked.number])
        return self._in_stock(kind, target.look[None], asked, product, own) if asked.stocked_only else target

    @torch.no_grad()
    def _shown(self, vectors: Vector) -> Vector:
        """The mean colours that looks, (N, A), ask for, whatever the product: (N, 3) CIELAB."""
        like = next(self.network.parameters())
        levels, _ = self.network.drawn(_tensor(vectors, like))
        shown: Vector = lab(255 * levels.clamp(0, 1).double().cpu().numpy()).mean(axis=1)
        return shown

    def _of_colour(self, colour: str, product: Product) -> Target:
        if colours.is_hex(colour):
            wanted = lab(np.array(colours.from_hex(colour), np.float64))
            return Target(COLOUR, self._matching(wanted, product), None, _triple(wanted))
        name = colours.named(colour)
        if name is None:  # the parameters have checked it
            raise InvalidParams(f"There is no colour {colour!r}.", field="colour")
        return Target(COLOUR, self._of_name(name, product), name)

    def _of_name(self, name: str, product: Product) -> Vector:
        """The mean look of that colour's products; of a colour that no training picture had, one that comes near."""
        if name in self.named:
            return np.array(self.named[name], np.float64)
        return self._matching(np.array(colours.PROTOTYPES[name][0], np.float64), product)

    def _matching(self, wanted: Vector, product: Product) -> Vector:
        known = [*self.named.values()] or [*self.prior.draw(DRAWN, np.random.default_rng(0))]
        like = product.square
        found = look_for(self.network, product, _tensor(wanted, like), _tensor(np.array(known), like))
        return self.prior.clipped(found.double().cpu().numpy())

    def _in_stock(self, kind: str, wanted: Vector, asked: VariantParams, product: Product, own: Vector) -> Target:
        """The stocked colour for the last of the wanted looks, (N, A), when each is to have another one.

        The colour that the picture shows already is left out as long as there are others.
        """
        stocked = {name: self._of_name(name, product).tolist() for name in asked.in_stock.names}
        if len(stocked) > 1:
            (shown,) = assigned(own[None], stocked)
            del stocked[shown]
        name = assigned(wanted, stocked)[-1]
        return Target(kind, np.array(stocked[name]), name)

    def _unpacked(self, text: str) -> Vector:
        vector = np.array(looks.unpack(text), np.float64)
        if len(vector) != self.network.config.appearance:
            raise InvalidParams(
                f"A look of these weights has {self.network.config.appearance} numbers, not {len(vector)}.",
                field="look",
            )
        return vector


def _tensor(values: Vector, like: Tensor) -> Tensor:
    return torch.from_numpy(np.asarray(values, np.float64)).to(like)


def _triple(values: Vector) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third
