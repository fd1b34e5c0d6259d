"""The garment on the person, by bending alone: what it looks like there, and how far each of its parts covers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .landmarks import Kind, Point, Sleeves
from .morphology import grown, shrunk
from .placement import Part, flat_skeleton, parts
from .skeleton import ARM, SIDES, Skeleton, limb_of, on_limb
from .warp import places, sampled, spline

Plane = NDArray[np.float32]

OVERLAP = 0.018  # of the longer side of the garment's picture: parts go on under each other, so that no seam opens
UNLIKE, ALIKE = 0.25, 0.07  # differences of colours, of 1: a garment from its ground, and what still is the ground
EDGE = 0.04  # of the longer side: so near the mask's edge ground is looked for
RIM = 0.008  # of the longer side: so wide an edge of a garment's picture takes its colours from further inside
BEYOND = 0.30  # of the body's unit: so far around its landmarks a part may lie
_TOP = (
    *(f"{name}_left" for name in ("neck", "shoulder", "armpit", "hem")),
    *(f"{name}_right" for name in ("hem", "armpit", "shoulder", "neck")),
)
TRUNKS: dict[Kind, tuple[str, ...]] = {  # the landmarks round the part that lies on the trunk
    "upper": _TOP,
    "dress": _TOP,
    "lower": ("waist_left", "hip_left", "crotch", "hip_right", "waist_right"),
    "skirt": ("waist_left", "hip_left", "hem_left", "hem_right", "hip_right", "waist_right"),
}
LARGEST = 768  # pixels, the longer side at which a garment is bent


@dataclass(frozen=True)
class Cloth:
    """A garment ready to be worn: its picture and masks cut to it, its landmarks and bones in their pixels."""

    picture: Tensor  # (1, 3, h, w) in 0..1
    mask: Tensor  # (1, 1, h, w) in 0..1, without the far inner side
    landmarks: Mapping[str, Point]
    skeleton: Skeleton
    kind: Kind
    sleeves: Sleeves
    flat: bool
    visible: Tensor  # (1, 1, h, w): what of the mask the picture shows; arms or hair may lie before the rest


@dataclass(frozen=True)
class Worn:
    """A garment on somebody, in the photo's pixels; (h, w) each, 0..1."""

    colour: Tensor  # (3, h, w)
    trunk: Tensor  # how far its trunk covers
    limbs: Tensor  # how far its sleeves or legs cover, over the trunk
    reach: float  # where its sleeves end along an arm: 1 at the elbow, 2 at the wrist; 0 without sleeves

    @property
    def alpha(self) -> Tensor:
        """How far the garment covers."""
        return 1 - (1 - self.trunk) * (1 - self.limbs)


def cloth_of(
    picture: Image.Image,
    mask: Image.Image,
    landmarks: Mapping[str, Point],
    kind: Kind,
    sleeves: Sleeves,
    skeleton: Skeleton | None,
    before: Image.Image | None = None,
) -> Cloth:
    """Cut out a garment.

    Args:
        picture: RGB.
        mask: mode L, the same size, 255 where the garment shows its outer side.
        landmarks: in the picture's pixels.
        skeleton: of whoever wears it in the picture; None: it lies flat.
        before: mode L, the same size: arms, hair and whatever else may hide a part of it.

    Raises:
        ValueError: the mask is empty.
    """
    box = mask.point(lambda value: 255 if value > 40 else 0).getbbox()
    if box is None:
        raise ValueError("the mask is empty")
    margin = round(0.05 * max(box[2] - box[0], box[3] - box[1]))
    box = (
        max(0, box[0] - margin),
        max(0, box[1] - margin),
        min(picture.width, box[2] + margin),
        min(picture.height, box[3] + margin),
    )
    scale = min(1.0, LARGEST / max(box[2] - box[0], box[3] - box[1]))
    size = max(1, round((box[2] - box[0]) * scale)), max(1, round((box[3] - box[1]) * scale))
    cut = picture.resize(size, Image.Resampling.BOX, box=box, reducing_gap=3.0)
    over = mask.resize(size, Image.Resampling.BOX, box=box, reducing_gap=3.0)
    across, down = size[0] / (box[2] - box[0]), size[1] / (box[3] - box[1])
    matrix = np.array([[across, 0, -box[0] * across], [0, down, -box[1] * down]])
    bones = skeleton if skeleton is not None else flat_skeleton(landmarks, kind, sleeves)
    moved = {name: ((x - box[0]) * across, (y - box[1]) * down) for name, (x, y) in landmarks.items()}
    colour = torch.from_numpy(np.array(cut, np.float32)).permute(2, 0, 1)[None] / 255
    cover = _clear(torch.from_numpy(np.array(over, np.float32))[None, None] / 255)
    if skeleton is None:
        cover = cover * _unlike_ground(colour, cover)
    whole = cover
    if before is not None:
        hiding = before.resize(size, Image.Resampling.BOX, box=box, reducing_gap=3.0)
        y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
        trunk = _polygon_distance(x, y, [np.asarray(moved[name]) for name in TRUNKS[kind]]) == 0
        hidden = np.asarray(hiding, np.float32) / 255 * trunk
        whole = torch.maximum(cover, torch.from_numpy(hidden.astype(np.float32))[None, None])
    return Cloth(colour, whole, moved, bones.moved(matrix), kind, sleeves, skeleton is None, cover)


