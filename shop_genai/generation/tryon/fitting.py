"""The two methods of our own: a garment bent onto the person and pasted, or composed by the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from .backends import FAMILIES, Capabilities, Fit, FitRequest
from .composer import Composer
from .draft import Draft, drafted
from .dressing import Cloth, Worn, cloth_of, dressed
from .frame import HEIGHT, WIDTH
from .layers import inner_layer
from .morphology import grown
from .params import LANDMARK_GAN, WARP_ONLY
from .skeleton import of_pose

MOST_INSIDE = 0.12  # share of a garment that its far inner side can take up
SEAM = 10  # pixels around a sleeve in which the composer takes nothing away
SHARPER = 2.5  # steepness of the garment's edge against what the composer says
FINEST = 1536  # pixels: the frame's height beyond which the garment is enlarged instead of bent anew
INVENTED = 0.06  # share of the region in which skin was drawn, from which on it is worth a warning
COVERED = 0.12  # share of the garment that lies under arms or hair, from which on it is worth a warning


class Networks(Protocol):
    """What a method needs of the pipeline."""

    composer: Composer
    device: torch.device


@dataclass(frozen=True)
class Layers:
    """A try-on before it is pasted, (…, h, w) at the working size."""

    draft: Draft
    alpha: Tensor  # (h, w)
    gain: Tensor  # (h, w): factor of the garment's light
    under: Tensor  # (3, h, w)


class OwnMethod:
    """Landmark warp, with the composer or without.

    Args:
        networks: the pipeline that it works for.
        composed: whether the composer corrects the draft.
    """

    def __init__(self, networks: Networks, *, composed: bool) -> None:
        self._networks = networks
        self._composed = composed

    def capabilities(self) -> Capabilities:
        """All families of garments, at any size of photo."""
        return Capabilities(
            name=LANDMARK_GAN if self._composed else WARP_ONLY,
            categories=FAMILIES,
            licence="that of shop_genai",
            commercial_ok=True,
        )

    def fit(self, request: FitRequest) -> Fit:
        """Dress the person; see `backends.Backend`."""
        cloth = cloth_for(request)
        draft = draft_for(request, cloth)
        layers = self.layers(draft)
        picture, region = pasted(request, cloth, layers)
        return Fit(picture, region, confidence(request, draft), warnings(request, draft))

    def layers(self, draft: Draft) -> Layers:
        """What is laid over what."""
        if not self._composed:
            return Layers(draft, draft.alpha, torch.ones_like(draft.alpha), draft.under)
        device = self._networks.device
        with torch.inference_mode():
            made = self._networks.composer(
                draft.under[None].to(device),
                draft.warped[None].to(device),
                draft.alpha[None, None].to(device),
                draft.region[None, None].to(device),
                draft.maps[None].to(device),
            )
        # What it is unsure of it blurs, as the mean of what might be. So an edge of cloth is taken where it thinks that
        # half is covered, and only what was drawn of the body is painted over, not the ground beside it.
        covers = made.alpha[0, 0].cpu()
        corrected = ((covers - draft.alpha).abs() * SHARPER**2).clamp_max(1.0)
        steep = ((covers - 0.5) * SHARPER + 0.5).clamp(0, 1)
        # A sleeve is narrow, and what the composer takes of it is a bite: only edges of the trunk are its own.
        sleeves = grown((draft.limbs > 0.5).float(), SEAM)
        alpha = torch.maximum(draft.alpha + corrected * (steep - draft.alpha), draft.alpha * sleeves)
        under = draft.under + draft.drawn * (made.under[0].cpu() - draft.under)
        return Layers(draft, alpha, made.gain[0, 0].exp().cpu(), under)


def cloth_for(request: FitRequest) -> Cloth:
    """The garment of a request, cut out."""
    garment = request.garment
    mask, inside = np.asarray(garment.mask), np.asarray(garment.inside)
    if inside.sum(dtype=np.int64) > MOST_INSIDE * mask.sum(dtype=np.int64):  # a print that was taken for a lining
        inside = np.zeros_like(inside)
    outer = Image.fromarray(mask - np.minimum(mask, inside))
    skeleton = of_pose(garment.wearer) if garment.wearer is not None else None
    return cloth_of(
        request.garment_picture,
        outer,
        garment.landmarks,
        garment.kind,
        garment.sleeves,
        skeleton,
        garment.before,
    )


def draft_for(request: FitRequest, cloth: Cloth) -> Draft:
    """The draft of a request, at the working size."""
    body = request.body
    size = (WIDTH, HEIGHT)
    skeleton = body.skeleton.moved(body.frame.matrix)
    photo = tensor(body.frame.cut(request.person, size))
    parse = body.parse.resized(size)
    inner = None
    if request.outer == "keep" and cloth.kind == "upper":
        inner = inner_layer(photo, parse, skeleton)
    return drafted(photo, parse, skeleton, dressed(cloth, skeleton, size), cloth.kind, request.tuck, inner=inner)


def pasted(request: FitRequest, cloth: Cloth, layers: Layers) -> tuple[Image.Image, Image.Image]:
    """The whole photo with the garment worn, and the region that changed; outside it the photo is as it was.

    The networks' answer is smooth and is enlarged; the garment's own pixels and those of the photo are not.
    """
    frame, photo = request.body.frame, request.person
    width, height = frame.right - frame.left, frame.bottom - frame.top
    draft = layers.draft

    def enlarged(values: Tensor) -> Tensor:
        return F.interpolate(values[None], size=(height, width), mode="bilinear", align_corners=False)[0]

    region = enlarged(draft.region[None])[0]
    region = torch.where(region < 1 / 128, torch.zeros_like(region), region)
    worn = _finer(cloth, request, (width, height)) if height > HEIGHT else None
    warped = enlarged(draft.warped) if worn is None else worn.colour
    alpha, gain = enlarged(layers.alpha[None]), enlarged(layers.gain[None])
    small = tensor(frame.cut(photo, (WIDTH, HEIGHT)))
    large = tensor(frame.cut(photo, None))
    # What the draft took from the photo is taken from it at its own resolution.
    taken = enlarged((draft.under - small).abs().amax(dim=0, keepdim=True).lt(1 / 255).float())
    under = enlarged(layers.under)
    under = taken * (large + under - enlarged(small)) + (1 - taken) * under
    made = (alpha * warped * gain + (1 - alpha) * under).clamp(0, 1)
    blended = large + region * (made - large)
    return _placed(photo, frame.left, frame.top, blended, region)


def _finer(cloth: Cloth, request: FitRequest, size: tuple[int, int]) -> Worn:
    """The garment bent at the photo's own resolution, or at the finest that is worth it."""
    frame = request.body.frame
    factor = min(1.0, FINEST / size[1])
    bent = (max(1, round(size[0] * factor)), max(1, round(size[1] * factor)))
    matrix = frame.matrix * (bent[1] / HEIGHT)
    worn = dressed(cloth, request.body.skeleton.moved(matrix), bent)
    if bent == size:
        return worn
    colour = F.interpolate(worn.colour[None], size=(size[1], size[0]), mode="bicubic", align_corners=False)[0]
    return Worn(colour.clamp(0, 1), worn.trunk, worn.limbs, worn.reach)


