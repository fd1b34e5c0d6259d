"""Contact sheets for the eye."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw

from benchmarks import _tryon_measures as measures
from benchmarks._tryon_measures import Dresser
from benchmarks._tryon_restored import METHODS, Case
from shop_genai.training.report import grid

HEIGHT = 320  # pixels of each picture


def restored_rows(pipeline: Dresser, cases: Sequence[Case]) -> list[list[Image.Image]]:
    """A row per case: the person, the garment's picture, each method's answer, and the photo that was wanted."""
    rows = []
    for case in cases:
        tried = [measures.dress(pipeline, case.person, case.garment, case.shot.kind, method) for method in METHODS]
        answers = [one.image or Image.new("RGB", case.person.size, "grey") for one in reversed(tried)]
        rows.append([case.person, case.garment, *answers, case.target])
    return rows


def sheet(rows: Sequence[Sequence[Image.Image]], titles: Sequence[str]) -> Image.Image:
    """Rows of pictures under their titles, all of one height.

    Raises:
        ValueError: there are no rows.
    """
    if not rows:
        raise ValueError("there is nothing to show")
    body = grid([[_small(picture) for picture in row] for row in rows])
    whole = Image.new("RGB", (body.width, body.height + 16), "white")
    whole.paste(body, (0, 16))
    for column, title in enumerate(titles):
        ImageDraw.Draw(whole).text((body.width * column / len(titles) + 2, 2), title, fill="black")
    return whole


def _small(picture: Image.Image) -> Image.Image:
    """Within a box of 3 : 4, on white, so that columns are equally wide."""
    width = HEIGHT * 13 // 16
    scale = min(width / picture.width, HEIGHT / picture.height)
    small = picture.resize((round(picture.width * scale), round(picture.height * scale)), Image.Resampling.LANCZOS)
    cell = Image.new("RGB", (width, HEIGHT), "white")
    cell.paste(small, ((width - small.width) // 2, (HEIGHT - small.height) // 2))
    return cell
