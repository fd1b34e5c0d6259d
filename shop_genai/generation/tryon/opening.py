"""What of a garment's picture is its far inner side, seen through the opening for the neck or the waist.

Who wears a garment fills its openings: the back of the collar with its label and the lining are not seen any more. The
landmark network says coarsely where they are; the border is then the best closed line around that place: a line along
which the picture breaks, that parts what the network takes for inside from the rest, and that does not jump.

Source: Amini, Weymouth and Jain 1990, "Using Dynamic Programming for Solving Variational Problems in Vision" (the best
line of all, found exactly); here in polar coordinates around the opening.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from .landmarks import NECK, Kind, Point
from .lining import with_what_is_behind

Values = NDArray[np.float32]

ANGLES, RADII = 144, 112  # of the polar picture
SURE = 0.5  # probability from which a place counts as inside
LEAST = 0.0004  # of the garment's longer side squared: a smaller opening is none
ALONG = ((-2, 1 / 9), (-1, 2 / 9), (0, 3 / 9), (1, 2 / 9), (2, 1 / 9))  # neighbouring angles, and their weights
REGION, EDGE, BEND = 0.16, 1.6, 0.16  # weights: of the network's word, of the picture's edges, of a jump by one radius
JUMP = 6  # radii between neighbouring angles at most
CLEAR = 0.28  # strength of edges along the border below which it is a guess
FAINTEST = 0.05  # of 0..1: a difference of colours that counts as an edge in full, where there is none stronger
BEYOND = 2.4  # of the neck's or waist's width: so far from its middle the picture is looked at
AROUND = 1.4  # how far beyond the network's place the border is looked for
CLOSE = 0.03  # of the garment's longer side: how far an inner side may lie from its opening


def inner_side(
    picture: Image.Image, mask: Image.Image, likely: Image.Image, kind: Kind, landmarks: Mapping[str, Point]
) -> tuple[Image.Image, bool]:
    """The inner side, mode L, of the picture's size, and whether its border is a guess.

    Args:
        picture: RGB.
        mask: the garment, mode L.
        likely: what the network says, mode L: 255 inside for certain.
        kind, landmarks: of the garment.
    """
    whole = Image.new("L", picture.size)
    box = _around(kind, landmarks, picture.size)
    if box[2] - box[0] < 3 or box[3] - box[1] < 3:
        return whole, False
    moved = {name: (x - box[0], y - box[1]) for name, (x, y) in landmarks.items()}
    part, guessed = _inner_side(picture.crop(box), mask.crop(box), likely.crop(box), kind, moved)
    whole.paste(part, box)
    return whole, guessed


def _inner_side(
    picture: Image.Image, mask: Image.Image, likely: Image.Image, kind: Kind, landmarks: Mapping[str, Point]
) -> tuple[Image.Image, bool]:
    """The same for the part of a picture that is around the opening."""
    cloth = np.asarray(mask, np.float32) / np.float32(255)
    here = np.asarray(likely, np.float32) / np.float32(255) * cloth * _zone(picture.size, kind, landmarks)
    found = here >= SURE
    if found.sum() < LEAST * _extent(landmarks) ** 2:
        nothing = Image.new("L", picture.size)
        hidden = nothing if kind in ("lower", "skirt") else with_what_is_behind(nothing, mask, likely, landmarks)
        return hidden, False
    if kind in ("lower", "skirt"):  # a thin crescent, for which a closed line is too coarse
        return Image.fromarray(_bytes(np.clip(here * np.float32(2) - np.float32(0.5), 0, 1))), False
    rows, columns = np.nonzero(found)
    centre = (float(np.median(columns)), float(np.median(rows)))
    reach = float(np.percentile(np.hypot(columns - centre[0], rows - centre[1]), 98)) * AROUND + 4
    radii, strength = _border(picture, cloth, here, centre, reach)
    angles = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    line = np.stack([centre[0] + radii * np.cos(angles), centre[1] + radii * np.sin(angles)], axis=1)
    drawn = Image.new("L", picture.size)
    ImageDraw.Draw(drawn).polygon([(x, y) for x, y in line.tolist()], fill=255)
    soft = drawn.filter(ImageFilter.GaussianBlur(max(0.6, reach / 120)))
    cover = Image.fromarray(np.minimum(np.asarray(soft), np.asarray(mask)))
    return with_what_is_behind(cover, mask, Image.fromarray(_bytes(here)), landmarks), strength < CLEAR


def _around(kind: Kind, landmarks: Mapping[str, Point], size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The part of the picture in which an inner side, and what is hidden with it, can lie."""
    names = NECK if kind in ("upper", "dress") else ("waist_left", "waist_right")
    points = np.array([landmarks[name] for name in names])
    half = BEYOND * max(float(np.hypot(*(points[0] - points[1]))), float(np.ptp(points, axis=0).max()))
    x, y = points[:2].mean(axis=0)
    return (
        max(0, int(x - half)),
        max(0, int(y - half)),
        min(size[0], int(x + half) + 1),
        min(size[1], int(y + half) + 1),
    )


def _extent(landmarks: Mapping[str, Point]) -> float:
    """The garment's longer side, in pixels."""
    points = np.array(list(landmarks.values()))
    return float(np.ptp(points, axis=0).max())


def _bytes(values: Values) -> NDArray[np.uint8]:
    """0..1 → 0..255."""
    return np.rint(values * 255).astype(np.uint8)


