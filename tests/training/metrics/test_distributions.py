"""FID, KID and Inception Score: closed forms, properties, and torchmetrics' answers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.inception import InceptionScore
from torchmetrics.image.kid import KernelInceptionDistance

from shop_genai.training import metrics
from tests.training.metrics.clouds import Points, cloud, clouds, with_moments

quick = settings(max_examples=40, deadline=None)


class AsTheyAre(nn.Module):
    """An extractor for torchmetrics whose features are the pictures' own numbers."""

    num_features = 6

    def forward(self, pictures: Tensor) -> Tensor:
        return pictures.flatten(1).double()


def flat(points: Points) -> Tensor:
    """Rows of 6 numbers as pictures of 3 channels, 1 by 2 pixels."""
    return torch.from_numpy(points.reshape(-1, 3, 1, 2))


def test_equal_covariances_leave_the_distance_of_the_means() -> None:
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    mean = np.array([1.0, -1.0])
    assert metrics.gaussian_distance(mean, covariance, mean + np.array([3, 4]), covariance) == pytest.approx(25)


def test_diagonal_covariances_by_hand() -> None:
    # Sum over axes of (s_a - s_b)^2 = (1 - 3)^2 + (2 - 5)^2, plus 1 for the means.
    a, b = np.diag([1.0, 4.0]), np.diag([9.0, 25.0])
    assert metrics.gaussian_distance(np.zeros(2), a, np.array([0.0, 1.0]), b) == pytest.approx(14)


def test_one_feature_by_hand() -> None:
    # Means 2 and 5; sample deviations sqrt(2) and 3 sqrt(2): 9 + (2 sqrt(2))^2.
    assert metrics.frechet_distance(np.array([[1.0], [3.0]]), np.array([[2.0], [8.0]])) == pytest.approx(17)


def test_covariances_that_do_not_commute() -> None:
    # tr (AB)^(1/2) for 2x2 is sqrt(tr AB + 2 sqrt(det AB)); here tr AB = 11, det AB = 3 * 6.
    a, b = np.array([[2.0, 1.0], [1.0, 2.0]]), np.array([[3.0, 0.0], [0.0, 2.0]])
    trace = math.sqrt(np.trace(a @ b) + 2 * math.sqrt(3 * 6))
    assert metrics.gaussian_distance(np.zeros(2), a, np.zeros(2), b) == pytest.approx(9 - 2 * trace)


def test_flat_covariances_stay_real_and_exact() -> None:
    # One direction each, at right angles: nothing overlaps, and the traces remain.
    a, b = np.diag([4.0, 0, 0]), np.diag([0, 9.0, 0])
    assert metrics.gaussian_distance(np.zeros(3), a, np.zeros(3), b) == pytest.approx(13, abs=1e-12)


def test_samples_are_measured_by_their_moments() -> None:
    covariance = np.array([[2.0, 0.3], [0.3, 1.0]])
    real = with_moments(np.zeros(2), covariance, 50, 1)
    fake = with_moments(np.array([0.0, 2.0]), 4 * covariance, 70, 2)
    # (2 S^(1/2) - S^(1/2))^2 = S, whose trace is 3.
    assert metrics.frechet_distance(real, fake) == pytest.approx(4 + 3)


def test_many_features_and_few_pictures() -> None:
    real = cloud(40, 300, 1)
    assert metrics.frechet_distance(real, real) == pytest.approx(0, abs=1e-6)
    assert metrics.frechet_distance(real, real + 1) == pytest.approx(300, rel=1e-8)


@quick
@given(clouds(), clouds(), st.integers(0, 99))
def test_the_frechet_distance_is_a_distance(real: Points, fake: Points, seed: int) -> None:
    distance = metrics.frechet_distance(real, fake)
    scale = 1e-7 * (1 + np.square(real).sum() + np.square(fake).sum())
    assert distance >= 0
    assert metrics.frechet_distance(fake, real) == pytest.approx(distance, rel=1e-6, abs=scale)
    assert metrics.frechet_distance(real, real) == pytest.approx(0, abs=scale)
    shuffled = np.random.default_rng(seed).permutation(fake)
    assert metrics.frechet_distance(real, shuffled) == pytest.approx(distance, rel=1e-6, abs=scale)


@quick
@given(clouds(), clouds(), st.integers(0, 99))
def test_the_kernel_distance_is_symmetric_and_knows_no_order(real: Points, fake: Points, seed: int) -> None:
    distance = metrics.polynomial_mmd(real, fake)
    shuffled = np.random.default_rng(seed).permutation(fake)
    scale = 1e-9 * (1 + np.abs(real).max() + np.abs(fake).max()) ** 6
    assert metrics.polynomial_mmd(fake, real) == pytest.approx(distance, abs=scale)
    assert metrics.polynomial_mmd(real, shuffled) == pytest.approx(distance, abs=scale)


def test_the_kernel_distance_by_hand() -> None:
    # One feature: k(x, y) = (xy + 1)^3. Within: k(0, 1) = 1 and k(2, 3) = 343; across: 1, 1, 27, 64.
    real, fake = np.array([[0.0], [1.0]]), np.array([[2.0], [3.0]])
    assert metrics.polynomial_mmd(real, fake) == pytest.approx(1 + 343 - 2 * (1 + 1 + 27 + 64) / 4)


