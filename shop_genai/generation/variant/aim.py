"""A look for a colour: which look gives this product that colour."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from torch import Tensor

from .grid import applied
from .losses import lab
from .network import Content, Curve, VariantVae

STEPS = 8  # of the refinement
DAMPING = 1e-3  # of the normal matrix, as a share of its trace: far colours are approached in steps
NEAR = 0.5  # ΔE at which a colour counts as met
SIDE = 64  # pixels of the square that mean colours are taken from


@dataclass(frozen=True)
class Product:
    """A product as the networks see it; batches of one."""

    square: Tensor  # (1, 3, S, S) in [0, 1]
    mask: Tensor  # (1, 1, S, S) in [0, 1]
    content: Content


def expanded(content: Content, count: int) -> Content:
    """One content as a batch of `count` equal ones, without copies."""
    curve = Curve(**{part.name: _repeated(getattr(content.curve, part.name), count) for part in fields(Curve)})
    return Content(curve, _repeated(content.maps, count), _repeated(content.pooled, count))


def mean_colours(network: VariantVae, product: Product, looks: Tensor) -> Tensor:
    """The product's mean colour in each look, (N, A) → (N, 3) CIELAB; differentiable."""
    grids = network.decode(expanded(product.content, len(looks)), looks)
    square = torch.nn.functional.interpolate(product.square, (SIDE, SIDE), mode="area")
    mask = torch.nn.functional.interpolate(product.mask, (SIDE, SIDE), mode="area")
    mask = torch.where(mask.sum() > 0, mask, torch.ones_like(mask))
    colours = lab(applied(grids, square.expand(len(looks), -1, -1, -1)))  # (N, 3, SIDE, SIDE)
    return (colours * mask).sum(dim=(2, 3)) / mask.sum()


def look_for(network: VariantVae, product: Product, wanted: Tensor, known: Tensor) -> Tensor:
    """A look in which the product's mean colour is the wanted one, or as near to it as the steps lead.

    Starts from the known look that comes nearest, and moves by the smallest change that should do (Gauss-Newton); so
    the result stays as plausible as what it started from.

    Args:
        network: in evaluation, on the product's device.
        product: whose colour it is about.
        wanted: (3,) CIELAB.
        known: (K, A) looks of real products, or drawn ones.

    Returns:
        (A,)

    Source: Nocedal and Wright 2006, "Numerical Optimization", section 10.3 (Gauss-Newton, Levenberg-Marquardt).
    """
    with torch.no_grad():
        start = (mean_colours(network, product, known) - wanted).norm(dim=1).argmin()
    best = look = known[start]
    change = torch.zeros_like(look)
    least = float("inf")
    step = 1.0
    for _ in range(STEPS):
        with torch.enable_grad():
            variable = look.clone().requires_grad_(True)
            reached = mean_colours(network, product, variable[None])[0]
            slopes = torch.stack([torch.autograd.grad(part, variable, retain_graph=True)[0] for part in reached])
        error = wanted - reached.detach()
        distance = float(error.norm())
        if distance < least:
            best, least, step = look, distance, min(1.0, 2 * step)
            normal = slopes @ slopes.T  # (3, 3)
            damped = normal + DAMPING * normal.trace() * torch.eye(3).to(normal) + 1e-9 * torch.eye(3).to(normal)
            change = slopes.T @ torch.linalg.solve(damped, error)
        else:
            step /= 4  # too far: from the best one again, and not as far
        if least <= NEAR:
            break
        look = best + step * change
    return best


def _repeated(part: Tensor, count: int) -> Tensor:
    return part.expand(count, *part.shape[1:])
