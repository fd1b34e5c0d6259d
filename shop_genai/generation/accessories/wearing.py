"""Each kind of accessory, put on a photo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import CategoryUnsupported

from . import earrings, glasses, hair, hats, lipstick, pictured
from .params import EARRINGS, GLASSES, HAIR, HAT, LIPSTICK, SUNGLASSES, AccessoryParams
from .photo import HEAD_BOX, Box, Photo, blurred, moved
from .solids import Layer, drawn

Plane = NDArray[np.floating]
Colour = tuple[int, int, int]

LENS = np.array([22.0, 23.0, 27.0], np.float32)  # sRGB of dark glass
HIDDEN = 0.6  # of an accessory's area under hair: worth a warning
LEAST_HAIR = 0.02  # of the box around a head: less is none
TURNED = 25.0  # degrees of yaw from which a mesh is less sure


@dataclass(frozen=True)
class Result:
    """The photo with something on it."""

    picture: Image.Image
    mask: Image.Image
    colour: Colour | None
    confidence: float
    warnings: tuple[str, ...]


def put_on(photo: Photo, asked: AccessoryParams, shown: Image.Image | None) -> Result:
    """Put on what is asked.

    Args:
        photo: changed.
        shown: the accessory's own picture, RGBA; None: it is drawn.

    Raises:
        CategoryUnsupported: there is no hair to dye.
    """
    colour: Colour | None = asked.rgb(pictured.colour_of(shown) if shown is not None else None)
    flat = shown is not None and asked.kind in FLAT
    how = FLAT[asked.kind] if shown is not None and flat else DRAWN[asked.kind]
    warnings = how(photo, asked, colour or (0, 0, 0), shown)
    sure = 1 - 0.4 * min(1.0, max(0.0, (abs(photo.head.yaw) - 10) / TURNED))
    sure *= min(1.0, 0.6 + photo.head.unit / 300)
    if asked.kind in (GLASSES, SUNGLASSES) and shown is None and abs(photo.head.yaw) > TURNED:
        warnings.append("face_turned")
    return Result(photo.picture, photo.mask, None if flat else colour, sure, tuple(dict.fromkeys(warnings)))


def _glasses(photo: Photo, asked: AccessoryParams, colour: Colour, shown: Image.Image | None) -> list[str]:
    form = glasses.FORMS[asked.form]
    made = glasses.glasses(form, photo.head, photo.face, np.array(colour, np.float64), asked.size)
    box = photo.around(0.75, 0.5, 0.6)
    rims = drawn(made.front, photo.head, photo.light, photo.picture.size)
    if rims is None:
        return []
    _cast(photo, box, rims, 0.32, 0.022)
    for side, temple in zip((1.0, -1.0), made.temples, strict=True):
        outwards = photo.head.turned(np.array([side, 0.0, -0.2]))
        layer = drawn([temple], photo.head, photo.light, photo.picture.size)
        if layer is not None and outwards[2] < 0.05:
            photo.lay(layer.covering(1 - photo.hair(layer.box)))
    cover, height = glasses.lens_planes(made.lenses, photo.head, box)
    _lenses(photo, box, cover, height, asked.strength if asked.kind == SUNGLASSES else 0.0)
    photo.lay(rims)
    return []


def _lenses(photo: Photo, box: Box, cover: Plane, height: Plane, dark: float) -> None:
    """Glass: what is behind it gets darker, and a little of the sky is seen in it."""
    opaque = (dark * (0.97 - 0.22 * height**1.5))[..., None] if dark else np.float32(0)
    x = np.arange(cover.shape[1], dtype=np.float32)[None] / photo.head.unit
    streak = np.exp(-(((x * 2.2 + height * 1.1) % 1.0 - 0.5) ** 2) / 0.02)
    sky = (0.10 if dark else 0.045) * (1 - height) ** 1.5 + (0.035 if dark else 0.03) * streak
    white = 255 * photo.light.exposure

    def through(pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        behind = pixels + opaque * (LENS * photo.light.exposure - pixels)
        seen = behind + sky[..., None] * (white - behind)
        return np.asarray(pixels + cover[..., None] * (seen - pixels), np.float32)

    photo.change(box, through)


def _earrings(photo: Photo, asked: AccessoryParams, colour: Colour, shown: Image.Image | None) -> list[str]:
    warnings = []
    areas, seen = 0.0, 0.0
    for side in ("left", "right"):
        if not earrings.is_seen(photo.head, side):
            warnings.append("accessory_hidden")
            continue
        place = earrings.lobe(photo.head, photo.face, side)
        if shown is None:
            tone = np.array(colour, np.float64)
            layer = drawn(
                earrings.earring(asked.form, photo.head, place, side, tone, asked.size),
                photo.head,
                photo.light,
                photo.picture.size,
            )
        else:
            layer = _hung(photo, shown, place, side, asked.size)
        if layer is None:
            warnings.append("accessory_hidden")
            continue
        free = 1 - photo.hair(layer.box)
        areas += float(layer.cover.sum())
        seen += float((layer.cover * free).sum())
        layer = layer.covering(free)
        _cast(photo, _grown(layer.box, photo, 0.12), layer, 0.28, 0.02, everywhere=True)
        photo.lay(layer)
    if areas and seen < (1 - HIDDEN) * areas:
        warnings.append("hair_over_accessory")
    return warnings


def _hung(photo: Photo, shown: Image.Image, place: NDArray[np.float64], side: str, size: float) -> Layer | None:
    """One earring's picture, hanging from the lobe; the other ear wears its mirror image."""
    picture = shown if side == "left" else shown.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    high = 0.28 * size * min(1.0, shown.height / shown.width)
    wide = high * shown.width / shown.height
    down, across = photo.head.hanging(high), np.array([wide / 2, 0.0, 0.0])
    top = place - photo.head.hanging(0.02)
    corners = np.stack([top - across, top + across, top + across + down, top - across + down])
    return pictured.placed(picture, corners, photo.head, photo.light, photo.picture.size)


