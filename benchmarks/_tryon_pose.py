"""How well people are seen: joints against the teacher's, facing, how many there are, and who is refused.

Errors of joints are given in shares of the trunk's length (from the shoulders to the hips) and in pixels of a photo
that is 512 pixels high. The teacher is MediaPipe (`training.teacher`); it errs as well, by about as much as the best of
these figures.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.errors import GenaiError
from shop_genai.generation.pose.framing import HIPS, SHOULDERS, trunk
from shop_genai.generation.pose.keypoints import NAMES, SEEN, Pose
from shop_genai.generation.pose.sampler import Posed
from shop_genai.generation.segment.grounds import ground
from shop_genai.generation.tryon.refusals import check_person
from shop_genai.training.packs import Entry, open_rgb, read_pack
from shop_genai.training.pose import PosedPictures
from shop_genai.training.tryon import read_poses

JOINTS = ("shoulder", "elbow", "wrist", "hip")
HIGH = 512  # pixels: the height that errors in pixels are told for
CLOSE, NEAR = 0.05, 0.1  # of the trunk's length
ACCEPTED = "accepted"
MOST = 60  # pictures without anybody of each pack


def measure(
    eyes: Any, people: Path, table: Path, split: str = "test", scenes: Sequence[Path] = (), samples: Path | None = None
) -> dict[str, Any]:
    """Everything.

    Args:
        eyes: what has a `pose` and a `segment` that look at pictures, as a loaded try-on has.
        people: a pack of people with `person_mask`s.
        table: the teacher's joints of it.
        split: of the packs.
        scenes: packs of pictures without anybody.
        samples: a folder of people all of whom are to be accepted.
    """
    known = PosedPictures([read_pack(people, split)], read_poses(table))
    entries = [(entry, known.example(number)) for number, entry in enumerate(known.entries)]
    posed = [(entry, example) for entry, example in entries if example.pose is not None]
    started = time.perf_counter()
    looks = [eyes.pose.look(example.picture) for _, example in posed]
    seconds = (time.perf_counter() - started) / max(1, len(looks))
    elsewhere = [eyes.pose.look(_elsewhere(example, entry.name)) for entry, example in posed]
    return {
        "pictures": len(posed),
        "seconds": seconds,
        "rows": [
            {"ground": "own", **_errors([example for _, example in posed], looks)},
            {"ground": "other", **_errors([example for _, example in posed], elsewhere)},
        ],
        "jitter": _jitter([entry for entry, _ in posed], looks),
        "refusals": [
            _refused(eyes, name, wanted, pictures)
            for name, wanted, pictures in _cases(posed, [read_pack(f, split)[:MOST] for f in scenes], samples)
        ],
    }


def lines(report: Mapping[str, Any]) -> list[str]:
    """The figures as Markdown."""
    found = [
        f"Against the teacher's joints on {report['pictures']} photos; {report['seconds']:.2f} s for a photo.",
        "",
        "| ground | ≤ .05 | ≤ .1 | median | shoulders | elbows | wrists | hips | facing | one person |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in report["rows"]:
        errors = " | ".join(f"{row[joint]:.1f} px" for joint in JOINTS)
        found.append(
            f"| {row['ground']} | {100 * row['close']:.0f} % | {100 * row['near']:.0f} % | {row['median']:.3f} |"
            f" {errors} | {100 * row['facing']:.0f} % | {100 * row['one']:.0f} % |"
        )
    jitter = report["jitter"]
    found += [
        "",
        f"Joints of two colourways of one photo lie {jitter['median']:.1f} pixels apart (median of {jitter['pairs']}"
        f" pairs; 95 %: {jitter['most']:.1f}).",
        "",
        "| photos | expected | so | of | otherwise |",
        "|---|---|---|---|---|",
    ]
    for row in report["refusals"]:
        others = ", ".join(f"`{code}` {count}" for code, count in row["others"].items()) or "–"
        found.append(f"| {row['name']} | {row['wanted']} | {row['right']} | {row['pictures']} | {others} |")
    return found


def _errors(examples: Sequence[Posed], looks: Sequence[Pose]) -> dict[str, float]:
    """Shares and medians over all joints of the upper body that are in the pictures."""
    shares: list[float] = []
    pixels: dict[str, list[float]] = {joint: [] for joint in JOINTS}
    facing, one = [], []
    for example, look in zip(examples, looks, strict=True):
        pose = example.pose
        if pose is None:
            continue
        truth, found = np.array(pose.points), np.array(look.points)
        for number, name in enumerate(NAMES):
            joint = name.split("_")[-1]
            if joint in JOINTS and pose.scores[number] >= SEEN:
                off = float(np.linalg.norm(truth[number] - found[number]))
                shares.append(off / trunk(truth))
                pixels[joint].append(off * HIGH / example.picture.height)
        facing.append((look.facing == "back") == (pose.facing == "back"))
        one.append(look.people == 1)
    return {
        "close": float(np.mean(np.array(shares) <= CLOSE)),
        "near": float(np.mean(np.array(shares) <= NEAR)),
        "median": float(np.median(shares)),
        **{joint: float(np.median(values)) for joint, values in pixels.items()},
        "facing": float(np.mean(facing)),
        "one": float(np.mean(one)),
    }


def _jitter(entries: Sequence[Entry], looks: Sequence[Pose]) -> dict[str, float]:
    """How far the joints of the upper body move when only the garment's colour changes, in pixels."""
    shots: dict[tuple[str, ...], list[Pose]] = {}
    for entry, look in zip(entries, looks, strict=True):
        if entry.facts.get("garment_mask"):
            shots.setdefault(_shot(entry), []).append(look)
    moved = []
    for poses in shots.values():
        for other in poses[1:]:
            apart = np.linalg.norm(np.array(poses[0].points) - np.array(other.points), axis=1)
            seen = np.minimum(poses[0].scores, other.scores) >= SEEN
            seen[:5] = False
            moved.append(float(np.median(apart[seen])) if seen.any() else float("nan"))
    if not moved:
        return {"pairs": 0, "median": float("nan"), "most": float("nan")}
    return {"pairs": len(moved), "median": float(np.nanmedian(moved)), "most": float(np.nanpercentile(moved, 95))}


