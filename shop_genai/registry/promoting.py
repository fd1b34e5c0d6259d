"""Which weights new jobs use: promoted when they are better, rolled back in one step, each step recorded.

A promotion is a step forward on a pile, a rollback takes the topmost one off: rolling back twice goes two steps
back. Every step is one transaction that locks the recipe's rows first, so two people take turns, and the second one
is compared with what the first one promoted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from shop_genai import recipes
from shop_genai.errors import InvalidParams, NotAllowed, NothingToRollBack, WeightsMissing, WrongState
from shop_genai.models import Promotion, Weights
from shop_genai.recipes import Recipe
from shop_genai.registry.figures import Comparison, judge
from shop_genai.registry.files import check_files, check_licence
from shop_genai.registry.rows import in_use, packaged, write_alias

PROMOTE = "shop_genai.promote_weights"
FORCE = "shop_genai.force_promote_weights"

Made = TypeVar("Made")


def compare(weights: Weights) -> Comparison:
    """What the figures say of new weights beside those in use now; nothing is changed.

    Raises:
        UnknownRecipe: the recipe is not installed.
    """
    recipe = recipes.get(weights.recipe)
    current = _in_use(recipe, note=False)
    return judge(recipe.decides, weights.manifest, current.manifest if current else None)


def promote(weights: Weights, by: Any = None, *, force: bool = False, reason: str = "") -> Promotion:
    """Use these weights for new jobs from now on, if they are better on the same test set than those in use.

    Args:
        by: the user whose permissions count and whom the history names; None: an operator at the command line.
        force: promote them whatever the figures say. Needs a permission of its own and a reason, which are
            recorded. Missing or changed files and a refused licence are refused all the same.

    Raises:
        NotAllowed: the user lacks ``promote_weights``, or for force ``force_promote_weights``.
        InvalidParams: force without a reason.
        WeightsMissing, WeightsTampered: the files are not here as they were registered.
        WeightsLicenceRefused: the settings no longer allow their licence.
        WrongState: they are in use already.
        WeightsUnmeasured, WeightsNotComparable, WeightsNotBetter: the figures do not show that they are better.
    """
    _require(by, PROMOTE)
    reason = reason.strip()
    if force:
        _require(by, FORCE)
        if not reason:
            raise InvalidParams(_("Say why the figures shall not decide."), field="reason")
    recipe = recipes.get(weights.recipe)

    def step() -> Promotion:
        row = Weights.objects.using(write_alias()).get(pk=weights.pk)
        check_files(row)
        check_licence(row.manifest)
        current = _in_use(recipe)
        if current == row:
            raise WrongState(_("New jobs use these weights already."), state="promoted")
        found = judge(recipe.decides, row.manifest, current.manifest if current else None)
        if found.refusal is not None and not force:
            raise found.refusal
        kind = Promotion.Kind.PROMOTED if found.refusal is None else Promotion.Kind.FORCED
        figures = [line.as_json() for line in found.lines]
        return _use(row, current, by, kind=kind, reason=reason, figures=figures)

    return _in_turn(recipe, step)


def rollback(recipe: str, by: Any = None, *, reason: str = "", leaving: Weights | None = None) -> Promotion:
    """Use again what was in use before the last promotion that still stands.

    Args:
        leaving: the weights that the caller believes to be in use; a second press of a button changes nothing.

    Raises:
        NotAllowed: the user lacks ``promote_weights``.
        NothingToRollBack: nothing was in use before.
        WrongState: other weights than ``leaving`` are in use by now.
        WeightsMissing, WeightsTampered: the earlier files are not here any more as they were registered.
        UnknownRecipe: the recipe is not installed.
    """
    _require(by, PROMOTE)
    kind = recipes.get(recipe)

    def step() -> Promotion:
        current = _in_use(kind)
        if leaving is not None and current != leaving:
            raise WrongState(_("Meanwhile other weights are in use. Look again."), state="changed")
        top, target = _before(kind)
        check_files(target)
        top.undone = True
        top.save(update_fields=["undone"])
        return _use(target, current, by, kind=Promotion.Kind.ROLLED_BACK, reason=reason.strip())

    return _in_turn(kind, step)


def rollback_target(recipe: str) -> Weights | None:
    """What ``rollback`` would go back to; None if there is nothing. Nothing is changed.

    Raises:
        UnknownRecipe: the recipe is not installed.
    """
    try:
        return _before(recipes.get(recipe), note=False)[1]
    except NothingToRollBack:
        return None


def history(recipe: str) -> QuerySet[Promotion]:
    """Every step of a recipe, newest first."""
    return Promotion.objects.filter(recipe=recipe).select_related("before", "after", "by")


def _use(row: Weights, current: Weights | None, by: Any, **facts: Any) -> Promotion:
    """Mark the row and write the history, inside the caller's transaction."""
    alias, at = write_alias(), timezone.now()
    rows = Weights.objects.using(alias).filter(recipe=row.recipe)
    rows.filter(promoted=True).update(promoted=False)
    rows.filter(pk=row.pk).update(promoted=True, promoted_at=at, promoted_by=by)
    return Promotion.objects.using(alias).create(recipe=row.recipe, before=current, after=row, by=by, at=at, **facts)


def _before(recipe: Recipe, note: bool = True) -> tuple[Promotion, Weights]:
    """The promotion that a rollback would undo, and the weights from before it.

    The package's weights of an earlier release are gone with that release: the installed ones stand for them.

    Raises:
        NothingToRollBack: no promotion stands, or nothing was in use before it.
    """
    standing = Promotion.objects.using(write_alias()).filter(recipe=recipe.name, undone=False)
    top = standing.exclude(kind=Promotion.Kind.ROLLED_BACK).select_related("before").order_by("-id").first()
    target = top.before if top else None
    if target is not None and not target.folder:
        target = packaged(recipe, note)
    if top is None or target is None:
        raise NothingToRollBack(
            _("No other weights of “%(recipe)s” were in use before.") % {"recipe": recipe.name}, recipe=recipe.name
        )
    return top, target


def _in_use(recipe: Recipe, note: bool = True) -> Weights | None:
    """The weights in use; None as well where the package should have some and has not."""
    try:
        return in_use(recipe, note)
    except WeightsMissing:
        return None


def _in_turn(recipe: Recipe, step: Callable[[], Made]) -> Made:
    """Take a step with the recipe's rows locked, always in the same order."""
    with transaction.atomic(using=write_alias()):
        list(Weights.objects.using(write_alias()).select_for_update().filter(recipe=recipe.name).order_by("pk"))
        return step()


def _require(by: Any, permission: str) -> None:
    if by is not None and not by.has_perm(permission):
        raise NotAllowed(_("You do not have the permission for this step."), permission=permission)