def _zone(size: tuple[int, int], kind: Kind, landmarks: Mapping[str, Point]) -> Values:
    """(H, W) 1 where an inner side can be: above the lowest place of the neck line, or at the waist; 0 elsewhere."""
    extent = _extent(landmarks)
    left, right = (
        np.array(landmarks[f"{'neck' if kind in ('upper', 'dress') else 'waist'}_{side}"]) for side in ("left", "right")
    )
    middle = (left + right) / 2
    across = (left - right) / max(float(np.hypot(*(left - right))), 1e-6)
    down = np.array([-across[1], across[0]])  # towards the hem: left is on the right of the picture
    depth = 0.08 * extent
    if kind in ("upper", "dress"):
        depth = float((np.array(landmarks["neck_front"]) - middle) @ down) + CLOSE * extent
    y, x = np.mgrid[0 : size[1], 0 : size[0]].astype(np.float32)
    below = (x - middle[0]) * down[0] + (y - middle[1]) * down[1]
    beside = np.abs((x - middle[0]) * across[0] + (y - middle[1]) * across[1])
    wide = float(np.hypot(*(left - right))) / 2 + CLOSE * extent
    return np.asarray((below < depth) & (beside < wide * 1.25), np.float32)


def _border(picture: Image.Image, cloth: Values, here: Values, centre: Point, reach: float) -> tuple[Values, float]:
    """The border's radius for each angle, in pixels; and how strong the picture's edges are where it parts cloth from
    cloth, 0..1."""
    angles = np.arange(ANGLES) * (2 * np.pi / ANGLES)
    steps = (np.arange(RADII) + 0.5) * (reach / RADII)
    x = centre[0] + steps[None] * np.cos(angles)[:, None]
    y = centre[1] + steps[None] * np.sin(angles)[:, None]
    blur = picture.filter(ImageFilter.GaussianBlur(max(0.5, reach / RADII)))
    colours = _sampled(np.asarray(blur, np.float32) / np.float32(255), x, y)  # (A, R, 3)
    inside = np.clip(_sampled(here[..., None], x, y)[..., 0], 0.04, 0.96)
    covered = _sampled(cloth[..., None], x, y)[..., 0] > 0.5
    # Edges: the colour before a place against that behind it. The garment's own outline is none.
    ahead = np.stack([np.roll(colours, -k, axis=1) for k in (1, 2, 3)]).mean(axis=0)
    behind = np.stack([np.roll(colours, k, axis=1) for k in (0, 1, 2)]).mean(axis=0)
    within = np.all([np.roll(covered, k, axis=1) for k in range(-7, 7)], axis=0)
    edge = np.sqrt(((ahead - behind) ** 2).sum(axis=2)) * within
    edge[:, :3] = edge[:, -3:] = 0
    # What goes on from angle to angle is a border; threads and folds do not.
    edge = np.asarray(sum(weight * np.roll(edge, turn, axis=0) for turn, weight in ALONG), np.float32)
    strongest = float(np.percentile(edge[within], 90)) if within.any() else 0.0
    edge = np.clip(edge / max(strongest, FAINTEST), 0, 1)
    # Up to the border everything is inside, beyond it nothing.
    costs = np.cumsum(-np.log(inside), axis=1) + np.cumsum(-np.log(1 - inside)[:, ::-1], axis=1)[:, ::-1]
    costs = REGION * (costs - costs.min(axis=1, keepdims=True)) - EDGE * edge
    best = _best_line(costs)
    rows = np.arange(ANGLES)
    parting = within[rows, best]
    strength = float(edge[rows, best][parting].mean()) if parting.any() else 1.0
    return np.asarray(steps[best], np.float32), strength


def _best_line(costs: NDArray[np.floating]) -> NDArray[np.int64]:
    """(A, R) → for each angle the radius of the cheapest closed line. The first angle follows the last."""
    twice = np.concatenate([costs, costs])
    total = twice[0].astype(np.float64)
    came = np.zeros(twice.shape, np.int64)
    moves = range(-JUMP, JUMP + 1)
    for number in range(1, len(twice)):
        choices = np.stack([_shifted(total, move) + BEND * abs(move) for move in moves])
        chosen = choices.argmin(axis=0)
        came[number] = np.clip(np.arange(costs.shape[1]) + chosen - JUMP, 0, costs.shape[1] - 1)
        total = choices.min(axis=0) + twice[number]
    place = int(total.argmin())
    line = np.zeros(len(twice), np.int64)
    for number in range(len(twice) - 1, -1, -1):
        line[number] = place
        place = int(came[number][place])
    # The middle of two rounds: neither end is free there.
    half = len(costs) // 2
    middle = line[half : half + len(costs)]
    return np.roll(middle, half)


def _shifted(values: NDArray[np.float64], move: int) -> NDArray[np.float64]:
    """`values[r + move]` for each r; beyond the ends infinite."""
    result = np.full(len(values), np.inf)
    if move >= 0:
        result[: len(values) - move] = values[move:]
    else:
        result[-move:] = values[:move]
    return result


def _sampled(planes: Values, x: NDArray[np.floating], y: NDArray[np.floating]) -> Values:
    """(H, W, C) at fractional places, (…, C); beyond the picture its border."""
    height, width = planes.shape[:2]
    x, y = np.clip(x, 0, width - 1.001), np.clip(y, 0, height - 1.001)
    left, upper = x.astype(int), y.astype(int)
    across, down = (x - left)[..., None], (y - upper)[..., None]
    right, lower = np.minimum(left + 1, width - 1), np.minimum(upper + 1, height - 1)
    top = planes[upper, left] * (1 - across) + planes[upper, right] * across
    bottom = planes[lower, left] * (1 - across) + planes[lower, right] * across
    return np.asarray(top * (1 - down) + bottom * down, np.float32)
