"""What the commands that promote and roll back share: who asks, what is said, and the exit status of a refusal."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from shop_genai.errors import (
    GenaiError,
    NothingToRollBack,
    WeightsNotBetter,
    WeightsNotComparable,
    WeightsUnmeasured,
)
from shop_genai.models import Promotion

# Status 3 says: everything is in order, the answer is no. 1 is for weights or names that are not usable.
REFUSED = 3
ANSWERS_NO = (NothingToRollBack, WeightsNotBetter, WeightsNotComparable, WeightsUnmeasured)


def add_user_argument(parser: ArgumentParser) -> None:
    parser.add_argument("--user", help="whose permissions count and whom the history names; default: an operator")


def user_called(name: str | None) -> Any:
    """The user of that login name; None without a name.

    Raises:
        CommandError: there is none.
    """
    if not name:
        return None
    model = get_user_model()
    try:
        return model._default_manager.get_by_natural_key(name)
    except model.DoesNotExist as error:
        raise CommandError(_("There is no user “%(name)s”.") % {"name": name}) from error


def refusal(error: GenaiError) -> CommandError:
    return CommandError(f"{error} [{error.code}]", returncode=REFUSED if isinstance(error, ANSWERS_NO) else 1)


def sentence(step: Promotion) -> str:
    """What new jobs use now, and what they used before."""
    return _("New jobs of “%(recipe)s” use %(after)s (%(digest)s) now; before: %(before)s.") % {
        "recipe": step.recipe,
        "after": step.after.version,
        "digest": step.after.digest[:12],
        "before": step.before.version if step.before else _("none"),
    }