def _placed(photo: Image.Image, left: int, top: int, made: Tensor, region: Tensor) -> tuple[Image.Image, Image.Image]:
    """The frame's picture put into the photo, as far as it lies in it."""
    height, width = region.shape
    box = (max(0, left), max(0, top), min(photo.width, left + width), min(photo.height, top + height))
    part = (slice(box[1] - top, box[3] - top), slice(box[0] - left, box[2] - left))
    mask = np.ceil(region[part].clamp(0, 1).numpy() * 255).astype(np.uint8)
    pixels = (made[:, *part].permute(1, 2, 0).clamp(0, 1) * 255).round().byte().numpy()
    old = np.asarray(photo.crop(box))
    picture, changed = photo.copy(), Image.new("L", photo.size)
    picture.paste(Image.fromarray(np.where(mask[:, :, None] > 0, pixels, old)), box[:2])
    changed.paste(Image.fromarray(mask), box[:2])
    return picture, changed


def confidence(request: FitRequest, draft: Draft) -> float:
    """0..1: how far garment and pose are known, less what had to be invented."""
    joints = ("left_shoulder", "right_shoulder", "left_elbow", "right_elbow", "left_hip", "right_hip")
    seen = float(np.mean([request.body.pose.score(name) for name in joints]))
    return float(np.clip(request.garment.confidence * seen * (1 - draft.invented), 0, 1))


def warnings(request: FitRequest, draft: Draft) -> tuple[str, ...]:
    """Codes of what makes this picture less sure."""
    pose, parse, garment = request.body.pose, request.body.parse, request.garment
    trunk = draft.maps[5]
    within = float(trunk.sum()) + 1.0
    found = {
        "garment_low_confidence": garment.confidence < 0.6,
        "pose_low_confidence": min(pose.score("left_shoulder"), pose.score("right_shoulder")) < 0.6,
        "arms_cover_garment": float((parse["arms"] * _small(trunk)).sum()) * 4 / within > COVERED,
        "hair_over_garment": float((parse["hair"] * _small(trunk)).sum()) * 4 / within > COVERED / 3,
        "inside_collar_guessed": garment.inside_guessed,
        "skin_invented": draft.invented > INVENTED,
        "dark_photo": float(np.asarray(request.person.convert("L").resize((64, 64))).mean()) < 45,
        "small_person": request.body.frame.scale > 1.6,
        "body_guessed": bool(request.body.skeleton.guessed & {"left_hip", "right_hip", "left_elbow", "right_elbow"}),
    }
    return tuple(code for code, there in found.items() if there)


def _small(plane: Tensor) -> np.ndarray:
    return np.asarray(F.avg_pool2d(plane[None, None], 2)[0, 0].numpy())


def tensor(picture: Image.Image) -> Tensor:
    """RGB → (3, h, w) in 0..1."""
    return torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1) / 255