def _hat(photo: Photo, asked: AccessoryParams, colour: Colour, shown: Image.Image | None) -> list[str]:
    lifted, beyond = _volume(photo)
    tone = np.array(colour, np.float64)
    made = hats.hat(hats.FORMS[asked.form], photo.head, photo.face, tone, asked.size, lifted)
    far = drawn(made.behind, photo.head, photo.light, photo.picture.size) if made.behind else None
    if far is not None:
        photo.lay(far.covering(photo.ground(far.box)))
    layer = drawn(made.front, photo.head, photo.light, photo.picture.size)
    if layer is None:
        return ["accessory_hidden"]
    _cast(photo, _grown(layer.box, photo, 0.3), layer, 0.42, 0.07, everywhere=True)
    photo.lay(layer)
    return ["hair_beyond_hat"] if beyond else []


def _volume(photo: Photo) -> tuple[float, bool]:
    """How much wider than a skull its hair is, and whether it is more than a hat can hold."""
    box = photo.around(*HEAD_BOX)
    hair_there = photo.hair(box) > 0.5
    row = int(photo.head.origin[1] - 0.45 * photo.head.unit) - box[1]
    band = hair_there[max(0, row - 2) : max(0, row + 3)]
    columns = np.flatnonzero(band.any(axis=0)) if len(band) else np.array([])
    half = (float(np.ptp(columns)) / 2 / photo.head.unit) if len(columns) else 0.0
    rows = np.flatnonzero(hair_there.any(axis=1))
    high = (photo.head.origin[1] - (rows[0] + box[1])) / photo.head.unit if len(rows) else 0.0
    wider = max(1.0, half / hats.HALF_WIDTH * 0.97)
    return wider, bool(wider > hats.BROADEST or high > 1.15)


def _flat_hat(photo: Photo, asked: AccessoryParams, colour: Colour, shown: Image.Image | None) -> list[str]:
    if shown is None:
        return []
    wide = 1.5 * asked.size * hats.HALF_WIDTH * 2 / 1.25
    high = wide * shown.height / shown.width
    edge = float(photo.head.of(photo.face[10])[1]) + 0.1
    depth = 0.05
    corners = np.array(
        [
            [-wide / 2, edge - high, depth],
            [wide / 2, edge - high, depth],
            [wide / 2, edge, depth],
            [-wide / 2, edge, depth],
        ]
    )
    layer = pictured.placed(shown, corners, photo.head, photo.light, photo.picture.size)
    if layer is None:
        return ["accessory_hidden"]
    _cast(photo, _grown(layer.box, photo, 0.3), layer, 0.35, 0.05, everywhere=True)
    photo.lay(layer)
    return ["hair_beyond_hat"] if _volume(photo)[1] else []