def _clear(cover: Tensor) -> Tensor:
    """A mask without the faint haze around it that a shadow leaves."""
    return ((cover - 0.5) * 2.5 + 0.5).clamp(0, 1)


def _unlike_ground(colour: Tensor, cover: Tensor) -> Tensor:
    """Near the edge of a garment that looks unlike its ground, what looks like the ground is no garment.

    A mask is coarse, and fills the wedge between sleeve and trunk. (1, 1, h, w) in 0..1.
    """
    outside, inside = cover[0, 0] < 0.1, cover[0, 0] > 0.9
    if int(outside.sum()) < 100 or int(inside.sum()) < 100:
        return torch.ones_like(cover)
    ground, cloth = (colour[0][:, part].median(dim=1).values for part in (outside, inside))
    if float((ground - cloth).abs().max()) < UNLIKE:
        return torch.ones_like(cover)
    apart = (colour - ground.view(1, 3, 1, 1)).abs().amax(dim=1, keepdim=True)
    edge = grown((cover < 0.5).float(), max(1, round(EDGE * max(cover.shape[2:]))))
    return 1 - edge * (1 - ((apart - ALIKE) / ALIKE).clamp(0, 1))


def dressed(cloth: Cloth, skeleton: Skeleton, size: tuple[int, int]) -> Worn:
    """Bend a garment onto a person.

    Args:
        cloth: the garment.
        skeleton: of the person, in pixels of the new picture.
        size: of the new picture, (width, height).
    """
    pieces = parts(cloth.landmarks, cloth.kind, cloth.sleeves, cloth.skeleton, skeleton, flat=cloth.flat)
    shares = _shares(cloth, pieces)
    trunk, limbs = torch.zeros(size[1], size[0]), torch.zeros(size[1], size[0])
    colour = torch.zeros(3, size[1], size[0])
    # The edge's own pixels hold some of the ground that the garment was photographed on.
    spread_out = spread(cloth.picture, shrunk(cloth.visible, max(2, round(RIM * max(cloth.mask.shape[2:])))))
    for piece in pieces:
        box = _box(piece, skeleton.width, size)
        if box is None:
            continue
        shift = np.array([box[0], box[1]], np.float64)
        where = places(spline(piece.end - shift, piece.start), (box[2] - box[0], box[3] - box[1]))
        # Bicubic: a print is as sharp as its picture is.
        cover = sampled(torch.from_numpy(shares[piece.name])[None, None] * cloth.mask, where, "bilinear")[0, 0]
        inside = _within(where, cloth.mask.shape[3], cloth.mask.shape[2])
        cover = (cover * inside).clamp(0, 1)
        shown = sampled(spread_out, where)[0].clamp(0, 1)
        area = (slice(box[1], box[3]), slice(box[0], box[2]))
        colour[:, *area] = colour[:, *area] * (1 - cover) + shown * cover
        if piece.name == "trunk":
            trunk[area] = cover
        else:
            limbs[area] = 1 - (1 - limbs[area]) * (1 - cover)
    alpha = 1 - (1 - trunk) * (1 - limbs)
    # Colours were laid over black; the picture is wanted as if it went on beyond its edge.
    return Worn(
        spread(colour[None] / alpha.clamp_min(1e-3), (alpha > 0.5).float()[None, None])[0], trunk, limbs, _reach(cloth)
    )


