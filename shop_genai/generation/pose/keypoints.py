"""A person's joints in a picture. Torch-free, and plain JSON for whoever keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Point = tuple[float, float]  # x to the right, y down, in pixels of the picture
Facing = Literal["front", "back", "side"]

NAMES = (  # COCO's order; left and right are the person's own
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
# For each joint the number of the one that takes its place in a mirror.
MIRRORED = [NAMES.index(n.replace("left", "?").replace("right", "left").replace("?", "right")) for n in NAMES]
SEEN = 0.4  # score from which a joint is taken to lie in the picture


@dataclass(frozen=True)
class Pose:
    """What is known of the person in a picture."""

    points: tuple[Point, ...]  # one for each of `NAMES`
    scores: tuple[float, ...]  # 0..1: probability that the point lies inside the picture, covered or not
    facing: Facing = "front"
    facing_confidence: float = 1.0  # 0..1
    people: int = 1  # 0, 1, or 2 for several
    people_confidence: float = 1.0  # 0..1

    def __post_init__(self) -> None:
        if len(self.points) != len(NAMES) or len(self.scores) != len(NAMES):
            raise ValueError(f"a pose has {len(NAMES)} points and as many scores")

    def point(self, name: str) -> Point | None:
        """Where a joint is; None where it is not in the picture."""
        place = NAMES.index(name)
        return self.points[place] if self.scores[place] >= SEEN else None

    def score(self, name: str) -> float:
        """How probable it is that a joint lies in the picture."""
        return self.scores[NAMES.index(name)]

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON."""
        return {
            "points": [[round(x, 2), round(y, 2)] for x, y in self.points],
            "scores": [round(score, 4) for score in self.scores],
            "facing": self.facing,
            "facing_confidence": round(self.facing_confidence, 4),
            "people": self.people,
            "people_confidence": round(self.people_confidence, 4),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Pose:
        """The inverse of `as_dict`.

        Raises:
            ValueError: it is not what `as_dict` wrote.
        """
        try:
            return cls(
                tuple((float(x), float(y)) for x, y in data["points"]),
                tuple(float(score) for score in data["scores"]),
                data["facing"],
                float(data["facing_confidence"]),
                int(data["people"]),
                float(data["people_confidence"]),
            )
        except (KeyError, TypeError) as error:
            raise ValueError(f"this is no pose: {error!r}") from error