def test_the_kernel_distance_is_unbiased_where_the_frechet_distance_is_not() -> None:
    means, biased = [], []
    for seed in range(20):
        real, fake = cloud(60, 20, 2 * seed), cloud(60, 20, 2 * seed + 1)
        means.append(metrics.polynomial_mmd(real, fake))
        biased.append(metrics.frechet_distance(real, fake))
    assert abs(np.mean(means)) < 3 * np.std(means) / 20**0.5
    assert np.mean(biased) > 3 * np.std(biased)


def test_kernel_subsets_are_seeded() -> None:
    real, fake = cloud(50, 5, 1), cloud(60, 5, 2, shift=0.5)
    first = metrics.kernel_distance(real, fake, subsets=5, size=20)
    assert metrics.kernel_distance(real, fake, subsets=5, size=20) == first
    assert metrics.kernel_distance(real, fake, subsets=5, size=20, seed=1) != first
    assert first[0] > 0
    assert first[1] > 0


def test_inception_scores_by_hand() -> None:
    sure = np.eye(4)[[0, 1, 2, 3] * 5]
    assert metrics.inception_score(sure, splits=1) == pytest.approx((4, 0))
    assert metrics.inception_score(np.full((9, 4), 0.25), splits=3) == pytest.approx((1, 0))
    # Two rows (.9, .1) and (.1, .9): KL from (.5, .5) is .9 log 1.8 + .1 log .2 for both.
    expected = math.exp(0.9 * math.log(1.8) + 0.1 * math.log(0.2))
    assert metrics.inception_score(np.array([[0.9, 0.1], [0.1, 0.9]]), splits=1)[0] == pytest.approx(expected)


def test_a_sorted_folder_scores_like_a_shuffled_one() -> None:
    by_class = np.eye(4)[np.repeat(np.arange(4), 50)]
    assert metrics.inception_score(by_class, splits=4)[0] > 3.5


@quick
@given(st.integers(1, 30), st.integers(2, 6), st.integers(0, 99))
def test_inception_scores_lie_between_one_and_the_number_of_classes(count: int, classes: int, seed: int) -> None:
    rows = np.random.default_rng(seed).dirichlet(np.full(classes, 0.3), count)
    mean, deviation = metrics.inception_score(rows, splits=1)
    assert 1 - 1e-9 <= mean <= classes + 1e-9
    assert deviation == 0


@pytest.mark.parametrize(
    ("real", "fake", "message"),
    [
        (np.zeros((5, 3)), np.zeros((5, 2)), "expected features"),
        (np.zeros((1, 3)), np.zeros((5, 3)), "at least 2"),
        (np.zeros((5, 3)), np.full((5, 3), np.nan), "not finite"),
    ],
)
def test_sets_that_cannot_be_compared_are_refused(real: Points, fake: Points, message: str) -> None:
    for distance in (metrics.frechet_distance, metrics.kernel_distance, metrics.polynomial_mmd):
        with pytest.raises(ValueError, match=message):
            distance(real, fake)


def test_what_is_no_probability_is_refused() -> None:
    with pytest.raises(ValueError, match="not probabilities"):
        metrics.inception_score(np.ones((20, 3)))
    with pytest.raises(ValueError, match="splits"):
        metrics.inception_score(np.full((5, 2), 0.5), splits=10)


def test_torchmetrics_agrees_on_the_frechet_distance() -> None:
    real, fake = cloud(80, 6, 1), cloud(50, 6, 2, spread=1.5, shift=0.3)
    theirs = FrechetInceptionDistance(AsTheyAre(), normalize=True, input_img_size=(3, 1, 2))
    theirs.set_dtype(torch.float64)
    theirs.update(flat(real), real=True)
    theirs.update(flat(fake), real=False)
    assert metrics.frechet_distance(real, fake) == pytest.approx(float(theirs.compute()), rel=1e-4)


@pytest.mark.filterwarnings("ignore:Metric `Kernel Inception Distance`:UserWarning")  # their note on memory
def test_torchmetrics_agrees_on_the_kernel_distance() -> None:
    real, fake = cloud(60, 6, 1), cloud(60, 6, 2, spread=1.5, shift=0.3)
    theirs = KernelInceptionDistance(AsTheyAre(), normalize=True, subsets=1, subset_size=60)
    theirs.update(flat(real), real=True)
    theirs.update(flat(fake), real=False)
    ours = metrics.kernel_distance(real, fake, subsets=1, size=60)[0]
    assert ours == pytest.approx(float(theirs.compute()[0]), rel=1e-6)


@pytest.mark.filterwarnings("ignore:Metric `InceptionScore`:UserWarning")  # their note on memory
def test_torchmetrics_agrees_on_the_inception_score() -> None:
    logits = 3 * cloud(60, 6, 3)
    theirs = InceptionScore(AsTheyAre(), splits=1)
    theirs.update(flat(logits))
    probabilities = torch.from_numpy(logits).softmax(dim=1).numpy()
    # A single split has no deviation; theirs would be 0 / 0, so only the mean is worked out.
    with pytest.warns(UserWarning, match="degrees of freedom"):
        mean = float(theirs.compute()[0])
    assert metrics.inception_score(probabilities, splits=1)[0] == pytest.approx(mean, rel=1e-6)
