"""The pose network at work: looks at a whole picture, finds the person, and looks closer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from shop_genai.errors import InvalidInputs, InvalidParams
from shop_genai.generation import tensors, weights
from shop_genai.generation.devices import pick_device, pick_dtype
from shop_genai.generation.output import Output, Progress
from shop_genai.generation.pictures import take_apart

from .drawing import drawn
from .framing import SHOULDERS, Box, Values, closer, trunk
from .heatmaps import places
from .keypoints import MIRRORED, NAMES, SEEN, Facing, Pose
from .network import FACINGS, PoseConfig, PoseNetwork

LOOKS = 2  # closer looks after the first
SEVERAL = 0.6  # probability from which there are several people: a shopper alone is not to be turned away
# Two people side by side are told less well by the whole picture than by its halves:
WHOLE = 0.9  # probability of nose and shoulders in either half, from which each shows a person of its own,
APART = 0.6  # of the trunk's length: so far apart at least are their noses; halves of one person show the same nose
ALIKE = 0.5  # and the smaller trunk against the larger
NARROW = 0.3  # distance between the shoulders, of the trunk's length, below which somebody is seen from the side


def open_pipeline(source: Path | None, device: str, dtype: str) -> PosePipeline:
    """Read and check the weights, and build the pipeline. See `generation.load`."""
    manifest = weights.manifest("pose", source)
    network = PoseNetwork(PoseConfig.from_dict(manifest.content["network"]))
    network.load_state_dict(weights.tensors(manifest, "pose"))
    target = pick_device(device)
    return PosePipeline(network, target, pick_dtype(dtype, target), manifest.digest, manifest.version)


@dataclass(frozen=True)
class Look:
    """What one look says, in pixels of the picture."""

    points: Values  # (17, 2)
    inside: Values  # (17,): probability of lying in the picture
    facing: Values  # probabilities of `FACINGS`
    people: Values  # probabilities of nobody, one, several


class PosePipeline:
    """A loaded pose network.

    Args:
        network: the weights.
        device, dtype: what to compute with.
        digest, version: the identity of the weights, for `Output.info`.
    """

    def __init__(
        self,
        network: PoseNetwork,
        device: torch.device,
        dtype: torch.dtype,
        digest: str = "",
        version: str = "",
    ) -> None:
        self.network = network.to(device, memory_format=torch.channels_last).eval().requires_grad_(False)  # type: ignore[call-overload]  # the stubs lack this form
        self.device = device
        self.dtype = dtype
        self.digest = digest
        self.version = version

    def __call__(
        self,
        inputs: Sequence[Mapping[str, Image.Image]],
        params: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        seeds: Sequence[int],
        progress: Progress | None = None,
    ) -> list[Output]:
        """The pose of one person in each picture.

        Args:
            inputs: one dict per picture; the slot is `image`, of any size and of any mode that photos come in.
            params: empty; the pose takes none.
            seeds: one each. Nothing is drawn at random; seeds are only recorded.
            progress: called after each picture with the share done, rising to 1; may raise to stop.

        Returns:
            `Output.image` is the picture with the skeleton over it; `Output.info` has what `Pose.as_dict` says.

        Raises:
            InvalidParams, InvalidInputs: what was asked cannot be done.
        """
        if any(params if isinstance(params, Mapping) else [given for given in params if given]):
            raise InvalidParams("pose takes no parameters.", field="params")
        if len(seeds) != len(inputs):
            raise InvalidInputs(f"{len(inputs)} pictures came with {len(seeds)} seeds.", field="seeds")
        if any(set(slots) != {"image"} for slots in inputs):
            raise InvalidInputs("pose takes exactly one picture, called “image”.", field="image")
        outputs = []
        for slots, seed in zip(inputs, seeds, strict=True):
            picture = take_apart(slots["image"]).colour
            pose = self.look(picture)
            info: dict[str, Any] = {
                "recipe": "pose",
                **pose.as_dict(),
                "seed": seed,
                "input_size": list(picture.size),
                "weights": self.digest,
                "weights_version": self.version,
                "device": str(self.device),
            }
            outputs.append(Output(drawn(picture, pose), None, info))
            if progress is not None:
                progress(len(outputs) / len(inputs))
        return outputs

    def look(self, picture: Image.Image) -> Pose:
        """The pose of the person in an RGB picture, whole and upright.

        The whole picture says how many people there are; then the joints that it finds say where to look closer, and
        what the closer looks see says the rest.
        """
        first = self._looked_at(picture, (0, 0, *picture.size))
        seen = first
        for _ in range(LOOKS):
            box = closer(seen.points, seen.inside, (0, 0, *picture.size))
            if box is None:
                break
            seen = self._looked_at(picture, box)
        people = first.people
        if people.argmax() == 0:
            # Somebody far away is more easily told from nobody close by.
            people = (first.people + seen.people) / 2
        count = _count(people)
        sure_of_count = float(people[count])
        if count == 1 and seen is not first:
            halves = self._people_in_halves(picture)
            count, sure_of_count = (2, halves) if halves >= WHOLE else (1, sure_of_count)
        facing, sure = _facing(seen)
        within = (seen.points >= 0).all(axis=1) & (seen.points <= np.array(picture.size)).all(axis=1)
        scores = np.where(within, seen.inside, np.minimum(seen.inside, SEEN / 2))
        return Pose(
            tuple((float(x), float(y)) for x, y in seen.points),
            tuple(float(score) for score in scores),
            facing,
            sure,
            count,
            sure_of_count,
        )

    def _people_in_halves(self, picture: Image.Image) -> float:
        """How probable it is that the left and the right half show a person each."""
        (width, height), middle = picture.size, picture.width // 2
        looks = []
        for left, right in ((0, middle), (middle, width)):
            half = picture.crop((left, 0, right, height))
            looks.append(self._looked_at(half, (0, 0, *half.size)))
        first, second = looks
        units = trunk(first.points), trunk(second.points)
        noses = first.points[0], second.points[0] + np.array([middle, 0])
        if min(units) < ALIKE * max(units) or float(np.linalg.norm(noses[0] - noses[1])) < APART * max(units):
            return 0.0
        return float(min(look.inside[[0, *SHOULDERS]].min() for look in looks))

    @torch.inference_mode()
    def _looked_at(self, picture: Image.Image, box: Box) -> Look:
        """One look, at a part of the picture and at its mirror image."""
        config = self.network.config
        view, scale, corner = cut(picture, box, (config.width, config.height))
        batch = tensors.to_tensor(np.asarray(view), self.device)
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.dtype is torch.bfloat16):
            found = self.network(torch.cat([batch, batch.flip(3)]))
        maps = found.maps.float()
        both = (maps[:1] + maps[1:, MIRRORED].flip(3)) / 2
        points = places(both)[0][0].double().cpu().numpy() * scale + np.array(corner)
        inside = found.inside.float().sigmoid()
        return Look(
            points,
            ((inside[0] + inside[1, MIRRORED]) / 2).double().cpu().numpy(),
            found.facing.float().softmax(dim=1).mean(dim=0).double().cpu().numpy(),
            found.people.float().softmax(dim=1).mean(dim=0).double().cpu().numpy(),
        )


def cut(picture: Image.Image, box: Box, size: tuple[int, int]) -> tuple[Image.Image, float, tuple[float, float]]:
    """A box of a picture, fitted into `size`; around it the picture goes on, and beyond that its border's colour.

    Returns:
        The view, pixels of the picture for one of the view, and the view's corner in the picture.
    """
    scale = max((box[2] - box[0]) / size[0], (box[3] - box[1]) / size[1])
    left = (box[0] + box[2] - scale * size[0]) / 2
    upper = (box[1] + box[3] - scale * size[1]) / 2
    fill = tuple(int(value) for value in np.median(np.asarray(picture)[[0, -1]].reshape(-1, 3), axis=0))
    # Shrunk in one step a bilinear transform would skip pixels.
    factor = max(1, int(scale))
    source = picture.reduce(factor) if factor > 1 else picture
    across, down = source.width / picture.width, source.height / picture.height
    move = (scale * across, 0.0, left * across, 0.0, scale * down, upper * down)
    view = source.transform(size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR, fillcolor=fill)
    return view, scale, (left, upper)


def _count(people: Values) -> int:
    if people[2] >= SEVERAL:
        return 2
    return int(people[:2].argmax())


def _facing(seen: Look) -> tuple[Facing, float]:
    """Front or back as the network says; the side where the shoulders lie over each other."""
    across = float(np.linalg.norm(seen.points[5] - seen.points[6])) / trunk(seen.points)
    both = seen.inside[[NAMES.index("left_shoulder"), NAMES.index("right_shoulder")]].min() >= SEEN
    if both and across < NARROW:
        return "side", float(np.clip(1.5 - across / NARROW, 0.5, 1.0))
    best = int(seen.facing.argmax())
    return FACINGS[best], float(seen.facing[best])
