"""The person without the old garment, drawn by rule, and how far the new one covers: what the composer starts from.

Under a garment is what is not seen. It is drawn from what is: the ground goes on, trousers go on up to the waist, and
skin, in the tone of the person's own face and arms, lies round the bones. The composer corrects all of it; it never
sees the old garment, so that nothing of it can come back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from .dressing import Worn, spread
from .frame import HEIGHT
from .landmarks import Kind
from .morphology import grown, shrunk
from .parse import Parse
from .skeleton import SIDES, Limb, Skeleton, Vector

Plane = NDArray[np.float32]

MAPS = ("hair", "face", "lower", "limbs", "erased", "trunk", "kept", "bones")
ERASED = 6  # pixels of the working size around the old garment that go as well: its edge, its shadow
CLOSED = 7  # pixels: half of the widest gap between parts that is closed
SOFT = 3  # pixels over which the edit region ends
ARM_RADII = (0.14, 0.12, 0.12, 0.08)  # of the body's unit: shoulder, elbow, below it, wrist
LEG_RADII = (0.26, 0.17, 0.16, 0.10)
WAIST = 0.80  # of the trunk's length: where trousers end when nothing is known
NECK = 0.19  # of the body's unit: half the neck's width
NEUTRAL = (0.23, 0.24, 0.27)  # trousers of which nothing is seen


@dataclass(frozen=True)
class Draft:
    """What the composer gets. Planes are (h, w) in 0..1."""

    under: Tensor  # (3, h, w): the person without the garment
    warped: Tensor  # (3, h, w): the garment
    alpha: Tensor  # how far the garment covers
    region: Tensor  # where the picture may change
    maps: Tensor  # (8, h, w), see MAPS
    limbs: Tensor  # how far sleeves or legs cover
    drawn: Tensor  # where skin and trousers were drawn that the photo does not show; elsewhere the ground goes on
    invented: float  # share of the region in which skin was drawn that the photo does not show


def drafted(
    photo: Tensor,
    parse: Parse,
    skeleton: Skeleton,
    worn: Worn,
    kind: Kind,
    tuck: str = "auto",
    sharp: Mapping[str, Tensor] | None = None,
    inner: Tensor | None = None,
) -> Draft:
    """Draw the person without the garment that goes, and lay the new one out.

    Args:
        photo: (3, h, w) in 0..1, the person framed.
        parse: what the photo shows, at its size.
        skeleton: in its pixels.
        worn: the new garment there.
        kind: of the new garment.
        tuck: "in": a top ends at the waist; else it hangs as long as it is.
        sharp: parts whose edges are known better than the parse knows them, (h, w) each.
        inner: (h, w), where what is under an open jacket shows, if the jacket stays on.
    """
    planes = {name: torch.from_numpy(np.array(parse[name])) for name in parse.planes} | dict(sharp or {})
    body = _Body(skeleton, photo.shape[1], photo.shape[2])
    scale = photo.shape[1] / HEIGHT
    wide, gap, soft = (max(1, round(pixels * scale)) for pixels in (ERASED, CLOSED, SOFT))
    hair, face, arms = planes["hair"], planes["face"], planes["arms"]
    head = (hair + face).clamp(0, 1)
    going = _going(planes, kind)
    if inner is not None:
        going = going * inner
    if kind in ("upper", "dress"):
        # Whatever covers the chest goes, even what the parse has no name for: a shirt seen under an open collar.
        rest = 1 - hair - face - arms - planes["lower"] - going
        going = torch.maximum(going, rest * body.chest * body.above(WAIST)).clamp(0, 1)
        # A long sleeve takes the place of a bare arm.
        going = torch.maximum(going, arms * (1 - body.past(worn.reach - 0.15)) if worn.reach else going)
    stays = torch.maximum(head, planes["legs"] if kind == "upper" else torch.zeros_like(head))
    # At the neck the old collar's edge goes too; in the face nothing does.
    stays = (stays > 0.5).float()
    stays = torch.where(body.above(-0.16) > 0.5, stays, shrunk(stays, max(1, wide - 2)))
    erased = grown((going > 0.4).float(), wide) * (1 - stays)
    erased = erased * (1 - shrunk(((arms > 0.6) & (going < 0.4)).float(), 3))

    under, invented, body_drawn = _underneath(photo, planes, body, erased, kind, worn.reach)
    trunk, limbs = worn.trunk, worn.limbs
    # Where a sleeve came loose from the trunk the cloth goes on.
    covered = 1 - (1 - trunk) * (1 - limbs)
    trunk = torch.maximum(trunk, shrunk(grown(covered, gap), gap) * (1 - limbs) * body.above(0.7))
    # Bare arms and the hands lie before the trunk, from where a sleeve ends; never at the shoulder.
    before = torch.maximum(arms, invented) * body.past(max(0.2, worn.reach - 0.1))
    if kind == "upper":
        if tuck == "in":
            trunk = trunk * body.above(WAIST)
        limbs = limbs * (1 - head)
        trunk = trunk * (1 - before) * (1 - head)
    else:
        top = planes["upper"] if kind in ("lower", "skirt") else torch.zeros_like(head)
        kept = torch.maximum(torch.maximum(top, before), head)
        trunk, limbs = trunk * (1 - kept), limbs * (1 - kept)
    alpha = 1 - (1 - trunk) * (1 - limbs)
    if inner is not None:
        alpha, limbs = alpha * inner, limbs * inner
    kept = (before * (1 - invented)).clamp(0, 1)
    changed = torch.maximum(erased, (alpha > 0.02).float())
    region = _feathered(changed, head, inner, soft)
    maps = torch.stack([hair, face, planes["lower"], torch.maximum(invented, arms), erased, trunk, kept, body.bones])
    under = photo * (1 - region) + under * region
    share = float((invented * erased * (1 - alpha)).sum() / region.sum().clamp_min(1.0))
    return Draft(under, worn.colour, alpha, region, maps, limbs, body_drawn, share)


def _going(planes: Mapping[str, Tensor], kind: Kind) -> Tensor:
    """The old garment that the new one takes the place of."""
    if kind == "upper":
        return planes["upper"]
    if kind == "dress":
        return (planes["upper"] + planes["lower"]).clamp(0, 1)
    return planes["lower"]


def _underneath(
    photo: Tensor, planes: Mapping[str, Tensor], body: _Body, erased: Tensor, kind: Kind, reach: float
) -> tuple[Tensor, Tensor, Tensor]:
    """The photo with the erased part filled; where limbs were drawn for it, and where anything was, (h, w) each."""
    seen = 1 - grown(erased, 2)
    ground = _continued(photo, (planes["ground"] * seen > 0.85).float())
    filled = photo * (1 - erased) + ground * erased
    drawn = torch.zeros_like(erased)
    if kind in ("upper", "dress"):
        lower = (planes["lower"] * seen > 0.7).float()
        cloth = _continued(photo, lower) if lower.sum() > 60 else _plain(photo)
        if kind == "upper":
            hips = body.hips(lower) * erased * (1 - body.above(WAIST))
            filled = filled * (1 - hips) + cloth * hips
            drawn = torch.maximum(drawn, hips)
    tone = _tone(photo, planes, seen)[:, None, None]
    # Under a sleeve no arm need be drawn.
    arms = body.arms * body.past(reach - 0.15) if reach else body.arms
    if kind in ("upper", "dress"):
        chest = torch.maximum(body.chest, body.neck) * erased
        chest = chest * body.above(WAIST) if kind == "upper" else chest
        filled = filled * (1 - chest) + tone * chest
        drawn = torch.maximum(drawn, chest)
    where = {"upper": arms, "dress": torch.maximum(arms, body.legs)}.get(kind, body.legs) * erased
    filled = filled * (1 - where) + (tone * body.shade).clamp(0, 1) * where
    limbs = body.legs if kind in ("lower", "skirt") else arms
    return filled, limbs * erased, torch.maximum(drawn, where)


def _tone(photo: Tensor, planes: Mapping[str, Tensor], seen: Tensor) -> Tensor:
    """(3,): the person's skin, the median of what is surely skin."""
    for parts, least in ((("face",), 150), (("face", "arms"), 60), (("face", "arms", "legs"), 10)):
        sure = (torch.stack([planes[part] for part in parts]).sum(dim=0) * seen) > 0.75
        if int(sure.sum()) >= least:
            return photo[:, sure].median(dim=1).values
    return torch.tensor([0.75, 0.58, 0.48])


