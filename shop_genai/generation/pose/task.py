"""How the pose network is trained, and how it is measured."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from shop_genai.generation import tensors
from shop_genai.generation.example import Example

from .drawing import drawn
from .heatmaps import entropy, places, targets
from .keypoints import Pose
from .network import Found, PoseConfig, PoseNetwork
from .sampler import PoseSampler

Batch = dict[str, Any]
NEAR = 0.1  # of the trunk's length: how far a joint may be off to count as found
UPPER_BODY = slice(5, 13)  # shoulders, elbows, wrists, hips


@dataclass(frozen=True)
class PoseTaskConfig:
    """Everything that decides what is learned."""

    network: PoseConfig = field(default_factory=PoseConfig)
    sampler: PoseSampler = field(default_factory=PoseSampler)
    place_weight: float = 0.05  # of the distance of the joints, pixels of the picture
    inside_weight: float = 0.5
    facing_weight: float = 0.2
    people_weight: float = 0.3


class PoseTask:
    """The network and its backward pass; there is no discriminator."""

    name = "pose"

    def __init__(self, config: PoseTaskConfig, device: torch.device) -> None:
        self.config = config
        self.device = device
        self.sampler = config.sampler
        network = PoseNetwork(config.network)
        self.generator: nn.Module = network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]  # the stubs lack this form
        self.discriminator: nn.Module | None = None

    def forward(self, batch: Batch, steady: nn.Module, progress: float) -> None:
        """Run the network."""
        self.batch = {key: torch.from_numpy(batch[key]).to(self.device) for key in batch if key != "picture"}
        self.found: Found = self.generator(tensors.to_tensor(batch["picture"], self.device))

    def backward_D(self) -> dict[str, Tensor]:
        """There is nothing to tell real from made."""
        raise RuntimeError("the pose network has no discriminator to train")

    def backward_G(self) -> dict[str, Tensor]:
        """Learn where joints are, whether they are there, which way the person faces, and how many there are."""
        config, batch, found = self.config, self.batch, self.found
        known = (batch["inside"] == 1) * batch["known"][:, None]
        wanted = targets(batch["points"], *found.maps.shape[2:])
        where, _ = places(found.maps)
        distance = (where - batch["points"]).abs().sum(dim=2).clamp_max(40)
        some = batch["known"] + (batch["people"] == 0)
        inside = F.binary_cross_entropy_with_logits(found.inside, batch["inside"], reduction="none").mean(dim=1)
        parts = {
            "maps": entropy(found.maps, wanted, known),
            "places": config.place_weight * (distance * known).sum() / known.sum().clamp_min(1.0),
            "inside": config.inside_weight * (inside * some).sum() / some.sum().clamp_min(1.0),
            "facing": config.facing_weight * _cross(found.facing, batch["facing"]),
            "people": config.people_weight * _cross(found.people, batch["people"]),
        }
        torch.autograd.backward(torch.stack(list(parts.values())).sum())
        return {name: value.detach() for name, value in parts.items()}

    @torch.no_grad()
    def measure(self, network: nn.Module, examples: Sequence[Example]) -> dict[str, float]:
        """On views of pictures that training did not see, drawn with a fixed seed.

        `pck`: share of the joints of the upper body that are off by at most a tenth of the trunk's length;
        `off`: their median error in units of the trunk's length; `facing`, `people`: share that is told right.
        """
        training = network.training
        network.eval()
        rng = np.random.default_rng(0)
        sums: defaultdict[str, list[float]] = defaultdict(list)
        for start in range(0, len(examples), 16):
            batch = self.sampler(examples[start : start + 16], rng)
            found = network(tensors.to_tensor(batch["picture"], self.device))
            where = places(found.maps)[0].cpu().numpy()
            for row in range(len(where)):
                points, inside = batch["points"][row], batch["inside"][row]
                trunk = float(np.linalg.norm(points[[5, 6]].mean(axis=0) - points[[11, 12]].mean(axis=0)))
                if batch["known"][row] and inside[UPPER_BODY].sum() > 4 and trunk > 1:
                    error = np.linalg.norm(where[row] - points, axis=1)[UPPER_BODY] / trunk
                    sums["off"] += error[inside[UPPER_BODY] == 1].tolist()
                for name, logits in (("facing", found.facing), ("people", found.people)):
                    if batch[name][row] >= 0:
                        sums[name].append(float(int(logits[row].argmax()) == batch[name][row]))
        network.train(training)
        result = {name: float(np.mean(values)) for name, values in sums.items() if name != "off" and values}
        if sums["off"]:
            result["pck"] = float(np.mean(np.array(sums["off"]) < NEAR))
            result["off"] = float(np.median(sums["off"]))
        return result

    @torch.no_grad()
    def show(self, generator: nn.Module, pictures: Sequence[Image.Image], name: str) -> list[list[Image.Image]]:
        """Rows of (picture, picture with the joints that are found)."""
        training = generator.training
        generator.eval()
        size = (self.config.network.width, self.config.network.height)
        rows = []
        for picture in pictures:
            seen = picture.resize(size)
            found = generator(tensors.to_tensor(np.asarray(seen)[None], self.device))
            points = places(found.maps)[0][0].cpu().tolist()
            scores = found.inside[0].sigmoid().cpu().tolist()
            pose = Pose(tuple((x, y) for x, y in points), tuple(scores))
            rows.append([seen, drawn(seen, pose)])
        generator.train(training)
        return rows


def _cross(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy over the rows whose label is known."""
    known = labels >= 0
    if not bool(known.any()):
        return logits.sum() * 0
    return F.cross_entropy(logits[known], labels[known])
