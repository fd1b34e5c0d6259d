"""Views to learn from: joints move with the picture, and everything said of a view is true of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from shop_genai.generation.example import Example
from shop_genai.generation.pose.keypoints import MIRRORED
from shop_genai.generation.pose.sampler import Batch, Posed, PoseSampler
from tests.generation.pose.tiny import COLOURS, posed

PLAIN = PoseSampler(elsewhere=0.0, recoloured=0.0, together=0.0)
BODY = range(5, 17)
SAME = range(17)


def views(sampler: PoseSampler, example: Posed, count: int = 12, others: tuple[Posed, ...] = ()) -> list[Batch]:
    rng = np.random.default_rng(4)
    return [sampler.view(example, [example, *others], rng) for _ in range(count)]


def hue(pixel: np.ndarray) -> np.ndarray:
    centred = pixel.astype(float) - pixel.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-6))


def likeness(view: Batch, number: int, colour: tuple[int, ...]) -> float:
    """How near the strongest colour at a joint is to another."""
    x, y = view["points"][number]
    around = view["picture"][max(0, int(y) - 1) : int(y) + 2, max(0, int(x) - 1) : int(x) + 2].reshape(-1, 3)
    strongest = around[np.ptp(around.astype(int), axis=1).argmax()]
    return float(hue(strongest) @ hue(np.array(colour)))


def test_a_joint_is_where_its_dot_is() -> None:
    """Also in a mirror, where the dot of the left elbow is the right elbow."""
    mirrored = 0
    for view in views(PLAIN, replace(posed((480, 720)), person=None), 24):
        found = [number for number in BODY if view["inside"][number] == 1]
        own, others = (
            [likeness(view, number, COLOURS[as_of[number]]) for number in found] for as_of in (SAME, MIRRORED)
        )
        assert np.mean(np.array(own if sum(own) > sum(others) else others) > 0.8) > 0.85
        mirrored += sum(others) > sum(own)
    assert 4 < mirrored < 20


def test_what_lies_beyond_the_view_or_the_photo_is_not_inside() -> None:
    cut = 0
    for view in views(PoseSampler(close=1.0, cut=1.0), posed(), 20):
        beyond = ((view["points"] < 0) | (view["points"] >= [192, 256])).any(axis=1)
        assert not view["inside"][beyond].any()
        cut += (view["inside"][list(BODY)] == 0).any()
    assert cut > 10


def test_what_is_said_of_people() -> None:
    front, back = (views(PLAIN, posed(facing=facing)) for facing in ("front", "back"))
    assert {int(view["facing"]) for view in front} <= {0, -1}
    assert {int(view["facing"]) for view in back} <= {1, -1}
    assert all(view["people"] in (1, -1) and view["known"] == 1 for view in front)
    nobody = views(PLAIN, posed(people=0))
    assert all(view["people"] == 0 and view["known"] == 0 and not view["inside"].any() for view in nobody)
    assert all(view["facing"] == -1 for view in nobody)


def test_two_people_are_two_and_nobody_learns_their_joints() -> None:
    other = posed((200, 300))
    found = views(PoseSampler(together=1.0), posed(), 12, (other,))
    assert {int(view["people"]) for view in found} <= {2, -1}
    assert sum(view["people"] == 2 for view in found) > 6
    assert all(view["known"] == 0 for view in found)


def test_a_person_without_joints_says_nothing_of_people() -> None:
    legs = replace(posed(), pose=None)
    assert all(view["people"] == -1 and view["known"] == 0 for view in views(PLAIN, legs, 4))


def test_another_ground_is_put_behind_a_person() -> None:
    """Beside the figure the photo is grey; most views of it are not."""
    photo = PoseSampler(elsewhere=1.0, recoloured=0.0, together=0.0, close=0.0, whole=1.0)
    scene = posed(people=0)
    colours = [tuple(view["picture"][128, 8] // 32) for view in views(photo, posed(), 12, (scene,))]
    assert len(set(colours)) > 5


def test_a_batch_is_a_pure_function_of_its_random_numbers() -> None:
    examples: list[Example] = [posed(), posed(people=0), posed(facing="back")]
    first, second = (PoseSampler()(examples, np.random.default_rng(3)) for _ in range(2))
    assert first["picture"].shape == (3, 256, 192, 3)
    assert first["picture"].dtype == np.uint8
    for key in first:
        torch.testing.assert_close(torch.from_numpy(first[key]), torch.from_numpy(second[key]))
    with pytest.raises(IndexError):
        PoseSampler()([], np.random.default_rng(3))
