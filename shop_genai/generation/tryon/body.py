"""The person of a photo, as a try-on needs them: bones, parts, and the frame that the work is done in."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from shop_genai.generation.pose.keypoints import Pose

from .frame import HEIGHT, WIDTH, Frame, framed
from .parse import Parse, parsed
from .skeleton import Skeleton, of_pose

HALF = (WIDTH // 2, HEIGHT // 2)


@dataclass(frozen=True)
class Body:
    """Somebody who wants to try something on."""

    pose: Pose  # in the photo's pixels
    skeleton: Skeleton  # in the photo's pixels
    frame: Frame
    parse: Parse  # of the frame, (HEIGHT / 2, WIDTH / 2)


def studied(photo: Image.Image, pose: Pose, classes: NDArray[np.float32], kind: str) -> Body:
    """What is known of the person in a photo.

    Args:
        photo: RGB.
        pose: in its pixels; both shoulders are seen.
        classes: (K, h, w): the segmenter's probabilities for the whole photo, at any resolution.
        kind: of the garment: which part of the body matters.
    """
    skeleton, nose = of_pose(pose), pose.point("nose")
    frame = framed(skeleton, kind, nose, photo.size)
    matrix = frame.matrix / 2
    planes = [cut(plane, frame, photo.size) for plane in classes]
    seen = np.stack(planes)
    seen[0] = np.where(seen.sum(axis=0) < 0.5, 1, seen[0])
    small = frame.cut(photo, HALF)
    moved = None if nose is None else tuple((matrix[:, :2] @ np.asarray(nose) + matrix[:, 2]).tolist())
    return Body(pose, skeleton, frame, parsed(small, seen, skeleton.moved(matrix), moved))


def cut(plane: NDArray[np.float32], frame: Frame, size: tuple[int, int]) -> NDArray[np.float32]:
    """A plane of the whole photo, at any resolution → what the frame shows of it, at half the working size."""
    across, down = plane.shape[1] / size[0], plane.shape[0] / size[1]
    left, top = frame.left * across, frame.top * down
    step_x = (frame.right - frame.left) * across / HALF[0]
    step_y = (frame.bottom - frame.top) * down / HALF[1]
    move = (step_x, 0.0, left, 0.0, step_y, top)
    picture = Image.fromarray(np.ascontiguousarray(plane, np.float32))
    return np.asarray(picture.transform(HALF, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR), np.float32)
