"""Whether skin of every tone is drawn alike: rendered people of known Monk tones put on a tank top.

Where their sleeves were there must be arms now. What was drawn is compared with the skin that the photo shows: how far
its mean colour is off, and whether it came out lighter or darker. The top is blue, as no skin is, so that neither the
segmenter nor a comparison of red and blue takes it for skin.

The tones are on the Monk scale, 1 lightest to 10 darkest; the folder holds `people.csv` with `file`, `labels` and
`skin_tone`, and label maps with 2 face, 3 neck, 4 and 5 arms, 6 upper.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks import _tryon_measures as measures
from benchmarks._tryon_measures import Dresser, Labeller
from benchmarks._tryon_restored import METHODS
from benchmarks._tryon_shots import reshaped
from shop_genai.generation.segment.classes import number
from shop_genai.training.packs import open_rgb

FACE, NECK, ARMS, UPPER = 2, 3, (4, 5), 6
LEAST = 150  # pixels of drawn skin, below which there is nothing to compare


@dataclass(frozen=True)
class Sample:
    """Somebody of known skin tone."""

    name: str
    tone: int
    picture: Image.Image
    labels: NDArray[np.uint8]  # (H, W)

    @property
    def skin(self) -> NDArray[np.bool_]:
        """(H, W): the skin that the photo shows; arms rather than the face, if there are any."""
        arms = np.isin(self.labels, ARMS)
        return arms if arms.sum() > LEAST else np.isin(self.labels, (FACE, NECK))


def read_samples(folder: Path) -> list[Sample]:
    """Everybody in the folder's table, from light to dark.

    Raises:
        FileNotFoundError: there is no table.
    """
    with (folder / "people.csv").open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    found = []
    for row in rows:
        with Image.open(folder / row["labels"]) as image:
            labels = np.array(image, np.uint8)
        picture = open_rgb(folder / row["file"])
        found.append(Sample(Path(row["file"]).stem, int(row["skin_tone"]), picture, labels))
    return sorted(found, key=lambda sample: (sample.tone, sample.name))


def measure(
    pipeline: Dresser, labeller: Labeller, samples: list[Sample], sleeveless: Image.Image
) -> tuple[list[dict[str, Any]], list[list[Image.Image]]]:
    """A row per sample: `psnr` and `ssim` of putting on what they wear, `delta_e` and `lighter` of drawn skin; and
    pictures. `sleeveless` shows a red or orange top."""
    rows, pictures = [], []
    blue = Image.merge("RGB", sleeveless.split()[::-1])
    for sample in samples:
        ours, _ = METHODS
        again = reshaped([sample.picture], np.random.default_rng(sample.tone))[0]
        same = measures.dress(pipeline, sample.picture, again, "upper", ours)
        bare = measures.dress(pipeline, sample.picture, blue, "upper", ours)
        row: dict[str, Any] = {"name": sample.name, "tone": sample.tone, "refused": same.refused or bare.refused}
        if same.image is not None and same.region is not None:
            row["psnr"] = measures.decibels(same.image, sample.picture, same.region)
            row["ssim"] = measures.likeness(same.image, sample.picture, same.region)
        if bare.image is not None and bare.region is not None:
            row |= _skin(labeller, sample, bare.image, bare.region)
            pictures.append([sample.picture, bare.image])
        rows.append(row)
    return rows, pictures


def _skin(
    labeller: Labeller, sample: Sample, output: Image.Image, region: NDArray[np.bool_]
) -> dict[str, float | int | None]:
    (labels,) = labeller([{"image": output}], {}, [0])
    red, _, cold = np.moveaxis(np.asarray(output, np.int16), 2, 0)
    drawn = (np.asarray(labels.image) == number("skin")) & (red > cold) & region & (sample.labels == UPPER)
    if int(drawn.sum()) < LEAST:
        return {"drawn": int(drawn.sum()), "delta_e": None, "lighter": None}
    made, real = measures.mean_lab(output, drawn), measures.mean_lab(sample.picture, sample.skin)
    return {
        "drawn": int(drawn.sum()),
        "delta_e": float(np.linalg.norm(made - real)),
        "lighter": float(made[0] - real[0]),
    }
