"""Sets against sets: the figures, the warnings, the identity of a test set."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from shop_genai.training import metrics
from shop_genai.training.evaluating import sets
from shop_genai.training.extractors import Features
from shop_genai.training.packs import Entry, read_pack
from tests.generation.pictures import drawn
from tests.training.metrics.clouds import cloud


def seen(count: int, features: int = 6, seed: int = 0, shift: float = 0.0) -> Features:
    probabilities = np.random.default_rng(seed).dirichlet(np.full(4, 0.3), count)
    return Features(cloud(count, features, seed, shift=shift), probabilities)


def test_every_figure_is_that_of_its_metric() -> None:
    real, fake = seen(250, seed=1), seen(220, seed=2, shift=0.4)
    found = sets.compare(real, fake, seed=3)
    a, b = real.vectors, fake.vectors
    assert found["fid"] == metrics.frechet_distance(a, b)
    assert (found["kid"], found["kid_std"]) == metrics.kernel_distance(a, b, size=110, seed=3)
    score = found["inception_score"], found["inception_score_std"]
    assert score == metrics.inception_score(fake.probabilities, splits=2, seed=3)
    assert (found["precision"], found["recall"]) == metrics.precision_recall(a, b)
    assert (found["density"], found["coverage"]) == metrics.density_coverage(a, b)
    assert found["pairwise_ratio"] == metrics.pairwise_ratio(a, b)


def test_one_split_has_no_spread() -> None:
    assert "inception_score_std" not in sets.compare(seen(30), seen(30, seed=1))


def test_too_few_pictures_are_refused() -> None:
    with pytest.raises(ValueError, match="12 pictures are needed"):
        sets.compare(seen(40), seen(11))


def test_enough_healthy_pictures_need_no_warning() -> None:
    assert sets.warnings(seen(60, seed=1), seen(60, seed=2)) == []


def test_fewer_pictures_than_features_point_to_kid() -> None:
    [warning] = sets.warnings(seen(30, 40, 1), seen(30, 40, 2))
    assert "30 pictures are too few for FID with 40 features" in warning
    assert "Read KID" in warning


def test_unequal_numbers_and_unseen_collapse_are_said() -> None:
    unequal, unseen = sets.warnings(seen(60, seed=1), seen(20, seed=2))
    assert "20 made against 60 real" in unequal
    assert "needs 24 pictures" in unseen


def test_a_collapse_is_said() -> None:
    one = Features(np.repeat(seen(1).vectors, 60, axis=0), seen(60).probabilities)
    assert any(warning.startswith("Mode collapse: ") for warning in sets.warnings(seen(60, seed=1), one))


def test_the_test_set_is_known_by_its_files_alone(tmp_path: Path) -> None:
    for folder, names in (("a", "xyz"), ("b", "zxy")):
        (tmp_path / folder).mkdir()
        for number, name in enumerate(names):
            drawn(20, 20, number).save(tmp_path / folder / f"{name}.png")
    first, second = (read_pack(tmp_path / folder, "test") for folder in "ab")
    assert sets.fingerprint(first) == sets.fingerprint(second)
    assert len(sets.fingerprint(first)) == 64
    assert sets.fingerprint(first[:2]) != sets.fingerprint(second)
    assert sets.fingerprint(first, "squares 64") not in (sets.fingerprint(first), sets.fingerprint(first, "squares 32"))


def test_pictures_are_read_whole_squared_or_cut_out(tmp_path: Path) -> None:
    Image.new("RGB", (160, 120), (200, 0, 0)).save(tmp_path / "red.png")
    mask = Image.new("L", (160, 120))
    mask.paste(255, (0, 0, 100, 100))
    mask.save(tmp_path / "mask.png")
    entry = Entry(tmp_path / "red.png", "x", {"file": "red.png", "mask": "mask.png"})
    assert sets.reader()(entry).size == (160, 120)
    assert sets.reader(16)(entry).size == (16, 16)
    cut = np.asarray(sets.reader(64, white=True)(entry))
    assert cut[0, 0].tolist() == [255, 255, 255]
    assert cut[32, 32].tolist() == [200, 0, 0]
    assert sets.masked([entry, Entry(tmp_path / "red.png", "x")]) == [entry]
    with pytest.raises(FileNotFoundError, match="mask"):
        sets.masked([Entry(tmp_path / "red.png", "x")])
