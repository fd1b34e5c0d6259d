"""The cut-out as anybody opens it: by name, with a segmenter's weights."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shop_genai.errors import WeightsMissing
from shop_genai.generation import load, weights
from tests.generation.cutout.conftest import ellipse, photo
from tests.generation.segment.tiny import write_weights


def test_it_opens_the_segmenters_weights_and_given_masks_win(tmp_path: Path) -> None:
    write_weights(tmp_path)
    pipeline = load("cutout", tmp_path, "cpu")
    mask = ellipse()
    (output,) = pipeline([{"image": photo(mask), "mask": mask}], {"background": "white"}, [0])
    assert (output.info["mask_source"], output.info["confidence"]) == ("upload", 1.0)
    assert output.info["weights"] == weights.digest("segment", tmp_path)
    assert (np.asarray(output.mask) == 255 - np.asarray(mask)).all()
    transparent = photo(mask)
    transparent.putalpha(mask)
    (output,) = pipeline([{"image": transparent}], {}, [0])
    assert output.info["mask_source"] == "alpha"
    assert output.image.getchannel("A").tobytes() == mask.tobytes()
    opposite = Image.eval(mask, lambda value: 255 - value)
    (output,) = pipeline([{"image": transparent, "mask": opposite}], {}, [0])
    assert output.info["mask_source"] == "upload"
    assert output.image.getchannel("A").tobytes() == opposite.tobytes()


def test_without_a_segmenter_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        load("cutout", tmp_path, "cpu")
