"""The pipeline: with a stand-in that sees colours, and with random weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import InvalidInputs, InvalidParams, ProductNotFound, WeightsMissing
from shop_genai.generation import load, weights
from shop_genai.generation.segment.classes import CLASSES, number
from shop_genai.generation.segment.task import overlap
from tests.generation.pictures import drawn
from tests.generation.segment.tiny import painter, shirt, write_weights


@pytest.mark.parametrize("size", [(48, 40), (300, 250), (90, 400)])
def test_a_thing_alone_is_the_product(size: tuple[int, int]) -> None:
    example = shirt(*size)
    found = painter().product_mask(example.picture)
    assert (found.source, found.kind, found.mask.size, found.mask.mode) == ("network", "product", size, "L")
    assert found.confidence > 0.9
    assert overlap(np.asarray(found.mask) >= 128, example.sold == 1) > 0.9


def test_of_a_person_only_the_garment_is_the_product() -> None:
    example = shirt(160, 200, worn=True)
    (output,) = painter(worn=True)([{"image": example.picture}], {}, [3])
    found = painter(worn=True).product_mask(example.picture)
    assert found.kind == output.info["kind"] == "worn"
    assert output.info["garment"] == "upper"
    assert overlap(np.asarray(found.mask) >= 128, example.sold == 1) > 0.9
    assert output.mask is not None
    person = np.asarray(output.mask) >= 128
    assert person[40, 80]  # the head is foreground, but no product
    assert np.asarray(found.mask)[40, 80] < 128
    assert np.asarray(output.image)[40, 80] == number("skin")


def test_another_garment_can_be_asked_for() -> None:
    picture = shirt(80, 80, worn=True).picture
    assert painter(worn=True).product_mask(picture, garment="upper").mask.getbbox() is not None
    with pytest.raises(ProductNotFound):
        painter(worn=True).product_mask(picture, garment="lower")
    with pytest.raises(InvalidParams):
        painter().product_mask(picture, garment="hat")


def test_small_things_are_looked_at_once_more() -> None:
    picture = Image.new("RGB", (640, 640), (200, 200, 200))
    picture.paste((190, 30, 40), (300, 330, 330, 380))
    found = np.asarray(painter().product_mask(picture).mask) >= 128
    truth = np.zeros((640, 640), bool)
    truth[330:380, 300:330] = True
    assert overlap(found, truth) > 0.85


def test_an_upload_wins_over_transparency_and_that_over_the_network() -> None:
    picture = shirt(60, 60).picture.convert("RGBA")
    alpha = Image.new("L", picture.size)
    alpha.paste(255, (0, 0, 20, 20))
    picture.putalpha(alpha)
    upload = Image.new("L", picture.size)
    upload.paste(255, (40, 40, 60, 60))
    pipeline = painter()
    assert pipeline.product_mask(picture).source == "alpha"
    assert pipeline.product_mask(picture).mask.getbbox() == (0, 0, 20, 20)
    assert pipeline.product_mask(picture, upload).source == "upload"
    assert pipeline.product_mask(picture, upload).mask.getbbox() == (40, 40, 60, 60)


def test_the_mask_is_upright_as_the_picture_will_be() -> None:
    example = shirt(60, 40)
    turned = example.picture.transpose(Image.Transpose.ROTATE_90)
    turned.getexif()[0x0112] = 6  # turn by 270 degrees to see it
    found = painter().product_mask(turned)
    assert found.mask.size == (60, 40)
    assert overlap(np.asarray(found.mask) >= 128, example.sold == 1) > 0.85


def test_nothing_or_nothing_sure_is_no_product() -> None:
    with pytest.raises(ProductNotFound) as refusal:
        painter().product_mask(Image.new("RGB", (50, 50), (200, 200, 200)))
    assert (refusal.value.code, refusal.value.http_status, refusal.value.retryable) == ("product_not_found", 422, False)
    with pytest.raises(ProductNotFound):
        painter(certainty=0.2).product_mask(shirt().picture)


def test_the_label_map_the_mask_and_what_is_said_of_them() -> None:
    example = shirt(100, 80)
    told: list[float] = []
    (output,) = painter()([{"image": example.picture}], {"mask": "product"}, [7], told.append)
    assert output.image.mode == "P"
    assert output.image.size == (100, 80)
    labels = np.asarray(output.image)
    assert np.isin(labels, [0, number("product")]).mean() > 0.95  # but for the edge
    info = output.info
    assert info["classes"] == list(CLASSES)
    assert info["shares"]["product"] == pytest.approx((labels == number("product")).mean(), abs=1e-4)
    assert (info["seed"], info["weights"], info["mask_source"]) == (7, "digest", "network")
    assert told == [1.0]


def test_the_same_picture_gives_the_same_answer(tmp_path: Path) -> None:
    pipeline = load("segment", write_weights(tmp_path), "cpu", "float32")
    first, second = pipeline([{"image": drawn(70, 50)}] * 2, {}, [0, 1])
    assert first.image.tobytes() == second.image.tobytes()
    assert pipeline.digest == weights.digest("segment", tmp_path) == first.info["weights"]


@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P", "CMYK", "I;16"])
@pytest.mark.parametrize("size", [(16, 16), (1, 1), (9, 300)])
def test_every_mode_and_size_is_segmented(mode: str, size: tuple[int, int], tmp_path: Path) -> None:
    pipeline = load("segment", write_weights(tmp_path), "cpu", "float32")
    picture = Image.new(mode, size) if mode == "I;16" else drawn(*size).convert(mode)
    (output,) = pipeline([{"image": picture}], {}, [0])
    assert output.mask is not None
    assert output.image.size == output.mask.size == size


def test_wrong_calls_are_refused() -> None:
    pipeline = painter()
    with pytest.raises(InvalidInputs, match="seeds"):
        pipeline([{"image": drawn(9, 9)}], {}, [])
    with pytest.raises(InvalidInputs, match="exactly one picture"):
        pipeline([{"photo": drawn(9, 9)}], {}, [0])
    with pytest.raises(InvalidParams):
        pipeline([{"image": drawn(9, 9)}], {"size": 3}, [0])


def test_without_weights_it_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        load("segment", tmp_path)