def spread(picture: Tensor, mask: Tensor) -> Tensor:
    """Colours go on beyond a mask's edge: what is not masked gets the mean of what is near, farther and farther away.

    Source: Gortler et al. 1996, "The Lumigraph" (push and pull).
    """
    if min(picture.shape[2:]) < 2:
        return picture
    weight = (mask > 0.5).float()
    return _pulled(picture * weight, weight) * (1 - weight) + picture * weight


def _pulled(colour: Tensor, weight: Tensor) -> Tensor:
    """Colours times weights → colours everywhere."""
    height, width = colour.shape[2:]
    if min(height, width) < 2 or bool((weight > 0.5).all()):
        total = weight.sum(dim=(2, 3), keepdim=True).clamp_min(1e-6)
        mean = colour.sum(dim=(2, 3), keepdim=True) / total
        return torch.where(weight > 1e-6, colour / weight.clamp_min(1e-6), mean)
    small = F.avg_pool2d(torch.cat([colour, weight], 1), 2, ceil_mode=True, count_include_pad=False)
    share = small[:, 3:].clamp_max(1.0)
    # A place that is seen at all counts as seen: else edges would fade.
    full = (share * 4).clamp_max(1.0)
    below = _pulled(small[:, :3] / share.clamp_min(1e-6) * full, full)
    below = F.interpolate(below, size=(height, width), mode="bilinear", align_corners=False)
    return colour + (1 - weight) * below


