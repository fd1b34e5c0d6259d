"""Promote, promote by force and roll back from the back office: asked first, decided by the registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from shop_genai import registry
from shop_genai.models import Promotion, Weights
from shop_genai.recipes import Recipe
from tests.admin.conftest import messages, page
from tests.fakes.weights import NAME, export, metrics, weighty

BOTH = ("promote_weights", "force_promote_weights")


@pytest.fixture
def recipe(db: None, tmp_path: Path) -> Recipe:
    return weighty(export(tmp_path / "package", "1.0", metrics(30.0)))


@pytest.fixture
def better(recipe: Recipe, tmp_path: Path) -> Weights:
    return registry.register(export(tmp_path / "new", "2.0", metrics(31.0)))


@pytest.fixture
def worse(recipe: Recipe, tmp_path: Path) -> Weights:
    return registry.register(export(tmp_path / "worse", "0.9", metrics(29.0)))


def step(row: Weights, name: str) -> str:
    return reverse("admin:shop_genai_weights_step", args=[row.pk, name])


def used(recipe: Recipe) -> str:
    row = registry.in_use(recipe)
    return row.version if row else ""


def offers(client: Client, row: Weights) -> list[str]:
    return [entry["name"] for entry in client.get(page(row)).context["steps"]]


def test_better_weights_are_promoted_after_a_question(desk: Client, recipe: Recipe, better: Weights) -> None:
    assert offers(desk, better) == ["promote"]
    question = desk.get(step(better, "promote"))
    assert "Promote: Weighty 2.0" in question.text
    assert "+1.000" in question.text
    assert used(recipe) == "1.0"  # a question changes nothing
    answer = desk.post(step(better, "promote"), follow=True)
    assert "use version 2.0" in messages(answer)
    assert used(recipe) == "2.0"
    assert Promotion.objects.get().by.get_username() == "merchandiser"  # type: ignore[union-attr]  # a person did it
    assert offers(desk, better) == ["rollback"]
    assert "merchandiser" in answer.text


def test_worse_weights_are_offered_by_force_only(desk: Client, recipe: Recipe, worse: Weights) -> None:
    assert offers(desk, worse) == ["force"]
    refused = desk.post(step(worse, "promote"))
    assert (refused.status_code, used(recipe)) == (422, "1.0")
    assert "29.00" in refused.text
    assert "required" in desk.get(step(worse, "force")).text
    unexplained = desk.post(step(worse, "force"), {"reason": "  "})
    assert (unexplained.status_code, used(recipe)) == (422, "1.0")
    assert "Say why" in unexplained.text
    answer = desk.post(step(worse, "force"), {"reason": "the fabric looks right"}, follow=True)
    assert used(recipe) == "0.9"
    assert "the fabric looks right" in answer.text
    assert "Promoted by force" in answer.text


def test_roll_back_and_no_second_time(desk: Client, recipe: Recipe, better: Weights) -> None:
    registry.promote(better)
    question = desk.get(step(better, "rollback"))
    assert "Roll back: Weighty 2.0" in question.text
    answer = desk.post(step(better, "rollback"), {"reason": "banding"}, follow=True)
    assert "use version 1.0 again" in messages(answer)
    assert used(recipe) == "1.0"
    assert "banding" in answer.text
    again = desk.post(step(better, "rollback"))  # the same page, sent a second time
    assert (again.status_code, used(recipe)) == (422, "1.0")
    assert "nothing to roll back" in again.text
    assert Promotion.objects.count() == 2


def test_a_step_that_is_not_possible_has_no_button(desk: Client, recipe: Recipe, better: Weights) -> None:
    package = registry.packaged(recipe)
    assert package is not None
    assert offers(desk, package) == []
    text = desk.get(step(package, "rollback")).text
    assert '<button class="button default' not in text
    registry.promote(better)
    assert "use these weights already" in desk.get(step(better, "promote")).text


@pytest.mark.parametrize(
    ("permissions", "promote", "force", "rollback"),
    [
        (("view_weights",), 403, 403, 403),
        (("promote_weights",), 200, 403, 200),
        (("force_promote_weights",), 403, 403, 403),
        (BOTH, 200, 200, 200),
    ],
)
def test_permissions(
    someone: Callable[..., Client],
    better: Weights,
    permissions: tuple[str, ...],
    promote: int,
    force: int,
    rollback: int,
) -> None:
    client = someone(*permissions)
    assert client.get(page(better)).status_code == 200
    found = [client.get(step(better, name)).status_code for name in ("promote", "force", "rollback")]
    assert found == [promote, force, rollback]
    for name, status in zip(("promote", "force", "rollback"), found, strict=True):
        if status == 403:
            assert client.post(step(better, name), {"reason": "x"}).status_code == 403
    assert not Promotion.objects.exists()
    assert offers(client, better) == (["promote"] if promote == 200 else [])


def test_nobody_looks_without_a_permission(someone: Callable[..., Client], better: Weights) -> None:
    assert someone("view_job").get(page(better)).status_code == 403


def test_addresses_that_mean_nothing(desk: Client, better: Weights) -> None:
    assert desk.get(step(better, "delete")).status_code == 404
    assert desk.get(reverse("admin:shop_genai_weights_step", args=[0, "promote"])).status_code == 404


def test_a_post_needs_the_token_and_a_person(staff: Any, recipe: Recipe, better: Weights) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(staff)
    assert strict.post(step(better, "promote")).status_code == 403
    assert Client().post(step(better, "promote")).status_code == 302
    assert used(recipe) == "1.0"


def test_files_that_are_gone_stop_the_step_with_their_sentence(desk: Client, recipe: Recipe, better: Weights) -> None:
    (Path(better.folder) / f"{NAME}.safetensors").unlink()
    answer = desk.post(step(better, "promote"))
    assert (answer.status_code, used(recipe)) == (422, "1.0")
    assert "cannot be read" in answer.text
