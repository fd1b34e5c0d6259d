"""Views of people for the pose network: cut out, before other grounds, near and far, whole and cut off; and of nobody.

The photos that joints are known of stand in a white studio. Shoppers do not, so nearly every view has another ground,
other light, other colours of cloth and another crop; some show two people, some none at all.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from shop_genai.generation.example import Example
from shop_genai.generation.segment.grounds import ground

from .framing import HIPS, SHOULDERS, Box, closer, trunk
from .keypoints import MIRRORED, NAMES, Pose

Batch = dict[str, Any]
Pixels = NDArray[np.float32]
Affine = tuple[float, float, float, float, float, float]  # of a place in the view: its place in the photo

EDGE = 2.0  # pixels: a joint so near to the view's border may or may not count as in it


@dataclass(frozen=True)
class Posed(Example):
    """A picture of one person, or of nobody."""

    pose: Pose | None = field(default=None, kw_only=True)  # None: no joints are known
    person: Image.Image | None = field(default=None, kw_only=True)  # mode L; None: cannot be cut out
    people: int = field(default=0, kw_only=True)


@dataclass(frozen=True)
class PoseSampler:
    """Makes a batch: `picture` (N, H, W, 3) uint8, `points` (N, 17, 2), `inside` (N, 17), `known` (N), `facing` and
    `people` (N), of which -1 is not known."""

    width: int = 192
    height: int = 256
    together: float = 0.12  # share of views with two people
    close: float = 0.55  # share of views that frame the person as a closer look does
    whole: float = 0.2  # share that show a whole photo; the others are of any frame
    cut: float = 0.4  # share of the close ones in which the photo ends within the body
    elsewhere: float = 0.8  # share of people before another ground
    recoloured: float = 0.5
    tilt: float = 16.0  # degrees

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> Batch:
        known = [example for example in examples if isinstance(example, Posed)]
        rows = [self.view(example, known, rng) for example in known]
        return {key: np.stack([row[key] for row in rows]) for key in rows[0]}

    def view(self, example: Posed, others: Sequence[Posed], rng: np.random.Generator) -> Batch:
        """One random view of a picture."""
        size = (self.width, self.height)
        move, photo = self._framed(example, rng)
        under = self._ground(others, rng)
        pixels = self._shown(example, move, under, rng)
        people = example.people
        if example.people == 1 and example.pose is not None and rng.random() < self.together:
            second = [other for other in others if other.person is not None and other.pose is not None]
            if second:
                other = second[int(rng.integers(len(second)))]
                beside = self._beside(other, move, example, rng)
                pixels = self._shown(other, beside, pixels, rng)
                people = 2
        if example.people == 1 and example.pose is None:
            people = -1  # legs only, mostly
        pixels = _spoiled(_lit(pixels, rng), rng)
        shown = np.ones((self.height, self.width), bool) if photo is None else _inside(photo, move, size)
        pixels = _ended(pixels, shown)
        points, inside = np.zeros((len(NAMES), 2), np.float32), np.zeros(len(NAMES), np.float32)
        facing = -1
        if example.pose is not None:
            points = _moved(np.array(example.pose.points), move)
            there = np.array(example.pose.scores) >= 0.5
            within = (points >= 0).all(axis=1) & (points < np.array(size)).all(axis=1)
            inside = np.where(there & within, 1.0, 0.0).astype(np.float32)
            near = (np.abs(points) < EDGE).any(axis=1) | (np.abs(points - np.array(size)) < EDGE).any(axis=1)
            inside[near & there] = 0.5
            if photo is not None:
                places = np.array(example.pose.points)
                inside *= ((places >= photo[:2]) & (places <= photo[2:])).all(axis=1)
            if move[0] < 0:
                points, inside = points[MIRRORED], inside[MIRRORED]
            if inside[[0, *range(5, 7)]].sum() > 1:
                facing = int(example.pose.facing == "back")
        return {
            "picture": np.clip(np.rint(pixels), 0, 255).astype(np.uint8),
            "points": points.astype(np.float32),
            "inside": inside,
            "known": np.float32(example.pose is not None and people == 1),
            "facing": np.int64(facing),
            "people": np.int64(people if inside.sum() > 3 or people in (0, -1) else -1),
        }

    def _framed(self, example: Posed, rng: np.random.Generator) -> tuple[Affine, Box | None]:
        """Where the view lies in the photo, and where that ends, in its own pixels; None: it goes on everywhere."""
        choice, (width, height) = rng.random(), example.picture.size
        if choice < self.close and example.pose is not None:
            photo = self._cut(example.pose, (width, height), rng) if rng.random() < self.cut else (0, 0, width, height)
            points, scores = np.array(example.pose.points), np.array(example.pose.scores)
            box = closer(points, scores, photo)
            if box is not None:
                edges = np.array(box) + rng.normal(0, 0.06, 4) * trunk(points)
                return self._fitted((edges[0], edges[1], edges[2], edges[3]), rng), photo
        if choice < self.close + self.whole:
            more = rng.uniform(0, 0.8, 2) * width * (rng.random() < 0.6)
            photo = (-more[0], -rng.uniform(0, 0.3) * height * (rng.random() < 0.5), width + more[1], height)
            return self._fitted(photo, rng), photo
        return self._move(example, rng), None

    def _cut(self, pose: Pose, size: tuple[int, int], rng: np.random.Generator) -> Box:
        """A photo that ends within the body: below mostly, at times at a side or above."""
        points = np.array(pose.points)
        unit, (shoulders, hips) = trunk(points), (points[SHOULDERS].mean(axis=0), points[HIPS].mean(axis=0))
        left, upper, right, lower = 0.0, 0.0, float(size[0]), float(size[1])
        if rng.random() < 0.7:
            lower = min(lower, shoulders[1] + (hips[1] - shoulders[1]) * rng.uniform(0.1, 1.6))
        if rng.random() < 0.2:
            upper = max(0.0, shoulders[1] - unit * rng.uniform(0, 0.7))
        if rng.random() < 0.2:
            if rng.random() < 0.5:
                left = max(0.0, shoulders[0] - unit * rng.uniform(0.1, 0.8))
            else:
                right = min(right, shoulders[0] + unit * rng.uniform(0.1, 0.8))
        return left, upper, right, max(lower, upper + 16)

    def _fitted(self, box: Box, rng: np.random.Generator) -> Affine:
        """A box fitted into the view, tilted and mirrored."""
        step = max((box[2] - box[0]) / self.width, (box[3] - box[1]) / self.height) * rng.uniform(1, 1.06)
        middle = np.array([box[0] + box[2], box[1] + box[3]]) / 2
        return self._turned(middle, step, rng)

    def _move(self, example: Posed, rng: np.random.Generator) -> Affine:
        """Where the view lies in the photo: round the person, of whom a part may be cut off."""
        width, height = example.picture.size
        middle, unit = np.array([width / 2, height / 2]), height / 4.2
        if example.pose is not None:
            joints = np.array(example.pose.points)
            shoulders, hips = joints[5:7].mean(axis=0), joints[11:13].mean(axis=0)
            unit = max(float(np.linalg.norm(joints[5] - joints[6])), float(np.linalg.norm(hips - shoulders)) * 0.55, 8)
            middle = shoulders + (hips - shoulders) * rng.uniform(-0.25, 1.1)
        # The view is so many shoulder widths high: from a portrait to somebody across the room.
        high = float(np.exp(rng.uniform(np.log(2.2), np.log(9.5)))) if rng.random() < 0.4 else rng.uniform(3.2, 5.2)
        step = high * unit / self.height
        return self._turned(middle + rng.normal(0, 0.35, 2) * unit, step, rng)

    def _turned(self, middle: NDArray[np.floating], step: float, rng: np.random.Generator) -> Affine:
        """The view about a place of the photo, so many pixels of it for one of the view; tilted and mirrored."""
        stretch = float(np.exp(rng.normal(0, 0.05)))
        angle = np.deg2rad(rng.normal(0, self.tilt / 2) * (rng.random() < 0.6))
        mirror = -1.0 if rng.random() < 0.5 else 1.0
        a, b = mirror * step * stretch * np.cos(angle), mirror * step * stretch * -np.sin(angle)
        d, e = step / stretch * np.sin(angle), step / stretch * np.cos(angle)
        c = middle[0] - a * self.width / 2 - b * self.height / 2
        f = middle[1] - d * self.width / 2 - e * self.height / 2
        return float(a), float(b), float(c), float(d), float(e), float(f)

    def _beside(self, other: Posed, move: Affine, example: Posed, rng: np.random.Generator) -> Affine:
        """Where a second person stands: of about the size of the first, to the left or the right."""
        pose, first = other.pose, example.pose
        if pose is None or first is None:
            return move
        shift = rng.uniform(0.35, 0.6) * self.width * (1 if rng.random() < 0.5 else -1)
        joints, own = np.array(pose.points), np.array(first.points)
        longer = float(np.linalg.norm(joints[11] - joints[5])) / max(float(np.linalg.norm(own[11] - own[5])), 1.0)
        ratio = float(np.clip(longer * np.exp(rng.normal(0, 0.12)), 0.3, 3))
        a, b, _, d, e, _ = (value * ratio for value in move)
        place = _moved(own[5:7].mean(axis=0)[None], move)[0] + np.array([shift, rng.normal(0, 12)])
        shoulders = joints[5:7].mean(axis=0)
        return (
            a,
            b,
            float(shoulders[0] - a * place[0] - b * place[1]),
            d,
            e,
            float(shoulders[1] - d * place[0] - e * place[1]),
        )

    def _ground(self, others: Sequence[Posed], rng: np.random.Generator) -> Pixels:
        """What stands behind: drawn, or another photo."""
        scenes = [other for other in others if other.people == 0]
        if scenes and rng.random() < 0.5:
            picture = scenes[int(rng.integers(len(scenes)))].picture
            share = rng.uniform(0.5, 1)
            w, h = picture.width * share, picture.height * share
            left, top = rng.uniform(0, picture.width - w), rng.uniform(0, picture.height - h)
            part = picture.resize((self.width, self.height), Image.Resampling.BILINEAR, (left, top, left + w, top + h))
            if rng.random() < 0.5:
                part = part.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.5, 4))))
            return np.asarray(part, np.float32)
        return ground((self.height, self.width), [], rng)

    def _shown(self, example: Posed, move: Affine, under: Pixels, rng: np.random.Generator) -> Pixels:
        size = (self.width, self.height)
        fill = tuple(int(v) for v in np.median(np.asarray(example.picture)[[0, -1]].reshape(-1, 3), axis=0))
        shown = example.picture.transform(size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR, fillcolor=fill)
        pixels = np.asarray(shown, np.float32)
        if example.person is None:
            return pixels
        cover = example.person.transform(size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR)
        alpha = np.asarray(cover, np.float32)[:, :, None] / 255
        if rng.random() < self.recoloured:
            pixels = _dyed(pixels, rng)
        if rng.random() > self.elsewhere and example.people == 1:
            return pixels
        front = pixels * rng.uniform(0.7, 1.1) + rng.normal(0, 5, 3)
        return np.asarray(front * alpha + under * (1 - alpha), np.float32)


def _moved(points: NDArray[np.floating], move: Affine) -> NDArray[np.float32]:
    """Places in the photo → places in the view."""
    a, b, c, d, e, f = move
    turn = np.linalg.inv(np.array([[a, b], [d, e]]))
    return np.asarray((points - np.array([c, f])) @ turn.T, np.float32)


def _inside(photo: Box, move: Affine, size: tuple[int, int]) -> NDArray[np.bool_]:
    """Which pixels of the view lie in the photo."""
    a, b, c, d, e, f = move
    y, x = np.mgrid[0 : size[1], 0 : size[0]] + 0.5
    across, down = a * x + b * y + c, d * x + e * y + f
    shown: NDArray[np.bool_] = (across >= photo[0]) & (across <= photo[2]) & (down >= photo[1]) & (down <= photo[3])
    return shown


def _ended(pixels: Pixels, shown: NDArray[np.bool_]) -> Pixels:
    """Around the photo one colour, that of its upper and lower border, as the pipeline fills it."""
    rows = np.flatnonzero(shown.any(axis=1))
    if shown.all() or not rows.size:
        return pixels
    border = np.concatenate([pixels[row][shown[row]] for row in (rows[0], rows[-1])])
    return np.where(shown[:, :, None], pixels, np.median(border, axis=0)).astype(np.float32)


def _dyed(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Other colours for strong colours; pale and brown ones, which skin has, mostly stay."""
    mix = np.eye(3) * 0.35 + rng.dirichlet([0.6] * 3, 3) * 0.65
    dyed = pixels @ mix.T.astype(np.float32)
    share = rng.uniform(0.2, 1.0)
    return np.asarray(pixels * (1 - share) + dyed * share, np.float32)


def _lit(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    gain = np.exp(rng.normal(-0.08, 0.22)) * np.exp(rng.normal(0, 0.06, 3))
    power = float(np.exp(rng.normal(0, 0.18)))
    return np.asarray(255 * (np.clip(pixels, 0, 255) / 255) ** power * gain, np.float32)


def _spoiled(pixels: Pixels, rng: np.random.Generator) -> Pixels:
    """Blurred, noisy and saved as JPEG, each at times."""
    picture = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    if rng.random() < 0.3:
        picture = picture.filter(ImageFilter.GaussianBlur(float(rng.uniform(0.3, 1.4))))
    if rng.random() < 0.3:
        noisy = np.asarray(picture, np.float32) + rng.normal(0, rng.uniform(1, 9), pixels.shape)
        picture = Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))
    if rng.random() < 0.5:
        file = io.BytesIO()
        picture.save(file, "JPEG", quality=int(rng.integers(35, 95)))
        picture = Image.open(file).convert("RGB")
    return np.asarray(picture, np.float32)
