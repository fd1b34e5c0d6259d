"""Finding products."""

from __future__ import annotations

import pytest
import torch
from PIL import Image, ImageDraw

from shop_genai.errors import ProductNotFound
from shop_genai.generation.lab import lab
from shop_genai.generation.variant.products import Products
from tests.generation.pictures import drawn
from tests.generation.variant.conftest import EverythingFinder


def square_mask(size: tuple[int, int] = (40, 30)) -> Image.Image:
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).rectangle((10, 10, 19, 19), fill=255)
    return mask


@pytest.fixture
def products() -> Products:
    return Products(32, torch.device("cpu"), EverythingFinder())


def test_who_says_where_the_product_is(products: Products) -> None:
    cut = drawn(40, 30)
    cut.putalpha(square_mask())
    assert products.find(drawn(40, 30)).found.source == "network"
    assert products.find(cut).found.source == "alpha"
    assert products.find(cut, square_mask()).found.source == "upload"


def test_given_masks_open_no_segmenter() -> None:
    assert Products(32, torch.device("cpu")).find(drawn(40, 30), square_mask()).found.kind == "product"


def test_what_the_networks_get(products: Products) -> None:
    picture = Image.new("RGB", (40, 30), "white")
    picture.paste((200, 30, 40), (10, 10, 20, 20))
    frame = products.find(picture, square_mask())
    square, mask = frame.encodable(torch.device("cpu"))
    assert square.shape == (1, 3, 32, 32)
    assert mask.shape == (1, 1, 32, 32)
    assert mask.max() == 1
    assert frame.mean() == pytest.approx(lab(torch.tensor([200.0, 30, 40]).double().numpy()), abs=1.5)


def test_an_empty_mask_is_no_product(products: Products) -> None:
    with pytest.raises(ProductNotFound):
        products.find(drawn(40, 30), Image.new("L", (40, 30)))
