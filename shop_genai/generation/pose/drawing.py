"""A skeleton over a picture, for people who check."""

from __future__ import annotations

from PIL import Image, ImageDraw

from .keypoints import Pose

BONES = (
    ("left_shoulder", "right_shoulder"),
    ("left_hip", "right_hip"),
    *(
        (f"{side}_{first}", f"{side}_{second}")
        for side in ("left", "right")
        for first, second in (
            ("shoulder", "elbow"),
            ("elbow", "wrist"),
            ("shoulder", "hip"),
            ("hip", "knee"),
            ("knee", "ankle"),
        )
    ),
    ("nose", "left_eye"),
    ("nose", "right_eye"),
    ("left_eye", "left_ear"),
    ("right_eye", "right_ear"),
)
LEFT, RIGHT, MIDDLE = (255, 96, 64), (64, 200, 96), (255, 220, 64)


def drawn(picture: Image.Image, pose: Pose) -> Image.Image:
    """The picture with the joints that are in it, and the bones between them."""
    shown = picture.convert("RGB")
    if shown is picture:
        shown = picture.copy()
    pen = ImageDraw.Draw(shown)
    unit = max(1, round(max(shown.size) / 220))
    for first, second in BONES:
        start, end = pose.point(first), pose.point(second)
        if start is not None and end is not None:
            colour = LEFT if second.startswith("left") else RIGHT
            pen.line([start, end], fill=MIDDLE if first[:4] != second[:4] else colour, width=unit)
            for x, y in (start, end):
                pen.ellipse((x - unit * 1.5, y - unit * 1.5, x + unit * 1.5, y + unit * 1.5), fill=colour)
    return shown
