"""The classifier's shapes and its perceptual distance."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from shop_genai.generation.features.network import Classifier, ClassifierConfig, perceptual_distance

TINY = ClassifierConfig(("hat", "shoe", "shirt"), widths=(4, 6, 8, 10))


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    return Classifier(TINY).eval()


def test_maps_halve_at_each_stage_and_features_are_their_mean(classifier: Classifier) -> None:
    picture = torch.rand(2, 3, 96, 64)
    maps = classifier.maps(picture)
    assert [tuple(m.shape[1:]) for m in maps] == [(4, 48, 32), (6, 24, 16), (8, 12, 8), (10, 6, 4)]
    torch.testing.assert_close(classifier.features(picture), maps[-1].mean(dim=(2, 3)))
    assert classifier(picture).shape == (2, 3)


def test_other_shapes_are_refused(classifier: Classifier) -> None:
    for shape in ((1, 1, 64, 64), (1, 3, 31, 64)):
        with pytest.raises(ValueError, match="at least 32"):
            classifier(torch.rand(shape))


def test_the_shape_survives_json() -> None:
    as_read = {"classes": ["a"], "side": 96, "widths": [1, 2], "dropout": 0.1}
    assert ClassifierConfig.from_dict(as_read) == ClassifierConfig(("a",), 96, (1, 2), 0.1)


def test_the_distance_is_between_unit_vectors_of_the_first_stages(
    classifier: Classifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    a = [torch.tensor([3.0, 4.0]).reshape(1, 2, 1, 1), torch.tensor([1.0, 0.0]).reshape(1, 2, 1, 1)]
    b = [torch.tensor([4.0, 3.0]).reshape(1, 2, 1, 1), torch.tensor([0.0, 9.0]).reshape(1, 2, 1, 1)]
    answers = iter([a, b])
    monkeypatch.setattr(classifier, "maps", lambda picture: next(answers))
    # (0.6, 0.8) against (0.8, 0.6): 0.04 + 0.04; the last stage does not count.
    distance = perceptual_distance(classifier, torch.zeros(1), torch.zeros(1))
    assert distance.item() == pytest.approx(0.08)


def test_the_distance_grows_with_blur_and_is_zero_for_equals(classifier: Classifier) -> None:
    sharp = torch.rand(1, 3, 64, 64)
    slight, strong = (F.avg_pool2d(sharp, k, stride=1, padding=k // 2) for k in (3, 7))
    distances = [perceptual_distance(classifier, other, sharp).item() for other in (sharp, slight, strong)]
    assert distances[0] == pytest.approx(0, abs=1e-9)
    assert distances[0] < distances[1] < distances[2]