def _shares(cloth: Cloth, pieces: list[Part]) -> dict[str, Plane]:
    """How far each pixel of the garment's picture belongs to each part; they overlap a little."""
    height, width = cloth.mask.shape[2:]
    if len(pieces) == 1:
        return {pieces[0].name: np.ones((height, width), np.float32)}
    step = 4
    y, x = np.mgrid[0 : -(-height // step), 0 : -(-width // step)].astype(np.float32) * step + step / 2
    distances = _distances(cloth, x, y)
    overlap = OVERLAP * max(height, width)
    shares = {}
    for name, distance in distances.items():
        others = np.min([other for key, other in distances.items() if key != name], axis=0)
        # The trunk goes on less far, or its corners would stand off where a sleeve hangs.
        beyond = 0.6 if name == "trunk" else 1.0
        share = np.clip((others - distance) / overlap + beyond, 0, 1).astype(np.float32)
        shares[name] = np.array(Image.fromarray(share).resize((width, height), Image.Resampling.BILINEAR))
    return shares


def _distances(cloth: Cloth, x: Plane, y: Plane) -> dict[str, Plane]:
    """Pixels from each part's own area, (h, w) each."""
    at = {name: np.asarray(point, np.float64) for name, point in cloth.landmarks.items()}
    found: dict[str, Plane] = {}
    if cloth.kind == "lower":
        found["trunk"] = _polygon_distance(
            x, y, [at[n] for n in ("waist_left", "hip_left", "crotch", "hip_right", "waist_right")]
        )
        for side in SIDES:
            corners = [at[f"hip_{side}"], at[f"hem_outer_{side}"], at[f"hem_inner_{side}"], at["crotch"]]
            found[f"{side}_leg"] = _polygon_distance(x, y, corners)
        return found
    found["trunk"] = _polygon_distance(x, y, [at[name] for name in TRUNKS[cloth.kind]])
    for side in SIDES:
        if cloth.flat:
            corners = [at[f"{name}_{side}"] for name in ("shoulder", "cuff_outer", "cuff_inner", "armpit")]
            found[f"{side}_arm"] = _polygon_distance(x, y, corners)
            continue
        arm, along = _arm_distance(cloth, side, x, y)
        reach = 0.17 * cloth.skeleton.width
        # Within the trunk's area an arm counts only below the armpit, where it lies before the trunk.
        sleeve = np.maximum(0, arm - reach)
        root, pit = at[f"shoulder_{side}"], at[f"armpit_{side}"]
        away = _beyond(x, y, root, pit, at[f"shoulder_{'right' if side == 'left' else 'left'}"])
        sleeve = np.where(along < 0.55, np.maximum(sleeve, -away), sleeve)
        # No farther than the sleeve goes: a bare arm before a shirt is none of it.
        last = _cuff(cloth, side)
        before = (along >= 0.55) & (along < last + 0.05) & (arm < 0.16 * cloth.skeleton.width)
        sleeve += np.maximum(0, along - last - 0.05) * cloth.skeleton.width
        found[f"{side}_arm"] = sleeve.astype(np.float32)
        found["trunk"] = np.where(before, np.maximum(found["trunk"], 0.2 * cloth.skeleton.width), found["trunk"])
    return found


def _reach(cloth: Cloth) -> float:
    if cloth.kind not in ("upper", "dress") or cloth.sleeves == "none":
        return 0.0
    return max(_cuff(cloth, side) for side in SIDES)


def _cuff(cloth: Cloth, side: str) -> float:
    """How far along the arm a sleeve ends."""
    ends = (np.asarray(cloth.landmarks[f"cuff_{edge}_{side}"], np.float64) for edge in ("outer", "inner"))
    return max(on_limb(end, cloth.skeleton, limb_of(side, ARM))[0] for end in ends)


def _arm_distance(cloth: Cloth, side: str, x: Plane, y: Plane) -> tuple[Plane, Plane]:
    """Pixels from an arm's bones, and how far along them the nearest place is."""
    best, along = np.full_like(x, np.inf), np.zeros_like(x)
    for number, (first, second) in enumerate((("shoulder", "elbow"), ("elbow", "wrist"))):
        start, end = cloth.skeleton[f"{side}_{first}"], cloth.skeleton[f"{side}_{second}"]
        if number == 1:
            end = end + (end - start) * 0.3
        way = end - start
        share = np.clip(((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(float(way @ way), 1e-6), 0, 1)
        distance = np.hypot(x - start[0] - share * way[0], y - start[1] - share * way[1])
        along = np.where(distance < best, share + number, along)
        best = np.minimum(distance, best)
    return best.astype(np.float32), along.astype(np.float32)


def _beyond(x: Plane, y: Plane, start: np.ndarray, end: np.ndarray, inner: np.ndarray) -> Plane:
    """Signed pixels beyond the line through two points, positive on the side away from `inner`."""
    way = (end - start) / max(float(np.linalg.norm(end - start)), 1e-6)
    normal = np.array([way[1], -way[0]])
    if normal @ (inner - start) > 0:
        normal = -normal
    return np.asarray((x - start[0]) * normal[0] + (y - start[1]) * normal[1], np.float32)


def _polygon_distance(x: Plane, y: Plane, corners: list[np.ndarray]) -> Plane:
    """Pixels from a polygon; 0 inside."""
    distance = np.full_like(x, np.inf)
    crossings = np.zeros(x.shape, int)
    for start, end in zip(corners, corners[1:] + corners[:1], strict=True):
        way = end - start
        share = np.clip(((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(float(way @ way), 1e-6), 0, 1)
        distance = np.minimum(distance, np.hypot(x - start[0] - share * way[0], y - start[1] - share * way[1]))
        upward = (start[1] <= y) != (end[1] <= y)
        if abs(way[1]) > 1e-9:
            crossings += upward & (x < start[0] + (y - start[1]) * way[0] / way[1])
    return np.where(crossings % 2 == 1, 0, distance).astype(np.float32)


def _box(piece: Part, unit: float, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """The part of the photo where a piece may come to lie; None: it is out of the picture."""
    low, high = piece.end.min(axis=0) - BEYOND * unit, piece.end.max(axis=0) + BEYOND * unit
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(size[0], int(high[0]) + 1), min(size[1], int(high[1]) + 1)
    return (left, top, right, bottom) if right - left > 1 and bottom - top > 1 else None


def _within(where: Tensor, width: int, height: int) -> Tensor:
    """(h, w): 1 where a place lies in the garment's picture, falling to 0 just beyond."""
    x, y = where[0, 0], where[0, 1]
    return torch.minimum(torch.minimum(x + 0.5, width + 0.5 - x), torch.minimum(y + 0.5, height + 0.5 - y)).clamp(0, 1)
