"""The network that corrects the draft: where the garment really ends, its light and shade, and what is under it.

It never paints on the garment. What a shopper sees of the cloth is the product picture's own pixels, bent, times a
smooth factor of light; so a print stays what it is. Freely painted is only what no picture shows: skin, ground and
trousers where the old garment was.

It looks at a smaller picture than it corrects: what it says (how much more or less the garment covers, how light
falls, how far the rest is off) is smooth, while edges, prints and the photo itself keep their own resolution. Its
pixels are folded 2 x 2 into channels, and most weights work where pixels are few. There is no normalisation: batches
are small, and colours must come out as they went in. A new network changes nothing: it begins at the plain composite.

Sources: Ronneberger et al. 2015, "U-Net"; Shi et al. 2016, "Real-Time Single Image and Video Super-Resolution Using an
Efficient Sub-Pixel Convolutional Neural Network", section 2 (folding); Zhang et al. 2019, "Fixup Initialization"
(residual branches that begin at zero); Wang et al. 2018, "Toward Characteristic-Preserving Image-based Virtual Try-On
Network" (CP-VTON), eq. 6 (a mask that composes the warped garment with what is painted).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .morphology import grown, shrunk

FOLD = 2  # pixels along each axis that become channels
PLANES = 8  # draft, warped garment, its coverage and the region, at full resolution
BRIGHTEST = 0.9  # largest logarithm of the factor of light
FURTHEST = 1.0  # largest change of a colour under the garment, in [0, 1]
CERTAIN = 1 / 255  # coverages nearer than this to 0 or 1 count as that far away, so that they can be changed
STEP = 4.0  # what the network says of coverage is multiplied by this: from 0 to 1 it has far to go, as a logarithm


@dataclass(frozen=True)
class ComposerConfig:
    """The shape of the network; stored in the manifest beside its weights."""

    widths: Sequence[int] = (24, 48, 96, 224)  # channels at 1/2, 1/4, 1/8 and 1/16 of what it looks at
    blocks: Sequence[int] = (1, 1, 1, 3)  # residual blocks on the way down; one each on the way up
    maps: int = 8  # of the draft: see draft.MAPS
    skin: bool = False  # whether it says where skin is, so that the person's own tone is laid there
    reduction: int = 2  # it looks at pictures so many times smaller; what it says of them is smooth, and is enlarged

    @property
    def multiple(self) -> int:
        """Both sides of a picture are multiples of this."""
        return int(self.reduction * FOLD * 2 ** (len(self.widths) - 1))


REACH = 0.012  # of the height: so far from where the bent garment ends it may end in truth; inside it is no window
FACE, LIMBS, ERASED = 1, 3, 4  # of the maps: face and neck; arms and legs, seen or drawn; where the photo is not known
LESS = 0.2  # how much limbs count for the skin's tone beside the face: some of them are under cloth


class Composed(NamedTuple):
    """What the network makes of a draft."""

    picture: Tensor  # (N, 3, H, W); may leave [0, 1] a little under the garment
    alpha: Tensor  # (N, 1, H, W) in (0, 1): how far the garment covers
    gain: Tensor  # (N, 1, H, W): logarithm of the factor of its light, at most ±BRIGHTEST
    under: Tensor  # (N, 3, H, W): the person without it


class Composer(nn.Module):
    """A draft → the picture, and the layers that it is made of. Any H and W that are multiples of `config.multiple`."""

    def __init__(self, config: ComposerConfig = ComposerConfig()) -> None:
        super().__init__()
        self.config = config
        widths = tuple(config.widths)
        pairs = list(pairwise(widths))
        self.first = _conv(PLANES * FOLD**2 + config.maps, widths[0])
        self.down = nn.ModuleList(
            nn.Sequential(*(Block(w) for _ in range(n))) for w, n in zip(widths, config.blocks, strict=True)
        )
        self.coarser = nn.ModuleList(_conv(fine, coarse, stride=2) for fine, coarse in pairs)
        self.context = nn.Linear(widths[-1], widths[-1])
        self.finer = nn.ModuleList(nn.Conv2d(coarse, fine, 1) for fine, coarse in reversed(pairs))
        self.up = nn.ModuleList(Block(fine) for fine, _ in reversed(pairs))
        self.light = _silent(widths[1], 1)  # at a quarter of what it looks at: light is smooth
        self.last = _silent(widths[0], (5 if config.skin else 4) * FOLD**2)  # coverage, three colours, skin

    def forward(self, draft: Tensor, warped: Tensor, alpha: Tensor, region: Tensor, maps: Tensor) -> Composed:
        """Compose.

        Args:
            draft: (N, 3, H, W) in [0, 1], the person without the old garment.
            warped: (N, 3, H, W), the new garment, going on beyond its edge.
            alpha: (N, 1, H, W), how far it covers.
            region: (N, 1, H, W), where the picture may change.
            maps: (N, maps, H, W), what the parse and the bones say.
        """
        fine = torch.cat([draft, warped, alpha, region], dim=1)
        fine = F.avg_pool2d(fine, self.config.reduction) if self.config.reduction > 1 else fine
        coarse = F.avg_pool2d(maps, FOLD * self.config.reduction)
        seen = torch.cat([F.pixel_unshuffle(fine, FOLD), coarse], dim=1) * 2 - 1
        x = self.first(seen)
        levels = []
        for depth, blocks in enumerate(self.down):
            x = blocks(self.coarser[depth - 1](x) if depth else x)
            levels.append(x)
        levels.pop()
        # What the light is like, and who it falls on, is one for the whole picture.
        x = x + self.context(x.mean(dim=(2, 3)))[:, :, None, None]
        light = draft.new_zeros(1)
        for finer, block in zip(self.finer, self.up, strict=True):
            x = block(F.interpolate(finer(x), scale_factor=2.0) + levels.pop())
            if len(levels) == 1:
                light = self.light(F.relu(x))
        size = (draft.shape[2], draft.shape[3])
        gain = _enlarged(BRIGHTEST * torch.tanh(light), size)
        change = _enlarged(F.pixel_shuffle(self.last(F.relu(x)), FOLD), size)
        edge = _edge(alpha, max(1, round(REACH * size[0])))
        covers = torch.sigmoid(torch.logit(alpha, eps=CERTAIN) + STEP * change[:, :1] * edge)
        free = maps[:, ERASED : ERASED + 1]
        under = draft + free * FURTHEST * torch.tanh(change[:, 1:4])
        if self.config.skin:
            under = under + free * change[:, 4:].clamp(0, 1) * (_tone(draft, maps) - draft)
        picture = composed(draft, warped, covers, region, gain, under)
        return Composed(picture, covers, gain, under)


def fitting(state: Mapping[str, Tensor], network: Composer) -> dict[str, Tensor]:
    """Weights of a composer that says nothing of skin, for one that does: at first it says as little."""
    wanted = network.state_dict()
    found = dict(state)
    for name in ("last.weight", "last.bias"):
        missing = wanted[name].shape[0] - found[name].shape[0]
        if missing > 0:
            found[name] = torch.cat([found[name], wanted[name].new_zeros(missing, *found[name].shape[1:])])
    return found


def composed(draft: Tensor, warped: Tensor, alpha: Tensor, region: Tensor, gain: Tensor, under: Tensor) -> Tensor:
    """The layers laid over each other: the garment over the person, and both over the photo. See `Composed`."""
    cloth = (warped * gain.exp()).clamp(0, 1)
    return draft + region * (alpha * cloth + (1 - alpha) * under - draft)


class Block(nn.Module):
    """A residual block whose branch begins at zero."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.inner = _conv(width, width)
        self.outer = _silent(width, width)

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = x + self.outer(F.relu(self.inner(F.relu(x))))
        return y


def _tone(draft: Tensor, maps: Tensor) -> Tensor:
    """(N, 3, 1, 1): the mean colour of the person's face and arms in the draft; there it is theirs."""
    skin = maps[:, FACE : FACE + 1] + maps[:, LIMBS : LIMBS + 1] * LESS
    return (draft * skin).sum(dim=(2, 3), keepdim=True) / skin.sum(dim=(2, 3), keepdim=True).clamp_min(1e-3)


def _edge(alpha: Tensor, reach: int) -> Tensor:
    """1 near the places where coverage goes from 0 to 1, else 0."""
    return ((grown(alpha, reach) > 0.1) & (shrunk(alpha, reach) < 0.9)).to(alpha.dtype)


def _enlarged(planes: Tensor, size: tuple[int, int]) -> Tensor:
    if planes.shape[2:] == size:
        return planes
    return F.interpolate(planes, size=size, mode="bilinear", align_corners=False)


def _conv(inputs: int, outputs: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1)


def _silent(inputs: int, outputs: int) -> nn.Conv2d:
    """A convolution that says zero until it has learned something."""
    layer = _conv(inputs, outputs)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)  # type: ignore[arg-type]  # the stubs allow for a layer without one
    return layer
