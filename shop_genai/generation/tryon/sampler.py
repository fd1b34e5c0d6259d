"""Examples for the composer, made from photos of people who wear what is sold.

Nobody photographs the same person in the same pose before and after changing clothes. But a photo can be taken apart:
the garment is cut out of it, laid out as a shop would, erased from the person, and bent back on; the photo itself is
then what the composer must restore. Where a shop has the shot in several colours, the garment comes from another one.
What the composer must be able to draw besides is taken away at random: arms under sleeves that were longer, necks under
collars that were higher, waistbands under hems that hung lower.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter
from torch import Tensor

from shop_genai.generation.example import Example
from shop_genai.generation.segment.classes import number
from shop_genai.generation.segment.grounds import ground

from .changes import another_colour, another_light, flattened, laid_out
from .draft import Draft, drafted
from .dressing import Cloth, Worn, cloth_of, dressed
from .example import TryOnExample
from .frame import HEIGHT, WIDTH, framed
from .parse import Parse, parsed
from .placement import carried
from .skeleton import SIDES, Skeleton, of_pose
from .skin_tones import another_tone
from .worn import landmarks_on

Batch = dict[str, Any]
Matrix = NDArray[np.float64]  # (2, 3): from places in the photo to places in the view
Pixels = NDArray[np.float32]

LEAST = 0.01  # share of the photo that a garment takes up at least
TRIES = 4  # as many examples as were asked for, before it is given up
UNKNOWN = 128  # in `truth`


@dataclass(frozen=True)
class View:
    """A photo as one example shows it: moved, lit and put before its ground; at the working size."""

    picture: Image.Image  # RGB
    target: Image.Image  # RGB: what the composer must make of it
    person: NDArray[np.float32]  # (h, w), 0..1
    worn: NDArray[np.float32]  # (h, w)
    classes: NDArray[np.float32]  # (K, h / 2, w / 2)
    skeleton: Skeleton
    nose: tuple[float, float] | None


@dataclass(frozen=True)
class TryOnSampler:
    """Makes a batch of the arrays that `ComposerTask` reads."""

    size: tuple[int, int] = (WIDTH, HEIGHT)
    elsewhere: float = 0.6  # share of the examples that get another ground
    recoloured: float = 0.45  # share whose garment gets another colour
    laid_out: float = 0.3  # share whose garment is first laid flat
    flattened: float = 0.5  # share whose garment loses its shading
    stripped: float = 0.4  # share whose bare arms must be drawn
    opened: float = 0.3  # share whose neck must be drawn
    lifted: float = 0.3  # share whose waist must be drawn
    toned: float = 0.6  # share whose skin gets another tone
    jitter: float = 0.003  # of the view's height, standard deviation: how far joints are off

    def __call__(self, examples: Sequence[Example], rng: np.random.Generator) -> Batch:
        known = [example for example in examples if isinstance(example, TryOnExample) and _shows_garment(example)]
        # A picture whose garment nobody can see gives its place to another.
        made: list[Batch] = []
        for turn in range(TRIES * len(examples)):
            one = self.one(known[turn % len(known)], rng) if known else None
            made += [one] if one is not None else []
            if len(made) == len(examples):
                break
        else:
            raise ValueError("none of these pictures shows a garment")
        return {key: np.stack([one[key] for one in made]) for key in made[0] if key != "kind"} | {
            "kind": [one["kind"] for one in made]
        }

    def one(self, example: TryOnExample, rng: np.random.Generator) -> Batch | None:
        """One example; None where the view holds next to nothing of the garment."""
        first = int(rng.integers(len(example.pictures)))
        others = [index for index in range(len(example.pictures)) if index != first]
        second = others[int(rng.integers(len(others)))] if others and rng.random() < 0.5 else first
        view = self._view(example, first, second, rng)
        if view.worn.mean() < LEAST:
            return None
        parse = self._parse(view, example, rng)
        skeleton = self._shaken(view.skeleton, rng)
        cloth = self._cloth(view, example, rng)
        photo, target = _tensor(view.picture), _tensor(view.target)
        worn = dressed(cloth, skeleton, self.size)
        parse = self._hidden(parse, skeleton, worn, rng)
        draft = drafted(photo, parse, skeleton, worn, example.kind)
        return _arrays(draft, photo, target, view.worn, "self" if first == second else "pair")

    def _view(self, example: TryOnExample, first: int, second: int, rng: np.random.Generator) -> View:
        before, after = example.pictures[first], example.pictures[second]
        worn = example.worn if example.worn is not None else _seen_as(example, before.size)
        if rng.random() < self.recoloured:
            change = another_colour(rng)
            same = first == second
            after = change(after, worn)
            before = after if same else before
        if rng.random() < self.toned:
            tone = another_tone(rng)
            skin = ImageChops.subtract(Image.fromarray(example.classes[number("skin")]), worn.convert("L"))
            before, after = tone(before, skin), tone(after, skin)
        skeleton = of_pose(example.pose)
        nose = example.pose.point("nose")
        frame = framed(skeleton, example.kind, nose, before.size)
        matrix = self._moved(frame.matrix * (self.size[1] / HEIGHT), rng)
        lit = another_light(rng)
        person = _plane(example.person.filter(ImageFilter.MinFilter(3)), matrix, self.size)
        pictures = [_warped(picture, matrix, self.size) for picture in (before, after)]
        if rng.random() < self.elsewhere:
            under = ground((self.size[1], self.size[0]), [], rng)
            pictures = [_before(under, picture, person) for picture in pictures]
        pictures = [lit(picture) for picture in pictures]
        half = (self.size[0] // 2, self.size[1] // 2)
        classes = np.stack([_plane(Image.fromarray(plane), matrix / 2, half) for plane in example.classes])
        classes[0] = np.where(classes.sum(axis=0) < 0.5, 1, classes[0])
        mirrored = matrix[0, 0] < 0
        moved = skeleton.moved(matrix)
        return View(
            picture=pictures[0],
            target=pictures[1],
            person=person,
            worn=_plane(worn, matrix, self.size),
            classes=classes,
            skeleton=_swapped(moved) if mirrored else moved,
            nose=None if nose is None else tuple(matrix[:, :2] @ np.asarray(nose) + matrix[:, 2]),
        )

    def _moved(self, matrix: Matrix, rng: np.random.Generator) -> Matrix:
        """Another size and place in the view, and half of them mirrored."""
        factor = float(np.exp(rng.uniform(-0.16, 0.12)))
        middle = np.array([self.size[0] / 2, self.size[1] / 2])
        shift = rng.uniform(-0.04, 0.04, 2) * self.size[1]
        moved = matrix * factor
        moved[:, 2] += middle * (1 - factor) + shift
        if rng.random() < 0.5:
            moved[0] = -moved[0]
            moved[0, 2] += self.size[0]
        return moved

    def _parse(self, view: View, example: TryOnExample, rng: np.random.Generator) -> Parse:
        """As the pipeline would parse it; with hand-made masks, where there are any, most of the time."""
        half = (self.size[0] // 2, self.size[1] // 2)
        matrix = np.array([[0.5, 0, 0], [0, 0.5, 0]])
        known = {}
        if rng.random() < 0.7:
            part = "lower" if example.kind in ("lower", "skirt") else "upper"
            sure = _small(view.worn, half)
            known = {"ground": np.where(_small(view.person, half) < 0.1, 1.0, 0.5).astype(np.float32)}
            if example.worn is not None:
                known[part] = np.where(sure > 0.9, 1.0, 0.5).astype(np.float32)
        nose = None if view.nose is None else (view.nose[0] / 2, view.nose[1] / 2)
        picture = view.picture.resize(half, Image.Resampling.BOX)
        parse = parsed(picture, view.classes, view.skeleton.moved(matrix), nose, known)
        return parse.resized(self.size)

    def _shaken(self, skeleton: Skeleton, rng: np.random.Generator) -> Skeleton:
        """Joints as far off as a network finds them."""
        spread = self.jitter * self.size[1]
        joints = {name: tuple((skeleton[name] + rng.normal(0, spread, 2)).tolist()) for name in skeleton.joints}
        return Skeleton(joints, skeleton.guessed)

    def _cloth(self, view: View, example: TryOnExample, rng: np.random.Generator) -> Cloth:
        """The garment cut out, and at times laid out and without its shading."""
        mask = Image.fromarray(np.rint(view.worn * 255).astype(np.uint8))
        landmarks, sleeves = landmarks_on(view.skeleton, mask, example.kind)
        arms = view.classes[number("skin")] + view.classes[number("hair")]
        before = Image.fromarray(np.rint(np.clip(arms, 0, 1) * 255).astype(np.uint8)).resize(self.size)
        picture = view.target
        if rng.random() < self.flattened:
            picture = flattened(picture, view.worn, float(rng.uniform(0.4, 1)))
        cloth = cloth_of(picture, mask, landmarks, example.kind, sleeves, view.skeleton, before)
        if rng.random() >= self.laid_out:
            return cloth
        laid = laid_out(view.skeleton, rng)
        flat = dressed(cloth, laid, self.size)
        shown = Image.fromarray((flat.colour.permute(1, 2, 0).numpy() * 255).clip(0, 255).astype(np.uint8))
        cover = Image.fromarray((flat.alpha.numpy() * 255).astype(np.uint8))
        if cover.getbbox() is None:
            return cloth
        found = carried(landmarks, view.skeleton, laid)
        return cloth_of(shown, cover, found, example.kind, sleeves, laid)

    def _hidden(self, parse: Parse, skeleton: Skeleton, worn: Worn, rng: np.random.Generator) -> Parse:
        """As if the old garment had covered more than it does."""
        planes = {name: plane.copy() for name, plane in parse.planes.items()}
        height, width = planes["upper"].shape
        y, x = np.mgrid[0:height, 0:width].astype(np.float32)
        trunk = skeleton.pelvis - skeleton.neck
        down = ((x - skeleton.neck[0]) * trunk[0] + (y - skeleton.neck[1]) * trunk[1]) / max(float(trunk @ trunk), 1)

        def hide(part: str, where: NDArray[Any]) -> None:
            gone = planes[part] * where
            planes["upper"] += gone
            planes[part] -= gone

        if rng.random() < self.stripped:
            hands = np.min(
                [np.hypot(x - skeleton[f"{s}_wrist"][0], y - skeleton[f"{s}_wrist"][1]) for s in SIDES], axis=0
            )
            hide("arms", np.clip((hands / skeleton.width - 0.16) / 0.06, 0, 1))
        if rng.random() < self.opened:
            hide("face", np.clip((down + float(rng.uniform(-0.02, 0.1))) / 0.03, 0, 1))
        if rng.random() < self.lifted:
            end = float(rng.uniform(0.9, 1.25))
            hide("lower", np.clip((end - down) / 0.03, 0, 1))
        return Parse(planes)


def _arrays(draft: Draft, photo: Tensor, target: Tensor, worn: NDArray[np.float32], kind: str) -> Batch:
    # Outside the edit region the photo stays, whatever the other colourway's photo shows there.
    wanted = photo * (draft.region == 0) + target * (draft.region > 0)
    truth = np.full(worn.shape, UNKNOWN, np.uint8)
    truth[worn > 0.95] = 255
    truth[worn < 0.05] = 0
    return {
        "draft": _bytes(draft.under).transpose(1, 2, 0),
        "warped": _bytes(draft.warped).transpose(1, 2, 0),
        "alpha": _bytes(draft.alpha),
        "region": _bytes(draft.region),
        "maps": _bytes(draft.maps),
        "target": _bytes(wanted).transpose(1, 2, 0),
        "truth": truth,
        "kind": kind,
    }


def _bytes(values: Tensor) -> NDArray[np.uint8]:
    return np.asarray((values.clamp(0, 1) * 255).round().byte().numpy())


def _tensor(picture: Image.Image) -> Tensor:
    return torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1) / 255


def _warped(picture: Image.Image, matrix: Matrix, size: tuple[int, int]) -> Image.Image:
    """A picture moved; beyond its border it has the colour of its first rows, which show the ground."""
    fill = 255 if picture.mode == "L" else tuple(int(v) for v in np.asarray(picture)[:4].reshape(-1, 3).mean(axis=0))
    return picture.transform(size, Image.Transform.AFFINE, _inverse(matrix), Image.Resampling.BICUBIC, fillcolor=fill)


def _plane(mask: Image.Image, matrix: Matrix, size: tuple[int, int]) -> NDArray[np.float32]:
    moved = mask.transform(size, Image.Transform.AFFINE, _inverse(matrix), Image.Resampling.BILINEAR)
    return np.asarray(np.asarray(moved) / 255, np.float32)


def _inverse(matrix: Matrix) -> tuple[float, ...]:
    """PIL's coefficients: from places in the view to places in the photo."""
    turn = np.linalg.inv(matrix[:, :2])
    back = np.concatenate([turn, (-turn @ matrix[:, 2])[:, None]], axis=1)
    return tuple(float(value) for value in back.ravel())


