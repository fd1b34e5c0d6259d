"""What the latent space holds: active dimensions, nats, and whether looks drawn from it are looks of real cloth."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from benchmarks._variant_pairs import Photo
from benchmarks._variant_peers import mean_shift
from shop_genai.generation.lab import lab
from shop_genai.generation.variant.pipeline import VariantPipeline
from shop_genai.generation.variant.prior import Prior
from shop_genai.generation.variant.regions import lab_histogram
from shop_genai.training import metrics

Values = NDArray[np.float64]

ACTIVE = 0.01  # variance of the posterior mean over the pictures from which a dimension says something
NEAREST = 3  # neighbours that make a ball, as in the paper


def measure_latent(pipeline: VariantPipeline, photos: Sequence[Photo]) -> dict[str, float]:
    """Active dimensions and KL in nats per look, over the photos.

    Source: Burda et al. 2016, "Importance Weighted Autoencoders" (active units).
    """
    mean, log_variance = pipeline.posterior_statistics([p.picture() for p in photos], [p.mask() for p in photos])
    kl = -0.5 * (1 + log_variance - mean**2 - np.exp(log_variance))  # Kingma and Welling 2014, appendix B
    return {
        "size": float(mean.shape[1]),
        "active": float((mean.var(axis=0) > ACTIVE).sum()),
        "kl": float(kl.sum(axis=1).mean()),
    }


def measure_prior(pipeline: VariantPipeline, photos: Sequence[Photo], each: int = 4) -> list[dict[str, Any]]:
    """Precision and recall of the colours of variants drawn from nothing, against those of the real products.

    Args:
        pipeline: its own prior is compared with N(0, I), and with products moved to any colour that a screen shows.
        photos: the real products.
        each: variants of each photo's shot.
    """
    real = np.stack([statistics(photo.picture(), photo.mask()) for photo in photos])
    sources = list({photo.shot: photo for photo in photos}.values())
    standard = VariantPipeline(pipeline.network, pipeline.device, prior=Prior.standard(real_size(pipeline)))
    methods: dict[str, Callable[[Photo, int], Image.Image]] = {
        "prior": lambda photo, number: _drawn(pipeline, photo, number, each),
        "N(0, I)": lambda photo, number: _drawn(standard, photo, number, each),
        "any colour, Lab mean shift": _anyhow,
    }
    rows = []
    for name, make in methods.items():
        made = np.stack([statistics(make(p, number), p.mask()) for p in sources for number in range(each)])
        precision, recall = metrics.precision_recall(real, made, NEAREST)
        variety = metrics.pairwise_ratio(real, made)
        rows.append({"method": name, "made": len(made), "precision": precision, "recall": recall, "variety": variety})
    return rows


def real_size(pipeline: VariantPipeline) -> int:
    """Numbers in a look."""
    return pipeline.network.config.appearance


def statistics(picture: Image.Image, mask: Image.Image) -> Values:
    """A product's colours as one vector: mean and deviation in CIELAB, and the three cumulated histograms.

    Scaled so that 10 units of CIELAB in mean or deviation count as much as all pixels one pair of bins away.
    """
    pixels = lab(np.asarray(picture, np.float64)[np.asarray(mask) > 0])
    histogram = np.cumsum(lab_histogram(picture, mask), axis=1)[:, ::2]
    return np.concatenate([pixels.mean(axis=0) / 10, pixels.std(axis=0) / 10, histogram.ravel()])


def _drawn(pipeline: VariantPipeline, photo: Photo, number: int, count: int) -> Image.Image:
    slots = {"image": photo.picture(), "mask": photo.mask()}
    [output] = pipeline([slots], {"count": count, "number": number}, [0])
    return output.image


def _anyhow(photo: Photo, number: int) -> Image.Image:
    """The product moved to a colour drawn evenly from sRGB: what a random picker would offer."""
    rng = np.random.default_rng([number, *photo.name.encode()])
    pixels = np.array(photo.picture())
    inside = photo.inside()
    moved = mean_shift(pixels[inside].astype(np.float64), rng.uniform(0, 255, (1, 3)))
    pixels[inside] = np.clip(np.rint(moved), 0, 255).astype(np.uint8)
    return Image.fromarray(pixels)
