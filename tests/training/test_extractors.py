"""Extractors: the product classifier, a user's Inception file, and whatever else is added."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from shop_genai.errors import InvalidParams, WeightsMissing, WeightsUnsupported
from shop_genai.generation import weights
from shop_genai.generation.features.network import Classifier, ClassifierConfig
from shop_genai.training import extractors
from shop_genai.training.extractors import Features, ShopFeatures, open_extractor
from tests.generation.pictures import drawn

TINY = ClassifierConfig(("hat", "shoe", "shirt"), side=32, widths=(4, 6, 8, 10))


class Toy(nn.Module):
    """Speaks like an Inception file: means of the colours as features, 10 times them as class scores."""

    def forward(self, picture: Tensor, return_features: bool = False) -> Tensor:
        assert picture.dtype == torch.uint8
        assert picture.shape[2] == 299
        means = picture.float().mean(dim=(2, 3)) / 255
        return means if return_features else 10 * means


class Finished(nn.Module):
    """Another form: gives probabilities, and can leave a bias out."""

    def forward(self, picture: Tensor, return_features: bool = False, no_output_bias: bool = False) -> Tensor:
        share = 0.25 if no_output_bias else 0.5
        return torch.tensor([[share, 1 - share]]).repeat(len(picture), 1)


class Other(nn.Module):
    def forward(self, picture: Tensor) -> Tensor:
        return picture


def scripted(network: nn.Module, file: Path) -> Path:
    with pytest.warns(DeprecationWarning, match=r"torch.jit"):
        torch.jit.script(network).save(file)
    return file


@pytest.fixture
def classifier() -> Classifier:
    torch.manual_seed(0)
    return Classifier(TINY)


def test_shop_features_are_those_of_the_classifier(classifier: Classifier) -> None:
    extractor = ShopFeatures(classifier, torch.device("cpu"), "ab" * 32)
    pictures = [drawn(50, 40, 1), drawn(32, 32, 2).convert("L")]
    found = extractor(iter(pictures))
    assert (extractor.name, extractor.identity) == ("shop features", "shop:abababababab")
    assert found.vectors.dtype == found.probabilities.dtype == np.float64
    assert not classifier.training
    squares = [np.asarray(p.convert("RGB").resize((32, 32), Image.Resampling.BICUBIC)) for p in pictures]
    batch = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        np.testing.assert_allclose(found.vectors, classifier.features(batch), rtol=1e-5)
        np.testing.assert_allclose(found.probabilities, classifier(batch).softmax(1), rtol=1e-4)


def test_more_pictures_than_a_batch_keep_their_order(classifier: Classifier, monkeypatch: pytest.MonkeyPatch) -> None:
    extractor = ShopFeatures(classifier, torch.device("cpu"))
    pictures = [drawn(32, 32, seed) for seed in range(5)]
    whole = extractor(pictures).vectors
    monkeypatch.setattr(extractors, "BATCH", 2)
    np.testing.assert_allclose(extractor(pictures).vectors, whole, rtol=1e-5)
    with pytest.raises(ValueError, match="no pictures"):
        extractor([])


def test_shrinking_is_antialiased(classifier: Classifier) -> None:
    # Stripes of one pixel are grey from afar.
    stripes = np.zeros((256, 256, 3), np.uint8)
    stripes[:, ::2] = 255
    grey = Image.new("RGB", (32, 32), (127, 127, 127))
    found = ShopFeatures(classifier, torch.device("cpu"))([Image.fromarray(stripes), grey]).vectors
    np.testing.assert_allclose(found[0], found[1], rtol=0.05, atol=0.01)


def test_the_packaged_classifier_and_one_of_your_own(classifier: Classifier, tmp_path: Path) -> None:
    packaged = open_extractor("shop", "cpu")
    assert packaged.identity == f"shop:{weights.digest('features')[:12]}"
    assert np.isfinite(packaged([drawn(96, 96)]).vectors).all()
    content = {"kind": "features", "version": "mine", "promoted": True, "network": vars(TINY)}
    mine = weights.write(tmp_path, content, {"classifier": classifier.state_dict()})
    own = open_extractor(f"shop:{tmp_path}", "cpu")
    assert own.identity == f"shop:{mine.digest[:12]}"
    assert own([drawn(32, 32)]).vectors.shape == (1, 10)


def test_an_inception_file(tmp_path: Path) -> None:
    extractor = open_extractor(f"inception:{scripted(Toy(), tmp_path / 'toy.pt')}", "cpu")
    found = extractor([Image.new("RGB", (20, 30), (255, 0, 51)), Image.new("RGB", (400, 500), (0, 0, 0))])
    assert extractor.name == "Inception"
    assert extractor.identity.startswith("inception:")
    np.testing.assert_allclose(found.vectors, [[1, 0, 0.2], [0, 0, 0]], atol=1e-6)
    expected = np.exp([10, 0, 2]) / np.exp([10, 0, 2]).sum()
    np.testing.assert_allclose(found.probabilities, [expected, [1 / 3] * 3], rtol=1e-5)


def test_an_inception_file_that_gives_probabilities(tmp_path: Path) -> None:
    extractor = open_extractor(f"inception:{scripted(Finished(), tmp_path / 'finished.pt')}", "cpu")
    np.testing.assert_allclose(extractor([drawn(32, 32)]).probabilities, [[0.25, 0.75]])


def test_files_that_will_not_do(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing, match=r"no file .*gone.pt"):
        open_extractor(f"inception:{tmp_path / 'gone.pt'}")
    (tmp_path / "text.pt").write_text("hello")
    with pytest.raises(WeightsUnsupported, match=r"text.pt is not a TorchScript"):
        open_extractor(f"inception:{tmp_path / 'text.pt'}")
    torch.save({"weight": torch.zeros(3)}, tmp_path / "state.pt")
    with pytest.raises(WeightsUnsupported, match=r"state.pt is not a TorchScript"):
        open_extractor(f"inception:{tmp_path / 'state.pt'}")
    with pytest.raises(WeightsUnsupported, match="no return_features"):
        open_extractor(f"inception:{scripted(Other(), tmp_path / 'other.pt')}")


@pytest.mark.parametrize("spec", ["vgg", "inception", "inception:", ""])
def test_unknown_and_incomplete_names_are_refused(spec: str) -> None:
    with pytest.raises(InvalidParams) as refusal:
        open_extractor(spec)
    assert refusal.value.details == {"field": "extractor"}


def test_one_of_your_own_is_added_in_one_place(monkeypatch: pytest.MonkeyPatch) -> None:
    class Widths:
        name, identity = "widths", "widths:1"

        def __init__(self, unit: str) -> None:
            self.unit = float(unit)

        def __call__(self, pictures: Iterable[Image.Image]) -> Features:
            widths = np.array([[picture.width / self.unit] for picture in pictures])
            return Features(widths, np.ones_like(widths))

    monkeypatch.setitem(extractors.EXTRACTORS, "widths", lambda argument, device: Widths(argument))
    assert open_extractor("widths:10", "cpu")([drawn(40, 32)]).vectors == [[4.0]]