def _flat_glasses(photo: Photo, asked: AccessoryParams, colour: Colour, shown: Image.Image | None) -> list[str]:
    if shown is None:
        return []
    wide = 0.98 * asked.size
    high = wide * shown.height / shown.width
    middle = photo.head.of(photo.face.mean(33, 133, 263, 362))
    depth = float(photo.head.of(photo.face[glasses.BRIDGE])[2]) - glasses.BEFORE
    top = middle[1] + 0.02 - high * 0.48
    corners = np.array(
        [[-wide / 2, top, depth], [wide / 2, top, depth], [wide / 2, top + high, depth], [-wide / 2, top + high, depth]]
    )
    layer = pictured.placed(shown, corners, photo.head, photo.light, photo.picture.size)
    if layer is None:
        return ["accessory_hidden"]
    _cast(photo, photo.around(0.75, 0.5, 0.6), layer, 0.3, 0.022)
    photo.lay(layer)
    return []


def _lipstick(photo: Photo, asked: AccessoryParams, colour: Colour, shown: Image.Image | None) -> list[str]:
    lower = float((photo.face[152][1] - photo.head.origin[1]) / photo.head.unit)
    box = photo.around(0.55, -0.1, max(0.3, lower))
    cover = lipstick.lips(photo.face, box)
    finish = asked.form if shown is None else "satin"
    photo.tint(box, cover, lambda pixels, covered: lipstick.coloured(pixels, covered, colour, finish, asked.strength))
    return []


def _hair(photo: Photo, asked: AccessoryParams, colour: Colour, shown: Image.Image | None) -> list[str]:
    box = photo.around(*HEAD_BOX)
    cover = photo.hair(box)
    if float((cover > 0.5).mean()) < LEAST_HAIR:
        raise CategoryUnsupported("No hair is seen that could be coloured.", field="kind")
    photo.tint(box, cover, lambda pixels, covered: hair.dyed(pixels, covered, colour, asked.strength))
    return []


def _cast(photo: Photo, box: Box, layer: Layer, dark: float, far: float, *, everywhere: bool = False) -> None:
    """The shadow that a layer throws on the person, away from the light.

    Args:
        box: where it may fall.
        dark: the share of light that it takes away.
        far: units that it is away from the layer.
        everywhere: on all of the person; else on the face alone.
    """
    plane = np.zeros((box[3] - box[1], box[2] - box[0]), np.float32)
    left, top, right, bottom = layer.box
    inner = max(left, box[0]), max(top, box[1]), min(right, box[2]), min(bottom, box[3])
    if inner[2] <= inner[0] or inner[3] <= inner[1]:
        return
    plane[inner[1] - box[1] : inner[3] - box[1], inner[0] - box[0] : inner[2] - box[0]] = layer.cover[
        inner[1] - top : inner[3] - top, inner[0] - left : inner[2] - left
    ]
    unit = photo.head.unit
    away = -photo.light.towards[:2] * far * unit
    fallen = moved(plane, round(away[0]), max(1, round(max(away[1], 0.5 * far * unit))))
    fallen = blurred(fallen, max(0.6, 0.45 * far * unit))
    ground = 1 - photo.ground(box) if everywhere else photo.oval(box)
    photo.shade(box, dark * fallen * (1 - plane) * ground)


def _grown(box: Box, photo: Photo, units: float) -> Box:
    by = int(units * photo.head.unit) + 1
    width, height = photo.picture.size
    return max(0, box[0] - by), max(0, box[1] - by), min(width, box[2] + by), min(height, box[3] + by)


DRAWN = {
    GLASSES: _glasses,
    SUNGLASSES: _glasses,
    EARRINGS: _earrings,
    HAT: _hat,
    LIPSTICK: _lipstick,
    HAIR: _hair,
}
FLAT = {GLASSES: _flat_glasses, SUNGLASSES: _flat_glasses, EARRINGS: _earrings, HAT: _flat_hat}
