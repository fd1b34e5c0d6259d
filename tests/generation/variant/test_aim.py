"""Looks that are searched for."""

from __future__ import annotations

import torch
from PIL import ImageFilter

from shop_genai.generation.variant import aim
from shop_genai.generation.variant.network import VariantVae
from shop_genai.generation.variant.pipeline import VariantPipeline
from tests.generation.pictures import drawn


def product_of(pipeline: VariantPipeline) -> aim.Product:
    frame = pipeline.products.find(drawn(64, 64).filter(ImageFilter.GaussianBlur(4)))
    return pipeline._product(frame)


def test_a_batch_of_equal_contents_gives_what_each_alone_gives(network: VariantVae, pipeline: VariantPipeline) -> None:
    product = product_of(pipeline)
    looks = torch.randn(3, 6, generator=torch.Generator().manual_seed(0))
    together = aim.mean_colours(network, product, looks)
    alone = torch.cat([aim.mean_colours(network, product, look[None]) for look in looks])
    assert torch.allclose(together, alone, atol=1e-3)


def test_a_colour_that_can_be_reached_is_reached(network: VariantVae, pipeline: VariantPipeline) -> None:
    product = product_of(pipeline)
    source = torch.Generator().manual_seed(1)
    hidden, known = torch.randn(1, 6, generator=source), torch.randn(4, 6, generator=source)
    wanted = aim.mean_colours(network, product, hidden)[0]
    found = aim.look_for(network, product, wanted, known)
    start = (aim.mean_colours(network, product, known) - wanted).norm(dim=1).min()
    assert start > 2
    assert (aim.mean_colours(network, product, found[None])[0] - wanted).norm() <= max(aim.NEAR, 0.1 * start)


def test_an_impossible_colour_ends_no_further_than_it_began(network: VariantVae, pipeline: VariantPipeline) -> None:
    product = product_of(pipeline)
    known = torch.zeros(1, 6)
    wanted = torch.tensor([50.0, 300.0, -300.0])
    found = aim.look_for(network, product, wanted, known)
    before, after = (
        float((aim.mean_colours(network, product, look)[0] - wanted).norm()) for look in (known, found[None])
    )
    assert torch.isfinite(found).all()
    assert after <= before
