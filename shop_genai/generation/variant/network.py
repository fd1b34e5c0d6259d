"""The variant VAE: content of one picture, appearance of another, and the edit that joins them.

    picture, mask → encode_content → Content        what the cloth is: its shading, its texture, where its prints are
    picture, mask → encode_appearance → Posterior   what it looks like: a Gaussian over looks, whose prior is N(0, 1)
    Content, look → decode → Grid                   a bilateral grid of colour affines, for the picture at full size

Both encoders start from a garment's colour curve: its mean colour in each of eight steps of its own brightness. The
decoder draws the curve of the wanted look and, step by step, the matrix that turns the picture's colours around the
old curve into colours around the new one; convolutions see what differs from place to place.

A look begins as principal components of curves (`begin`), so before any training the edit lays one garment's colours
on the other's brightness, rank by rank. What training adds to that is a posterior, and everything that colours by rank
of brightness do not tell: prints, linings, cloth that shines.

Source: Kingma and Welling 2014, "Auto-Encoding Variational Bayes"; a split latent trained by swapping: Park et al.
2020, "Swapping Autoencoder for Deep Image Manipulation"; the grid: see grid.py. The curve is our own.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from shop_genai.generation.vae.network import Posterior

from .grid import Grid, layer_weights, luma

SMALLEST_STEP = 1.5 / 255  # between two levels of brightness: less than that is noise
BANDS = 4  # of equal height: what is worn above and what below may have colours of their own
PRECISION = 0.03  # standard deviation, of values in [-1, 1], to which a look tells a colour before training
OUTERMOST = 0.02  # quantile of the first level; the last is as far from the top


@dataclass(frozen=True)
class VariantConfig:
    """The shape of the networks; stored in the manifest beside the weights."""

    side: int = 96  # of the square that the encoders see, pixels
    appearance: int = 48  # numbers in a look
    channels: int = 24  # of the finest feature map; doubled at the next two halvings of the side
    hidden: int = 256  # of the multilayer perceptrons
    layers: int = 8  # of the grid, over brightness
    cells: int = 12  # of the grid, over height and over width

    def __post_init__(self) -> None:
        if self.side != 8 * self.cells:
            raise ValueError(f"three halvings lead from the side to the cells, so not from {self.side} to {self.cells}")
        if not 1 <= self.appearance <= 256:
            raise ValueError(f"a look has 1..256 numbers, not {self.appearance}")


@dataclass(frozen=True)
class Curve:
    """A garment's colours by its own brightness."""

    levels: Tensor  # (N, D) luma, rising, in [0, 1]
    mean: Tensor  # (N, D, 3) colour around each level, in [0, 1]
    spread: Tensor  # (N, D, 3) standard deviation around that
    bands: Tensor  # (N, BANDS, 3) mean colour from top to bottom, in [0, 1]
    shares: Tensor  # (N, BANDS, D) how much of a band lies on each level; each band's sum is 1

    def colours(self) -> Tensor:
        """The mean colours alone, in [-1, 1]: (N, 3 * D + 3 * BANDS)."""
        return 2 * torch.cat([self.mean.flatten(1), self.bands.flatten(1)], dim=1) - 1

    def features(self) -> Tensor:
        """(N, 11 * D - 1 + 3 * BANDS), roughly in [-1, 1]."""
        steps = self.levels[:, 1:] - self.levels[:, :-1]
        contrast = torch.log(steps / SMALLEST_STEP) / 4
        parts = (
            2 * self.levels - 1,
            contrast,
            2 * self.mean - 1,
            4 * self.spread,
            self.mean.clamp_min(0).sqrt() - 0.5,
            2 * self.bands - 1,
        )
        return torch.cat([part.flatten(1) for part in parts], dim=1)


@dataclass(frozen=True)
class Content:
    """What stays the same in every look."""

    curve: Curve
    maps: Tensor  # (N, 4 * channels, cells, cells)
    pooled: Tensor  # (N, 8 * channels): mean and deviation of the maps inside the mask


