"""Promotion and rollback: who may, when it is refused, what is remembered, and what jobs get of it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import IntegrityError, connections, transaction

from shop_genai import registry, submission
from shop_genai.errors import (
    InvalidParams,
    NotAllowed,
    NothingToRollBack,
    WeightsError,
    WeightsLicenceRefused,
    WeightsMissing,
    WeightsNotBetter,
    WeightsNotComparable,
    WeightsTampered,
    WeightsUnmeasured,
    WrongState,
)
from shop_genai.models import Job, Promotion, Status, Weights
from shop_genai.recipes import Recipe
from tests.conftest import draw_photo
from tests.fakes import recipes as fakes
from tests.fakes.shop import make_image
from tests.fakes.weights import NAME, export, metrics, weighty
from tests.registry.conftest import Registered


def used(recipe: Recipe) -> str:
    row = registry.in_use(recipe)
    return row.version if row else ""


def promoted() -> list[str]:
    return list(Weights.objects.filter(promoted=True).values_list("version", flat=True))


def allowed(*codenames: str) -> User:
    person = User.objects.create_user(f"person-{User.objects.count()}")
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return person


# Promotion ------------------------------------------------------------------------------------------------


def test_better_weights_are_promoted_and_the_step_is_remembered(recipe: Recipe, registered: Registered) -> None:
    person = allowed("promote_weights")
    row = registered("2.0", 31.0)
    step = registry.promote(row, person)
    row.refresh_from_db()
    assert (used(recipe), promoted()) == ("2.0", ["2.0"])
    assert (row.promoted_by, row.promoted_at) == (person, step.at)
    assert (step.kind, step.by, step.after, str(step.before), step.reason) == (
        "promoted", person, row, "weighty 1.0", "",
    )  # fmt: skip
    assert [(line["figure"], line["before"], line["after"]) for line in step.figures] == [
        ("x2.psnr", 30.0, 31.0),
        ("x2.drift", 1.0, 1.0),
    ]
    assert str(step) == "weighty: weighty 1.0 → weighty 2.0"


def test_the_next_ones_must_beat_those_that_were_promoted(recipe: Recipe, registered: Registered) -> None:
    registry.promote(registered("2.0", 32.0))
    with pytest.raises(WeightsNotBetter, match="31"):
        registry.promote(registered("3.0", 31.0))  # better than the package, worse than what is used
    assert promoted() == ["2.0"]
    assert Promotion.objects.count() == 1


@pytest.mark.parametrize(
    ("psnr", "test_set", "kind"),
    [
        (30.0, {}, WeightsNotBetter),
        (None, {}, WeightsUnmeasured),
        (40.0, {"test_set": "ab" * 32}, WeightsNotComparable),
    ],
)
def test_what_is_not_proven_better_needs_force_and_a_reason(
    recipe: Recipe, registered: Registered, psnr: float | None, test_set: Any, kind: type[WeightsError]
) -> None:
    row = registered("2.0", psnr, **test_set)
    with pytest.raises(kind) as caught:
        registry.promote(row)
    assert caught.value.code == kind.code
    assert not Promotion.objects.exists()
    with pytest.raises(InvalidParams):
        registry.promote(row, force=True, reason="  ")
    step = registry.promote(row, force=True, reason=" fabric looks right ")
    assert (step.kind, step.reason, used(recipe)) == ("forced", "fabric looks right", "2.0")


def test_force_that_was_not_needed_is_an_ordinary_promotion(recipe: Recipe, registered: Registered) -> None:
    step = registry.promote(registered("2.0", 31.0), force=True, reason="to be sure")
    assert (step.kind, step.reason) == ("promoted", "to be sure")


def test_a_forced_step_without_a_reason_cannot_even_be_written(recipe: Recipe, registered: Registered) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Promotion.objects.create(recipe=NAME, kind="forced", after=registered("2.0"))


def test_permissions(recipe: Recipe, registered: Registered) -> None:
    better, worse = registered("2.0", 31.0), registered("3.0", 10.0)
    nobody, promoter, forcer = allowed(), allowed("promote_weights"), allowed("force_promote_weights")
    for person, force in [(nobody, False), (promoter, True), (forcer, True), (forcer, False)]:
        with pytest.raises(NotAllowed):
            registry.promote(worse, person, force=force, reason="I want it")
    with pytest.raises(NotAllowed):
        registry.rollback(NAME, nobody)
    assert not Promotion.objects.exists()
    registry.promote(better, promoter)
    both = allowed("promote_weights", "force_promote_weights")
    assert registry.promote(worse, both, force=True, reason="I want it").by == both
    assert registry.rollback(NAME, promoter).by == promoter


def test_what_is_used_already_is_not_promoted_again(recipe: Recipe, registered: Registered) -> None:
    with pytest.raises(WrongState):
        registry.promote(registry.packaged(recipe), force=True, reason="again")  # type: ignore[arg-type]  # it is there
    row = registered("2.0", 31.0)
    registry.promote(row)
    with pytest.raises(WrongState):
        registry.promote(row)
    assert Promotion.objects.count() == 1


def test_files_and_licence_are_looked_at_again_and_force_changes_nothing(
    recipe: Recipe, registered: Registered, settings: Any, tmp_path: Path
) -> None:
    row = registered("2.0", 31.0)
    file = tmp_path / "2.0" / f"{NAME}.safetensors"
    before = file.read_bytes()
    for change, kind in [
        (lambda: file.write_bytes(b"x" * len(before)), WeightsTampered),
        (file.unlink, WeightsMissing),
    ]:
        change()
        with pytest.raises(kind):
            registry.promote(row, force=True, reason="try")
    export(tmp_path / "2.0", "2.5")  # other weights in the same place
    with pytest.raises(WeightsMissing, match="there are others"):
        registry.promote(row)
    file.write_bytes(before)
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "ALLOW_NON_COMMERCIAL_WEIGHTS": True}
    strict = registry.register(export(tmp_path / "3.0", "3.0", metrics(33.0), licence="CC BY-NC 4.0"))
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "ALLOW_NON_COMMERCIAL_WEIGHTS": False}
    with pytest.raises(WeightsLicenceRefused):
        registry.promote(strict, force=True, reason="try")
    assert promoted() == []


def test_comparing_changes_nothing(recipe: Recipe, registered: Registered) -> None:
    row = registered("2.0", 31.0)
    before = list(Weights.objects.order_by("pk").values())
    assert [line.verdict for line in registry.compare(row).lines] == ["better", "same"]
    assert registry.rollback_target(NAME) is None
    assert list(Weights.objects.order_by("pk").values()) == before


# Rollback -------------------------------------------------------------------------------------------------


def test_each_rollback_goes_one_step_further_back(recipe: Recipe, registered: Registered) -> None:
    for version, psnr in [("2.0", 31.0), ("3.0", 32.0)]:
        registry.promote(registered(version, psnr))
    assert str(registry.rollback_target(NAME)) == "weighty 2.0"
    seen = []
    for _step in range(2):
        registry.rollback(NAME, reason="banding")
        seen.append((used(recipe), promoted()))
    assert seen == [("2.0", ["2.0"]), ("1.0", ["1.0"])]
    assert registry.rollback_target(NAME) is None
    with pytest.raises(NothingToRollBack):
        registry.rollback(NAME)
    kinds = registry.history(NAME).values_list("kind", "before__version", "after__version", "undone")
    assert list(kinds) == [
        ("rolled_back", "2.0", "1.0", False),
        ("rolled_back", "3.0", "2.0", False),
        ("promoted", "2.0", "3.0", True),
        ("promoted", "1.0", "2.0", True),
    ]


def test_a_promotion_after_a_rollback_stands_on_what_was_left(recipe: Recipe, registered: Registered) -> None:
    registry.promote(registered("2.0", 31.0))
    registry.promote(registered("3.0", 32.0))
    registry.rollback(NAME)
    registry.promote(registered("4.0", 33.0))
    seen = []
    for _step in range(2):
        registry.rollback(NAME)
        seen.append(used(recipe))
    assert seen == ["2.0", "1.0"]


def test_nothing_to_roll_back(recipe: Recipe) -> None:
    with pytest.raises(NothingToRollBack):
        registry.rollback(NAME)


def test_pressing_twice_goes_back_once(recipe: Recipe, registered: Registered) -> None:
    registry.promote(registered("2.0", 31.0))
    top = registered("3.0", 32.0)
    registry.promote(top)
    registry.rollback(NAME, leaving=top)
    with pytest.raises(WrongState):
        registry.rollback(NAME, leaving=top)
    assert used(recipe) == "2.0"


def test_back_to_files_that_are_gone_is_refused_and_changes_nothing(
    recipe: Recipe, registered: Registered, tmp_path: Path
) -> None:
    registry.promote(registered("2.0", 31.0))
    registry.promote(registered("3.0", 32.0))
    (tmp_path / "2.0" / f"{NAME}.safetensors").unlink()
    with pytest.raises(WeightsMissing):
        registry.rollback(NAME)
    assert (used(recipe), registry.history(NAME).filter(undone=True).count()) == ("3.0", 0)


def test_back_to_the_package_means_the_release_that_is_installed(
    recipe: Recipe, registered: Registered, tmp_path: Path
) -> None:
    registry.promote(registered("2.0", 31.0))
    export(tmp_path / "package", "1.1", metrics(30.5))
    step = registry.rollback(NAME)
    assert (step.after.version, used(recipe)) == ("1.1", "1.1")
    export(tmp_path / "package", "1.2", metrics(30.6))
    assert used(recipe) == "1.2"  # the promoted row stands for the package


# Jobs -----------------------------------------------------------------------------------------------------


def test_new_jobs_use_what_is_promoted_and_old_ones_what_they_were_pinned_to(
    recipe: Recipe, registered: Registered, drain: Callable[..., int], tmp_path: Path
) -> None:
    image = make_image(draw_photo())
    fakes.pipelines.clear()

    def made() -> Job:
        return submission.submit(recipe=NAME, inputs={"image": image}).job

    waiting = made()
    registry.promote(registered("2.0", 31.0))
    new = made()
    assert (waiting.weights.version, new.weights.version) == ("1.0", "2.0")  # type: ignore[union-attr]  # both have some
    drain()  # the same process works on both: no restart
    jobs = Job.objects.order_by("created").values_list("status", "weights__version")
    assert list(jobs) == [(Status.SUCCEEDED, "1.0"), (Status.SUCCEEDED, "2.0")]
    assert len(fakes.pipelines) == 2
    registry.rollback(NAME)
    assert made() == waiting  # the same weights again: the same request has its answer already


def test_a_job_whose_weights_vanished_fails_and_says_so(
    recipe: Recipe, registered: Registered, drain: Callable[..., int], tmp_path: Path
) -> None:
    registry.promote(registered("2.0", 31.0))
    (tmp_path / "2.0" / f"{NAME}.json").unlink()
    job = submission.submit(recipe=NAME, inputs={"image": make_image(draw_photo())}).job
    drain()
    job.refresh_from_db()
    assert (job.status, job.error_code, job.weights.version) == (Status.FAILED, "weights_missing", "2.0")  # type: ignore[union-attr]  # pinned


@pytest.mark.django_db(transaction=True)
def test_two_promotions_at_once_leave_one_promoted(tmp_path: Path) -> None:
    recipe = weighty(export(tmp_path / "package", "1.0", metrics(30.0)))
    rows = [
        registry.register(export(tmp_path / version, version, metrics(psnr)))
        for version, psnr in [("2.0", 31.0), ("3.0", 31.0), ("4.0", 31.0)]
    ]
    start = threading.Barrier(len(rows))
    said: list[str] = []

    def run(row: Weights) -> None:
        start.wait()
        try:
            registry.promote(row)
            said.append("promoted")
        except WeightsNotBetter as error:
            said.append(error.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[row]) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["promoted", "weights_not_better", "weights_not_better"]
    assert len(promoted()) == 1
    assert [used(recipe)] == promoted()
    assert Promotion.objects.count() == 1