def _cases(
    posed: Sequence[tuple[Entry, Posed]], scenes: Sequence[Sequence[Entry]], samples: Path | None
) -> Iterator[tuple[str, str, Iterator[Image.Image]]]:
    """Kinds of photos, what they are to be answered with, and the photos."""
    fronts = [(entry, example) for entry, example in posed if example.pose and example.pose.facing == "front"]
    backs = [(entry, example) for entry, example in posed if example.pose and example.pose.facing == "back"]
    headed = [(entry, example) for entry, example in fronts if entry.facts.get("region") != "lower"]
    places: Sequence[tuple[str, Callable[[Posed, str], Image.Image]]] = (("own", _own), ("other", _elsewhere))
    for name, place in places:
        yield f"front, {name} ground", ACCEPTED, (place(example, entry.name) for entry, example in headed)
        yield f"back, {name} ground", "not_front_facing", (place(example, entry.name) for entry, example in backs)
    faces = [_face(_elsewhere(example, entry.name), example) for entry, example in headed]
    yield "faces", "torso_cut_off", (face for face in faces if face is not None)
    distinct = list({_shot(entry): (entry, example) for entry, example in headed}.values())
    pairs = zip(distinct, [*distinct[1:], *distinct[:1]], strict=True)
    yield "two people", "multiple_people", (_together(first, second) for first, second in pairs)
    for entries in scenes:
        if entries:
            folder = entries[0].path.parts[-len(Path(entries[0].facts.get("file", "x")).parts) - 1]
            yield f"`{folder}`", "no_person", (_large(open_rgb(entry.path)) for entry in entries)
    if samples is not None:
        yield "rendered people", ACCEPTED, (open_rgb(path) for path in sorted(samples.glob("*.jpg")))


def _refused(eyes: Any, name: str, wanted: str, pictures: Iterator[Image.Image]) -> dict[str, Any]:
    codes: dict[str, int] = {}
    for picture in pictures:
        try:
            check_person(picture, eyes.pose.look(picture), eyes.segment.look(picture), kind="upper")
            code = ACCEPTED
        except GenaiError as refusal:
            code = refusal.code
        codes[code] = codes.get(code, 0) + 1
    right = codes.pop(wanted, 0)
    return {"name": name, "wanted": wanted, "right": right, "pictures": right + sum(codes.values()), "others": codes}


def _shot(entry: Entry) -> tuple[str, ...]:
    """What the colourways of one photo have in common."""
    return tuple(entry.facts.get(key, entry.name) for key in ("source", "style", "view"))


def _own(example: Posed, _name: str) -> Image.Image:
    return example.picture


def _elsewhere(example: Posed, name: str) -> Image.Image:
    """The person before a drawn ground that depends on the name only."""
    if example.person is None:
        return example.picture
    under = ground((example.picture.height, example.picture.width), [], _rng(name))
    return Image.composite(example.picture, _picture(under), example.person)


def _together(first: tuple[Entry, Posed], second: tuple[Entry, Posed]) -> Image.Image:
    """Two people beside each other before one ground."""
    one, other = first[1], second[1]
    size = (round(one.picture.width * 1.7), one.picture.height)
    whole = _picture(ground((size[1], size[0]), [], _rng(first[0].name)))
    for example, left in ((one, 0), (other, size[0] - other.picture.width)):
        whole.paste(example.picture, (left, size[1] - example.picture.height), example.person)
    return whole


def _face(picture: Image.Image, example: Posed) -> Image.Image | None:
    """What lies above the shoulders' middle, enlarged; None where that is not in the photo."""
    if example.pose is None:
        return None
    points = np.array(example.pose.points)
    level, unit = points[SHOULDERS].mean(axis=0), trunk(points)
    box = [
        round(v) for v in (level[0] - 0.4 * unit, level[1] - 0.8 * unit, level[0] + 0.4 * unit, level[1] + 0.06 * unit)
    ]
    if points[HIPS].mean(axis=0)[1] < level[1] or box[1] < -0.3 * unit:
        return None
    part = picture.crop((max(0, box[0]), max(0, box[1]), min(picture.width, box[2]), box[3]))
    return _large(part)


def _large(picture: Image.Image) -> Image.Image:
    """At least 400 pixels a side, so that no photo is refused for its size."""
    scale = max(1.0, 400 / min(picture.size))
    return picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BICUBIC)


def _picture(pixels: NDArray[np.float32]) -> Image.Image:
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def _rng(name: str) -> np.random.Generator:
    return np.random.default_rng(zlib.crc32(name.encode()))
