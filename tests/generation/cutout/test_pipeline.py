"""The cut-out at work, with a stand-in for the segmenter."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import ImageTooLarge, InvalidInputs, InvalidParams, ProductNotFound
from shop_genai.generation.cutout.pipeline import CutoutPipeline
from shop_genai.generation.output import Output
from shop_genai.generation.pictures import upright
from tests.generation.cutout.conftest import BOX, PRODUCT, Finder, ellipse, photo
from tests.generation.test_pictures import SRGB, of_mode


def cut(pipeline: CutoutPipeline, picture: Image.Image | None = None, **params: Any) -> Output:
    return pipeline([{"image": picture or photo(ellipse())}], params, [3])[0]


def borders(image: Image.Image) -> np.ndarray[Any, Any]:
    pixels = np.asarray(image)
    return np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])


def test_a_transparent_cutout_keeps_the_product_and_its_soft_edge(pipeline: CutoutPipeline) -> None:
    output = cut(pipeline)
    assert (output.image.mode, output.image.size) == ("RGBA", (200, 200))
    assert output.image.getpixel((100, 100)) == (*PRODUCT, 255)
    assert output.image.getpixel((5, 5))[3] == 0
    alpha = np.asarray(output.image.getchannel("A"))
    assert ((alpha > 0) & (alpha < 255)).any()
    assert output.mask is not None
    assert (np.asarray(output.mask) == 255 - alpha).all()


@pytest.mark.parametrize("shadow", [0.0, 1.0])
@pytest.mark.parametrize("frame", ["original", "square"])
def test_white_is_exactly_white_up_to_the_border(pipeline: CutoutPipeline, frame: str, shadow: float) -> None:
    output = cut(pipeline, background="white", frame=frame, shadow=shadow)
    assert output.image.mode == "RGB"
    assert (borders(output.image) == 255).all()
    pixels = np.asarray(output.image)
    away = np.asarray(output.mask) == 255
    assert (pixels[away] == 255).all() == (shadow == 0)
    # No rim of the green ground: nothing is greener than it is red.
    assert (pixels[..., 1].astype(int) - pixels[..., 0]).max() <= 2


def test_a_haze_that_the_network_leaves_does_not_show(finder: Finder, pipeline: CutoutPipeline) -> None:
    finder.mask = finder.mask.point(lambda value: max(60, min(200, value)))
    output = cut(pipeline, background="white")
    assert (borders(output.image) == 255).all()
    assert output.image.getpixel((100, 100)) == PRODUCT


def test_a_coloured_ground_gets_darker_below_the_product_only(pipeline: CutoutPipeline) -> None:
    plain = np.asarray(cut(pipeline, background="colour", colour="#8080ff").image, np.int16)
    dark = np.asarray(cut(pipeline, background="colour", colour="#8080ff", shadow=0.5).image, np.int16)
    assert (borders(Image.fromarray(plain.astype(np.uint8))) == (128, 128, 255)).all()
    assert (dark <= plain).all()
    assert plain[161, 100, 0] - dark[161, 100, 0] > 5
    assert (plain[:120] == dark[:120]).all()


def test_a_shadow_under_a_transparent_cutout_is_translucent_black(pipeline: CutoutPipeline) -> None:
    output = cut(pipeline, shadow=1.0)
    red, green, blue, alpha = output.image.getpixel((100, 162))
    assert (red, green, blue) == (0, 0, 0)
    assert 30 < alpha < 200
    over = Image.new("RGBA", output.image.size, "white")
    over.alpha_composite(output.image)
    white = np.asarray(cut(pipeline, background="white", shadow=1.0).image, np.int16)
    assert np.abs(np.asarray(over.convert("RGB"), np.int16) - white).max() <= 2


def test_a_square_has_the_product_in_its_middle(pipeline: CutoutPipeline) -> None:
    output = cut(pipeline, background="white", frame="square", margin=0.1)
    height = BOX[3] - BOX[1]
    assert output.image.width == output.image.height == pytest.approx(height / 0.8, abs=3)
    left, top, right, bottom = Image.eval(output.mask, lambda value: 255 * (value < 128)).getbbox()
    assert abs(left - (output.image.width - right)) <= 1
    assert abs(top - (output.image.height - bottom)) <= 1


def test_what_the_photo_cuts_off_below_stands_on_nothing(finder: Finder, pipeline: CutoutPipeline) -> None:
    finder.mask = ellipse(box=(60, 40, 140, 260))
    output = cut(pipeline, photo(finder.mask), background="white", shadow=1.0)
    assert output.info["cut_off"] == ["bottom"]
    assert output.info["shadow"] == 0
    assert (np.asarray(output.image)[np.asarray(output.mask) == 255] == 255).all()


def test_a_pictures_own_transparency_is_left_as_it_is(finder: Finder, pipeline: CutoutPipeline) -> None:
    finder.source = "alpha"
    picture = Image.merge("RGBA", [*Image.new("RGB", (200, 200), (10, 200, 30)).split(), finder.mask])
    output = cut(pipeline, picture)
    assert (np.asarray(output.image.getchannel("A")) == np.asarray(finder.mask)).all()
    [(seen, _mask)] = finder.asked
    assert seen.getchannel("A").tobytes() == finder.mask.tobytes()
    soft = np.asarray(finder.mask) > 0
    assert (np.asarray(output.image)[soft][:, :3] == (10, 200, 30)).all()


def test_the_segmenter_gets_the_upright_picture_and_the_mask(finder: Finder, pipeline: CutoutPipeline) -> None:
    finder.mask = ellipse((100, 200), (20, 20, 80, 180))
    picture = photo(ellipse((200, 100), (20, 20, 180, 80)))
    exif = Image.Exif()
    exif[0x0112] = 6  # as a phone that was held upright writes it
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    picture = Image.open(buffer)
    given = Image.new("L", (100, 200), 255)
    output = pipeline([{"image": picture, "mask": given}], {}, [0])[0]
    assert output.image.size == (100, 200)
    [(seen, mask)] = finder.asked
    assert (seen.size, mask) == ((100, 200), given)
    assert upright(seen).size == seen.size  # nobody turns it again


@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK", "RGBA", "LA", "I;16"])
def test_every_mode_that_photos_come_in_can_be_cut(finder: Finder, mode: str) -> None:
    finder.mask = ellipse((40, 30), (5, 5, 35, 25))
    picture = of_mode(mode, 40, 30)
    before = picture.tobytes()
    output = cut(CutoutPipeline(finder), picture, background="white", shadow=0.5)
    assert (output.image.mode, output.image.size) == ("RGB", (40, 30))
    assert picture.tobytes() == before


def test_the_facts_say_what_was_done(pipeline: CutoutPipeline) -> None:
    picture = photo(ellipse())
    picture.info["icc_profile"] = SRGB
    output = cut(pipeline, picture, background="colour", colour="#AABBCC", shadow=0.25)
    assert output.image.info == {"icc_profile": SRGB}
    assert json.loads(json.dumps(output.info)) == output.info
    expected = {
        "background": "colour",
        "colour": "#aabbcc",
        "shadow": 0.25,
        "seed": 3,
        "kind": "product",
        "mask_source": "network",
        "confidence": 0.875,
        "weights": "d" * 64,
        "weights_version": "test",
        "input_size": [200, 200],
        "cut_off": [],
    }
    assert expected.items() <= output.info.items()
    assert cut(pipeline).info["colour"] is None


def test_progress_rises_picture_by_picture_and_each_has_its_own_wish(pipeline: CutoutPipeline) -> None:
    told: list[float] = []
    pictures = [{"image": photo(ellipse())}] * 2
    outputs = pipeline(pictures, [{"background": "white"}, {}], [0, 1], told.append)
    assert [output.image.mode for output in outputs] == ["RGB", "RGBA"]
    assert told == [0.5, 1.0]


def test_what_cannot_be_done_is_refused(finder: Finder, pipeline: CutoutPipeline) -> None:
    picture = photo(ellipse())
    with pytest.raises(InvalidInputs):
        pipeline([{"mask": picture}], {}, [0])
    with pytest.raises(InvalidInputs):
        pipeline([{"image": picture, "person": picture}], {}, [0])
    with pytest.raises(InvalidInputs):
        pipeline([{"image": picture}], {}, [0, 1])
    with pytest.raises(InvalidParams):
        pipeline([{"image": picture}], {"tint": 1}, [0])
    finder.mask = Image.new("L", (200, 200), 20)
    with pytest.raises(ProductNotFound):
        cut(pipeline, picture)


def test_a_square_beyond_all_measure_is_refused(monkeypatch: pytest.MonkeyPatch, pipeline: CutoutPipeline) -> None:
    monkeypatch.setattr("shop_genai.generation.cutout.pipeline.LARGEST_OUTPUT", 100_000)
    with pytest.raises(ImageTooLarge) as refused:
        cut(pipeline, frame="square", margin=0.4)
    assert refused.value.details["field"] == "margin"