def curve_of(picture: Tensor, mask: Tensor, layers: int) -> Curve:
    """The colour curve of a garment.

    Args:
        picture: (N, 3, H, W) in [0, 1].
        mask: (N, 1, H, W) in [0, 1].
        layers: number of levels.
    """
    colours = picture.flatten(2)  # (N, 3, P)
    inside = (mask.flatten(2) > 0.5).to(picture)  # (N, 1, P)
    # Of an empty mask, all pixels count: whoever asks gets the picture's own colours rather than no number.
    inside = torch.where(inside.sum(dim=2, keepdim=True) > 0, inside, torch.ones_like(inside))
    brightness = luma(picture).flatten(1)  # (N, P)
    levels = _quantiles(brightness, inside[:, 0], layers)
    weights = layer_weights(brightness, levels) * inside  # (N, D, P)
    total = weights.sum(dim=2, keepdim=True)  # (N, D, 1)
    overall = (colours * inside).sum(dim=2) / inside.sum(dim=2)  # (N, 3)
    # A level that hardly any pixel is near leans on the mean of all: one pixel's weight of it.
    mean = (torch.einsum("ndp,ncp->ndc", weights, colours) + overall[:, None]) / (total + 1)
    squares = (torch.einsum("ndp,ncp->ndc", weights, colours**2) + overall[:, None] ** 2) / (total + 1)
    shares = (_by_band(weights.view(*weights.shape[:2], *mask.shape[2:])) + 1e-4).transpose(1, 2)  # (N, BANDS, D)
    area = _by_band(mask)  # (N, 1, BANDS)
    # A band without product has the mean colour of all.
    bands = (_by_band(picture * mask) + 1e-3 * overall[..., None]) / (area + 1e-3)
    return Curve(
        levels,
        mean,
        (squares - mean**2).clamp_min(1e-6).sqrt(),
        bands.transpose(1, 2),
        shares / shares.sum(dim=2, keepdim=True),
    )


def _by_band(planes: Tensor) -> Tensor:
    """(N, C, H, W) → means of the bands, (N, C, BANDS)."""
    return F.adaptive_avg_pool2d(planes, (BANDS, 1))[..., 0]


