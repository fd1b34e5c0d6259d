"""What people decide about a result: approve, reject, reset, publish, revert.

PENDING → APPROVED | REJECTED, and back with ``reset``. An approved result can be published: then the shop's
own row holds its bytes, until ``revert`` puts the shop's original bytes back exactly. Each step is one
transaction that locks the source picture first, so two people deciding about one picture take turns. Files
are written last in it: when they fail, the rows are as they were.
"""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import Any

from django.apps import apps
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from shop_genai import catalogue, ledger, media
from shop_genai.errors import InputMissing, NotAllowed, WrongState
from shop_genai.models import GeneratedImage, ProductImage, Review

REVIEW = "shop_genai.review_generatedimage"
PUBLISH = "shop_genai.publish_generatedimage"

# What the history says. Stored in English, translated where it is shown.
APPROVED = gettext_noop("Approved.")
REJECTED = gettext_noop("Rejected.")
RESET = gettext_noop("Sent back to review.")
PUBLISHED = gettext_noop("Published.")
REPLACED = gettext_noop("Withdrawn: another result was published in its place.")
REVERTED = gettext_noop("Reverted: the shop's original picture is back.")


def approve(result: GeneratedImage, user: Any) -> GeneratedImage:
    """PENDING or REJECTED → APPROVED: shops may show it, and it may be published.

    Raises:
        NotAllowed: the user lacks ``review_generatedimage``.
        WrongState: it is approved already, or gone.
    """
    return _judge(result, user, Review.APPROVED, APPROVED)


def reject(result: GeneratedImage, user: Any) -> GeneratedImage:
    """PENDING or APPROVED → REJECTED: it is shown nowhere.

    Raises:
        NotAllowed: the user lacks ``review_generatedimage``.
        WrongState: it is rejected already, published, or gone.
    """
    return _judge(result, user, Review.REJECTED, REJECTED)


def reset(result: GeneratedImage, user: Any) -> GeneratedImage:
    """APPROVED or REJECTED → PENDING: as if nobody had looked yet.

    Raises:
        NotAllowed: the user lacks ``review_generatedimage``.
        WrongState: it is pending already, published, or gone.
    """
    return _judge(result, user, Review.PENDING, RESET)


def publish(result: GeneratedImage, user: Any) -> GeneratedImage:
    """Put an approved result in the place of the shop's own picture; one published before is withdrawn.

    The shop's original bytes are kept, so that ``revert`` can put them back.

    Raises:
        NotAllowed: the user lacks ``publish_generatedimage``.
        WrongState: it is not approved, published already, or gone.
        InputMissing: the result's file or the shop's row is gone.
        StorageUnavailable: the storage does not answer.
    """
    _require(user, PUBLISH)
    data = _bytes(result)  # read before any lock is held: storage may be slow
    with transaction.atomic(using=ledger.write_alias()):
        source, row = _locked(result)
        if row.review != Review.APPROVED:
            raise WrongState(_("Only an approved result can be published."), state=row.review)
        if row.published_at is not None:
            raise WrongState(_("This result is published already."), state="published")
        for other in source.results.select_for_update().filter(published_at__isnull=False):
            other.published_at = None
            other.save(update_fields=["published_at"])
            _log(other, user, REPLACED)
        row.published_at = timezone.now()
        row.save(update_fields=["published_at"])
        _log(row, user, PUBLISHED)
        if not source.is_upload:
            with media.storage_errors():
                catalogue.publish_bytes(source, data, PurePosixPath(row.name).suffix)
    return row


def revert(target: GeneratedImage | ProductImage, user: Any) -> ProductImage:
    """Take the published result back: the shop's original bytes return exactly, and its pages show them.

    Nothing of this picture stays approved, because an approved result shows; all of it waits for review again.

    Raises:
        NotAllowed: the user lacks ``publish_generatedimage``.
        WrongState: nothing, or another result, is published for this picture.
        InputMissing: the kept original or the shop's row is gone.
        StorageUnavailable: the storage does not answer.
    """
    _require(user, PUBLISH)
    with transaction.atomic(using=ledger.write_alias()):
        row: GeneratedImage | None
        if isinstance(target, GeneratedImage):
            source, row = _locked(target)
        else:
            source = _locked_source(target.pk)
            row = source.results.select_for_update().filter(published_at__isnull=False).first()
        if row is None or row.published_at is None:
            raise WrongState(_("There is nothing to revert: this is not published."), state="unpublished")
        for shown in source.results.select_for_update().filter(review=Review.APPROVED):
            shown.published_at = shown.reviewed_by = shown.reviewed_at = None
            shown.review = Review.PENDING
            shown.save(update_fields=["published_at", "review", "reviewed_by", "reviewed_at"])
            _log(shown, user, REVERTED if shown.pk == row.pk else RESET)
        if not source.is_upload:
            with media.storage_errors():
                catalogue.restore_bytes(source)
    return source


def _judge(result: GeneratedImage, user: Any, verdict: Review, message: str) -> GeneratedImage:
    _require(user, REVIEW)
    with transaction.atomic(using=ledger.write_alias()):
        _source, row = _locked(result)
        if row.review == verdict:
            raise WrongState(
                _("Nothing changed: this result is already “%(state)s”.") % {"state": verdict.label},
                state=row.review,
            )
        if row.published_at is not None:
            raise WrongState(_("This result is published. Revert it first."), state="published")
        judged = verdict != Review.PENDING
        row.review = verdict
        row.reviewed_by = user if judged else None
        row.reviewed_at = timezone.now() if judged else None
        row.save(update_fields=["review", "reviewed_by", "reviewed_at"])
        _log(row, user, message)
    return row


def _require(user: Any, permission: str) -> None:
    if not user.has_perm(permission):
        raise NotAllowed(_("You do not have the permission for this step."), permission=permission)


def _locked_source(pk: Any) -> ProductImage:
    try:
        return ProductImage.objects.using(ledger.write_alias()).select_for_update().get(pk=pk)
    except ObjectDoesNotExist:
        raise WrongState(_("This picture does not exist any more."), state="gone") from None


def _locked(result: GeneratedImage) -> tuple[ProductImage, GeneratedImage]:
    """The rows as they are now, locked; the source first, so that everyone locks in the same order."""
    source = _locked_source(result.source_id)
    if source.shopper_id is not None:
        raise WrongState(_("A shopper's picture is not reviewed and never published."), state="private")
    try:
        return source, source.results.select_for_update().get(pk=result.pk)
    except ObjectDoesNotExist:
        raise WrongState(_("This result does not exist any more."), state="gone") from None


def _bytes(result: GeneratedImage) -> bytes:
    """The result's full-size file, checked against the row."""
    data = media.get(result.files, result.name)
    if hashlib.sha256(data).hexdigest() != result.sha256:
        raise InputMissing(_("The result's file was changed in storage. It cannot be published."))
    return data


def _log(result: GeneratedImage, user: Any, message: str) -> None:
    """One line in the admin's history, where the shop has the admin installed."""
    if not apps.is_installed("django.contrib.admin"):
        return
    from django.contrib.admin.models import CHANGE, LogEntry  # only importable when installed

    LogEntry.objects.log_actions(user.pk, [result], CHANGE, change_message=message, single_object=True)