def _continued(photo: Tensor, mask: Tensor) -> Tensor:
    """What is masked, going on everywhere. It is smooth anyway, so half the resolution will do."""
    small = F.avg_pool2d(torch.cat([photo * mask, mask[None]]), 2)
    weight = (small[3:] > 0.5).float()
    filled = spread((small[:3] / small[3:].clamp_min(1e-3))[None], weight[None])
    return F.interpolate(filled, size=photo.shape[1:], mode="bilinear", align_corners=False)[0]


def _plain(photo: Tensor) -> Tensor:
    return torch.tensor(NEUTRAL)[:, None, None].expand_as(photo)


class _Body:
    """Where a body without clothes would be, from its bones; (h, w) planes in 0..1."""

    def __init__(self, skeleton: Skeleton, height: int, width: int) -> None:
        self.skeleton = skeleton
        self._size = (height, width)
        # Drawn at half the resolution: all of it is soft.
        y, x = np.mgrid[0 : height // 2, 0 : width // 2].astype(np.float32) * 2 + 1
        self._x, self._y = x, y
        unit = skeleton.width
        trunk = skeleton.pelvis - skeleton.neck
        self._down = ((x - skeleton.neck[0]) * trunk[0] + (y - skeleton.neck[1]) * trunk[1]) / max(
            float(trunk @ trunk), 1.0
        )
        arms, arm_shade, along = self._limb(("shoulder", "elbow", "wrist"), ARM_RADII)
        legs, leg_shade, _ = self._limb(("hip", "knee", "ankle"), LEG_RADII)
        self.arms, self.legs = self._full(arms), self._full(legs)
        self._along = along
        self.shade = self._full(np.where(arms >= legs, arm_shade, leg_shade))
        head = skeleton.neck + (skeleton.neck - skeleton.pelvis) * 0.3
        throat = self._near(head, skeleton.neck, NECK * unit, NECK * unit * 1.25)[0]
        self.neck = self._full(throat)
        axis = trunk / max(float(np.linalg.norm(trunk)), 1e-6)
        across = np.array([axis[1], -axis[0]]) * unit
        if across @ (skeleton["left_shoulder"] - skeleton["right_shoulder"]) < 0:
            across = -across
        # From the neck's sides down over the shoulders to the waist and the hips, once to the left and once back.
        outline = ((0.17, -0.20), (0.44, -0.06), (0.52, 0.08), (0.46, 0.45), (0.40, 0.95), (0.46, 1.40))
        left = [skeleton.neck + across * beside + axis * unit * down for beside, down in outline]
        right = [skeleton.neck - across * beside + axis * unit * down for beside, down in outline]
        self.chest = self._full(self._polygon(left + right[::-1]))
        self._axis, self._across = axis * unit, across
        lines = np.zeros_like(x)
        for side in SIDES:
            for first, second in (
                ("shoulder", "elbow"),
                ("elbow", "wrist"),
                ("shoulder", "hip"),
                ("hip", "knee"),
                ("knee", "ankle"),
            ):
                start, end = skeleton[f"{side}_{first}"], skeleton[f"{side}_{second}"]
                lines = np.maximum(lines, self._near(start, end, 0.02 * unit, 0.02 * unit)[0])
        self.bones = self._full(lines)

    def _full(self, plane: Plane) -> Tensor:
        small = torch.from_numpy(np.ascontiguousarray(plane, np.float32))[None, None]
        return F.interpolate(small, size=self._size, mode="bilinear", align_corners=False)[0, 0]

    def past(self, along: float) -> Tensor:
        """1 on the arms from that place along them on."""
        return self._full(np.clip((self._along - along) / 0.12, 0, 1).astype(np.float32))

    def hips(self, seen: Tensor) -> Tensor:
        """Waist and hips, as wide as the trousers that are seen below, (h, w)."""
        neck, along, across = self.skeleton.neck, self._axis, self._across
        x, y = self._x - neck[0], self._y - neck[1]
        unit = max(float(along @ along), 1.0)
        down, beside = (x * along[0] + y * along[1]) / unit, (x * across[0] + y * across[1]) / unit
        there = F.avg_pool2d(seen[None, None], 2)[0, 0].numpy() > 0.5
        trunk = float(np.linalg.norm(self.skeleton.pelvis - neck)) / unit**0.5
        rows = there & (np.abs(beside) < 0.75) & (down > trunk - 0.2)
        sides = (-0.48, 0.48)
        if rows.sum() > 50:
            first = float(np.percentile(down[rows], 5))
            top = rows & (down < first + 0.25)
            sides = (float(np.percentile(beside[top], 3)), float(np.percentile(beside[top], 97)))
        left, right = (
            float(np.clip(side, *span)) for side, span in zip(sides, ((-0.56, -0.3), (0.3, 0.56)), strict=True)
        )
        outline = ((0.66, -0.5), (0.8, -0.15), (1.0, 0.3), (1.0, 1.2))  # from the waist down, in half widths
        corners = [(left * wide, trunk + depth) for wide, depth in outline]
        corners += [(right * wide, trunk + depth) for wide, depth in reversed(outline)]
        return self._full(self._polygon([neck + across * side + along * depth for side, depth in corners]))

    def above(self, share: float) -> Tensor:
        """1 over that share of the way from the neck to the pelvis, 0 under it."""
        length = max(float(np.linalg.norm(self.skeleton.pelvis - self.skeleton.neck)), 1.0)
        return self._full(np.clip((share - self._down) * length / 2 + 0.5, 0, 1).astype(np.float32))

    def _limb(self, joints: Limb, radii: tuple[float, ...]) -> tuple[Plane, Plane, Plane]:
        """Cover, shade and how far along, of both limbs."""
        cover = np.zeros_like(self._x)
        shade, along, nearest = np.ones_like(self._x), np.zeros_like(self._x), np.full_like(self._x, np.inf)
        unit = self.skeleton.width
        for side in SIDES:
            for number in range(2):
                start, end = (self.skeleton[f"{side}_{joints[number + k]}"] for k in range(2))
                near, offset, share = self._near(start, end, radii[2 * number] * unit, radii[2 * number + 1] * unit)
                closer = near > cover
                # Beside a limb as well: hands are wider than wrists.
                away = np.hypot(
                    self._x - start[0] - share * (end - start)[0], self._y - start[1] - share * (end - start)[1]
                )
                along = np.where(away < nearest, share + number, along)
                nearest = np.minimum(nearest, away)
                # A cylinder in soft light from the front: darker towards its edges.
                shade = np.where(closer, 1.0 - 0.18 * offset**3, shade)
                cover = np.maximum(cover, near)
        return cover.astype(np.float32), shade.astype(np.float32), along.astype(np.float32)

    def _near(self, start: Vector, end: Vector, first: float, last: float) -> tuple[Plane, Plane, Plane]:
        """Cover of a tapering capsule, distance from its axis in radii, and share of its length."""
        way = end - start
        share = np.clip(
            ((self._x - start[0]) * way[0] + (self._y - start[1]) * way[1]) / max(float(way @ way), 1e-6), 0, 1
        )
        distance = np.hypot(self._x - start[0] - share * way[0], self._y - start[1] - share * way[1])
        radius = first + (last - first) * share
        offset = distance / np.maximum(radius, 1e-3)
        return np.clip((radius - distance) / 2 + 0.5, 0, 1), np.clip(offset, 0, 1), share

    def _polygon(self, corners: list[Vector]) -> Plane:
        """Cover of a polygon."""
        distance, crossings = np.full_like(self._x, np.inf), np.zeros(self._x.shape, int)
        for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
            way = end - start
            share = ((self._x - start[0]) * way[0] + (self._y - start[1]) * way[1]) / max(float(way @ way), 1e-6)
            share = np.clip(share, 0, 1)
            away = np.hypot(self._x - start[0] - share * way[0], self._y - start[1] - share * way[1])
            distance = np.minimum(distance, away)
            if abs(way[1]) > 1e-9:
                between = (start[1] <= self._y) != (end[1] <= self._y)
                crossings += between & (self._x < start[0] + (self._y - start[1]) * way[0] / way[1])
        signed = np.where(crossings % 2 == 1, distance, -distance)
        return np.asarray(np.clip(signed / 2 + 0.5, 0, 1), np.float32)


def _feathered(changed: Tensor, head: Tensor, inner: Tensor | None, reach: int) -> Tensor:
    """The edit region: what changes and a soft edge around it, never the inside of face and hair."""
    wide = grown(changed, reach)
    soft = F.avg_pool2d(F.pad(wide[None, None], (reach,) * 4, mode="replicate"), 2 * reach + 1, 1)[0, 0]
    region = torch.maximum(soft, changed) * (1 - shrunk((head > 0.5).float(), max(1, reach - 1)))
    if inner is not None:
        region = region * grown((inner > 0.5).float(), reach)
    return torch.where(region < 0.02, torch.zeros_like(region), region)