class Maps(nn.Module):
    """Picture, mask, and how far down each pixel is → (N, 4 * channels, side / 8, side / 8), and those pooled in the
    mask.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        widths = (channels, 2 * channels, 4 * channels)
        self.layers = nn.Sequential(
            nn.Conv2d(5, widths[0], 5, 2, 2),
            nn.SiLU(),
            nn.Conv2d(widths[0], widths[1], 3, 2, 1),
            nn.GroupNorm(8, widths[1]),
            nn.SiLU(),
            nn.Conv2d(widths[1], widths[2], 3, 2, 1),
            nn.GroupNorm(8, widths[2]),
            nn.SiLU(),
            nn.Conv2d(widths[2], widths[2], 3, 1, 1),
            nn.SiLU(),
        )

    def forward(self, picture: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        height = torch.linspace(-1, 1, picture.shape[2]).to(picture)[:, None].expand_as(mask)
        maps = self.layers(torch.cat([2 * picture - 1, 2 * mask - 1, height], dim=1))
        share = F.adaptive_avg_pool2d(mask, maps.shape[-2:])
        share = share / share.sum(dim=(2, 3), keepdim=True).clamp_min(1e-6)
        mean = (maps * share).sum(dim=(2, 3))
        deviation = ((maps - mean[..., None, None]) ** 2 * share).sum(dim=(2, 3)).clamp_min(1e-6).sqrt()
        return maps, torch.cat([mean, deviation], dim=1)


class VariantVae(nn.Module):
    """Both encoders and the decoder. Pictures are (N, 3, side, side), masks (N, 1, side, side), all in [0, 1]."""

    def __init__(self, config: VariantConfig = VariantConfig()) -> None:
        super().__init__()
        self.config = config
        facts = 11 * config.layers - 1 + 3 * BANDS  # numbers that describe a curve
        colours = 3 * (config.layers + BANDS)  # of these, the mean colours
        pooled, hidden, widest = 8 * config.channels, config.hidden, 4 * config.channels

        self.appearance_maps = Maps(config.channels)
        self.read = nn.Linear(colours, config.appearance)  # the look in a curve, without more ado
        self.appearance = _perceptron(facts + pooled, hidden, 2 * config.appearance)  # and what else there is to it
        self.content_maps = Maps(config.channels)
        self.write = nn.Linear(config.appearance, colours)  # the curve in a look
        self.look = _perceptron(config.appearance, hidden, hidden)
        self.whole = _perceptron(hidden + facts + pooled, hidden, 12 * config.layers * BANDS)
        self.trust = nn.Parameter(torch.tensor(0.7))  # how far the bands' wanted means are met
        self.modulation = nn.Linear(hidden + facts, 2 * widest)
        self.local = nn.Sequential(
            nn.Conv2d(widest, widest, 3, padding=1), nn.SiLU(), nn.Conv2d(widest, 12 * config.layers, 3, padding=1)
        )
        for last in (self.appearance[-1], self.whole[-1], self.local[-1], self.modulation):
            nn.init.zeros_(last.weight)  # type: ignore[arg-type]  # layers, which have a weight
            nn.init.zeros_(last.bias)  # type: ignore[arg-type]  # and a bias

    @torch.no_grad()
    def begin(self, colours: Tensor) -> None:
        """Let looks start as principal components of colour curves, each told as exactly as it varies.

        Args:
            colours: (M, 3 * D + 3 * BANDS), `Curve.colours` of many products.

        Source: Tipping and Bishop 1999, "Probabilistic Principal Component Analysis": the linear VAE.
        """
        mean = colours.mean(dim=0)
        _, values, axes = torch.linalg.svd(colours - mean, full_matrices=False)
        deviations = (values / len(colours) ** 0.5).clamp_min(PRECISION)
        kept = min(len(deviations), self.config.appearance)
        deviations, axes = deviations[:kept], axes[:kept]  # (K,), (K, C)
        for layer in (self.read, self.write):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        self.read.weight[:kept] = axes / deviations[:, None]
        self.read.bias[:kept] = -(axes @ mean) / deviations
        self.write.weight[:, :kept] = axes.T * deviations
        self.write.bias.copy_(mean)
        last = self.appearance[-1]
        if not isinstance(last, nn.Linear):
            raise TypeError("the encoder of looks ends with a linear layer")
        log_variance = last.bias[self.config.appearance :]
        log_variance[:kept] = 2 * torch.log(PRECISION / deviations)

    def encode_appearance(self, picture: Tensor, mask: Tensor) -> Posterior:
        """What the picture says about its look."""
        curve = curve_of(picture, mask, self.config.layers)
        _, pooled = self.appearance_maps(picture, mask)
        mean, log_variance = self.appearance(torch.cat([curve.features(), pooled], dim=1)).chunk(2, dim=1)
        return Posterior(self.read(curve.colours()) + mean, log_variance.clamp(-12, 4))

    def encode_content(self, picture: Tensor, mask: Tensor) -> Content:
        """What every look keeps."""
        maps, pooled = self.content_maps(picture, mask)
        return Content(curve_of(picture, mask, self.config.layers), maps, pooled)

    def drawn(self, look: Tensor) -> tuple[Tensor, Tensor]:
        """The colours that a look asks for, whatever the content: by level (N, D, 3), and by band (N, BANDS, 3)."""
        colours = 0.5 + 0.5 * self.write(look).unflatten(1, (-1, 3))
        return colours[:, : self.config.layers], colours[:, self.config.layers :]

    def decode(self, content: Content, look: Tensor) -> Grid:
        """The edit that gives this content that look, (N, appearance)."""
        count, layers, cells = len(look), self.config.layers, self.config.cells
        facts = content.curve.features()
        levels, bands = self.drawn(look)
        # What the levels' colours alone leave a band short of the colour that is wanted there.
        missing = self.trust * (bands - content.curve.shares @ levels)  # (N, BANDS, 3)
        look = self.look(look)
        whole = self.whole(torch.cat([look, facts, content.pooled], dim=1)).view(count, layers, 12, BANDS)
        whole = torch.cat([whole[:, :, :9], whole[:, :, 9:] + missing.transpose(1, 2)[:, None]], dim=2)
        # From the bands' middles to the rows of cells, linearly.
        whole = F.interpolate(whole.flatten(1, 2), cells, mode="linear").view(count, layers, 12, cells, 1)
        gain, shift = self.modulation(torch.cat([look, facts], dim=1))[..., None, None].chunk(2, dim=1)
        local = self.local(content.maps * (1 + gain) + shift).view(count, layers, 12, cells, cells)
        change = whole + local

        matrix = change[:, :, :9].unflatten(2, (3, 3)) + torch.eye(3).to(change)[..., None, None]
        wanted = levels[..., None, None] + change[:, :, 9:]
        # colour' = wanted + matrix (colour - old), written as an affine.
        old = content.curve.mean.view(count, layers, 1, 3, 1, 1)
        offset = wanted - (matrix * old).sum(dim=3)
        affines = torch.cat([matrix, offset[:, :, :, None]], dim=3)  # (N, D, 3, 4, h, w)
        return Grid(affines.flatten(2, 3).transpose(1, 2), content.curve.levels)


def _quantiles(values: Tensor, inside: Tensor, count: int) -> Tensor:
    """(N, P) values where `inside` is 1 → (N, count) evenly spread quantiles, at least `SMALLEST_STEP` apart."""
    ordered, _ = values.masked_fill(inside == 0, torch.inf).sort(dim=1)
    shares = torch.linspace(OUTERMOST, 1 - OUTERMOST, count).to(values)
    places = (shares * (inside.sum(dim=1, keepdim=True) - 1)).round().long()
    levels = ordered.gather(1, places)
    # Apart by construction: what is over after the steps are taken out must not fall.
    steps = SMALLEST_STEP * torch.arange(count).to(values)
    return (levels - steps).cummax(dim=1).values + steps


def _perceptron(inputs: int, hidden: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Linear(inputs, hidden), nn.SiLU(), nn.Linear(hidden, hidden), nn.SiLU(), nn.Linear(hidden, outputs)
    )