def _small(plane: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(Image.fromarray(plane).resize(size, Image.Resampling.BOX))


def _swapped(skeleton: Skeleton) -> Skeleton:
    """A mirrored body's left is its right."""

    def other(name: str) -> str:
        return name.replace("left", "?").replace("right", "left").replace("?", "right")

    return Skeleton(
        {other(name): point for name, point in skeleton.joints.items()},
        frozenset(other(name) for name in skeleton.guessed),
    )


def _shows_garment(example: TryOnExample) -> bool:
    worn = example.worn if example.worn is not None else _seen_as(example, example.person.size)
    return float(np.asarray(worn, np.float32).mean()) > LEAST * 255


def _seen_as(example: TryOnExample, size: tuple[int, int]) -> Image.Image:
    """The worn garment as the segmenter sees it, where nobody drew its mask."""
    names = {"upper": ("upper", "dress"), "dress": ("dress", "upper", "lower")}.get(example.kind, ("lower",))
    probability = example.classes[[number(name) for name in names]].astype(np.float32).sum(axis=0)
    return Image.fromarray(np.where(probability > 127, 255, 0).astype(np.uint8)).resize(size)


def _before(under: Pixels, picture: Image.Image, person: NDArray[np.float32]) -> Image.Image:
    alpha = person[:, :, None]
    return Image.fromarray(
        (np.asarray(picture, np.float32) * alpha + under * (1 - alpha)).clip(0, 255).astype(np.uint8)
    )
