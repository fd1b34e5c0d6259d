"""The smallest pose network, figures whose joints are dots, and a stand-in that sees the dots."""

from __future__ import annotations

import colorsys
from dataclasses import asdict
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageDraw

from shop_genai.generation import weights
from shop_genai.generation.pose.keypoints import MIRRORED, NAMES, Pose
from shop_genai.generation.pose.network import COUNTS, FACINGS, Found, PoseConfig, PoseNetwork
from shop_genai.generation.pose.pipeline import PosePipeline
from shop_genai.generation.pose.sampler import Posed

SHIPPED = PoseConfig()
TINY = PoseConfig(64, 96, (4, 8, 8, 8, 8))
GREY = (128, 128, 128)
COLOURS = [tuple(round(255 * part) for part in colorsys.hsv_to_rgb(n / len(NAMES), 1, 1)) for n in range(len(NAMES))]
# Of a figure that is 1 high: x from its middle to its own left (which is right in the picture), y down.
PLACES = np.array([
    (0, 0.10), (0.02, 0.08), (-0.02, 0.08), (0.05, 0.09), (-0.05, 0.09), (0.11, 0.2), (-0.11, 0.2), (0.16, 0.34),
    (-0.16, 0.34), (0.19, 0.47), (-0.19, 0.47), (0.07, 0.5), (-0.07, 0.5), (0.08, 0.72), (-0.08, 0.72), (0.08, 0.93),
    (-0.08, 0.93),
])  # fmt: skip


def joints(middle: float, top: float, high: float) -> tuple[tuple[float, float], ...]:
    """Where a figure's joints are."""
    return tuple((middle + float(x) * high, top + float(y) * high) for x, y in PLACES)


def figure(size: tuple[int, int], middle: float, top: float, high: float) -> Image.Image:
    """A dot of its own colour for each joint, on grey."""
    picture = Image.new("RGB", size, GREY)
    pen, dot = ImageDraw.Draw(picture), high * 0.013
    for (x, y), colour in zip(joints(middle, top, high), COLOURS, strict=True):
        pen.ellipse((x - dot, y - dot, x + dot, y + dot), fill=colour)
    return picture


def posed(size: tuple[int, int] = (160, 240), facing: str = "front", people: int = 1) -> Posed:
    """A figure to learn from, that can be cut out."""
    middle, top, high = size[0] / 2, 4.0, size[1] - 8.0
    person = Image.new("L", size)
    person.paste(255, (round(middle - 0.22 * high), 4, round(middle + 0.22 * high), size[1] - 4))
    pose = Pose(joints(middle, top, high), (1.0,) * 17, "back" if facing == "back" else "front")
    if people == 0:
        return Posed(Image.new("RGB", size, (90, 120, 60)))
    return Posed(figure(size, middle, top, high), pose=pose, person=person, people=1)


class Dots(torch.nn.Module):
    """Stands in for the network: a joint is where its colour is, and inside where its colour is seen at all."""

    def __init__(self, config: PoseConfig, people: int = 1, facing: str = "front") -> None:
        super().__init__()
        self.config = config
        self.people = people
        self.front = FACINGS.index("front" if facing == "front" else "back")
        self.views: list[torch.Tensor] = []

    def forward(self, picture: torch.Tensor) -> Found:
        self.views.append(picture)
        colours = torch.tensor(COLOURS).float() / 255 - 0.5
        centred = picture - 0.5
        like = torch.einsum("nchw,jc->njhw", centred, colours)
        norms = centred.norm(dim=1, keepdim=True) * colours.norm(dim=1)[None, :, None, None]
        # A pixel votes by how much colour it has, if the colour is a joint's.
        votes = torch.where(like > 0.985 * norms, centred.norm(dim=1, keepdim=True), torch.zeros(())) * (norms > 0.05)
        amounts = torch.nn.functional.avg_pool2d(votes, 4)
        # Colours do not swap sides in a mirror, as the pipeline expects of its second row.
        amounts[1:] = amounts[1:, MIRRORED]
        inside = amounts.amax(dim=(2, 3)) * 400 - 6
        facing = torch.zeros(len(picture), len(FACINGS))
        facing[:, self.front] = 4
        people = torch.zeros(len(picture), COUNTS)
        people[:, self.people] = 4
        return Found((amounts + 1e-6).log(), inside, facing, people)


def dots(people: int = 1, facing: str = "front", config: PoseConfig = SHIPPED) -> PosePipeline:
    """A pipeline that sees figures."""
    return PosePipeline(Dots(config, people, facing), torch.device("cpu"), torch.float32, "d" * 64, "0")  # type: ignore[arg-type]  # it stands in


def write_weights(folder: Path) -> Path:
    """Random weights, written as real ones are."""
    torch.manual_seed(0)
    content = {"kind": "pose", "version": "test", "promoted": True, "network": asdict(TINY)}
    weights.write(folder, content, {"pose": PoseNetwork(TINY).state_dict()})
    return folder
