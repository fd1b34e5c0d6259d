"""The desk: a request becomes a job, or finds the job that answers it already.

Everything that decides the output is fixed here: the parsed parameters with all defaults spelled out, the
seed, the digest of the weights, the bytes of the inputs. Their hash is the job's content key. One owner's
same request is one job, however often it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils.translation import gettext as _

from shop_genai import ledger, recipes, registry, tasks
from shop_genai.conf import genai_settings
from shop_genai.errors import BadRequest, DatabaseUnavailable, IdempotencyConflict, InvalidParams
from shop_genai.models import GeneratedImage, IdempotencyKey, Job, Lane, ProductImage, Status, Weights
from shop_genai.recipes import Recipe, params_digest

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHUNK = 200  # jobs per transaction of submit_many
ATTEMPTS = 3  # how often a race with an identical request is looked at again

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Submitted:
    """The job that answers a request. ``created`` is False when it existed before."""

    job: Job
    created: bool


def submit(
    *,
    recipe: str,
    inputs: Mapping[str, ProductImage],
    params: Mapping[str, Any] | None = None,
    seed: int | None = None,
    owner: User | None = None,
    lane: str | None = None,
    priority: int = 0,
    deadline: datetime | None = None,
    idempotency_key: str | None = None,
) -> Submitted:
    """Accept one request and ring for a worker when the transaction commits.

    A broken broker is no reason to refuse: the row is kept, and a sweep rings again.

    Raises:
        UnknownRecipe, InvalidParams, InvalidInputs: the request cannot be carried out.
        IdempotencyConflict: the key was used for a different request.
        WeightsMissing: the recipe has no weights to pin.
        DatabaseUnavailable: nothing was accepted.
    """
    if idempotency_key is not None and owner is None:
        raise BadRequest(_("An idempotency key needs a signed-in user."), field="idempotency_key")
    kind = recipes.get(recipe)

    def accept() -> Submitted:
        order = _Order(kind, kind.parse(params), registry.in_use(kind), seed, owner, lane, priority, deadline)
        job = order.draft(inputs)
        digest = _request_digest(job, inputs)
        for _attempt in range(ATTEMPTS - 1):
            try:
                return _insert(job, inputs, idempotency_key, digest)
            except IntegrityError:
                # An identical request won the race; its row answers this one too.
                continue
        return _insert(job, inputs, idempotency_key, digest)

    return _or_unavailable(accept)


def submit_many(
    images: Iterable[ProductImage],
    *,
    recipe: str,
    params: Mapping[str, Any] | None = None,
    seed: int | None = None,
    owner: User | None = None,
    lane: str | None = None,
    priority: int = 0,
) -> list[Submitted]:
    """One job per image, each image in the recipe's first slot; in chunks of one transaction and one ring.

    Raises:
        As ``submit``. Chunks accepted before a database failure stay accepted; sending all again makes no
        duplicates.
    """
    kind = recipes.get(recipe)
    slot = kind.slots[0].name
    pending = list(images)

    def accept() -> list[Submitted]:
        order = _Order(kind, kind.parse(params), registry.in_use(kind), seed, owner, lane, priority)
        submitted: list[Submitted] = []
        for start in range(0, len(pending), CHUNK):
            inputs = [{slot: image} for image in pending[start : start + CHUNK]]
            submitted += _insert_chunk([(order.draft(given), given) for given in inputs])
        return submitted

    return _or_unavailable(accept)


@dataclass(frozen=True, slots=True)
class _Order:
    """Everything about a request but its pictures."""

    kind: Recipe
    params: Any
    weights: Weights | None
    seed: int | None
    owner: User | None
    lane: str | None
    priority: int
    deadline: datetime | None = None

    def draft(self, inputs: Mapping[str, ProductImage]) -> Job:
        """The unsaved row.

        Raises:
            InvalidInputs, InvalidParams: something is missing or out of range.
        """
        self.kind.check_slots(inputs)
        lane = self.lane or self.kind.lane
        seed = 0 if self.seed is None else self.seed
        if lane not in Lane.values:
            raise InvalidParams(_("There is no lane “%(lane)s”.") % {"lane": lane}, field="lane")
        if isinstance(seed, bool) or not isinstance(seed, int) or not 0 <= seed < 2**63:
            raise InvalidParams(_("The seed must be a whole number from 0 to 2⁶³ − 1."), field="seed")
        if not -(2**15) <= self.priority < 2**15:
            raise InvalidParams(_("The priority must lie between −32768 and 32767."), field="priority")
        if self.deadline is not None and self.deadline <= ledger.now():
            raise InvalidParams(_("The deadline has passed already."), field="deadline")
        params = self.kind.dump(self.params)
        pinned = self.weights.digest if self.weights else ""
        return Job(
            owner=self.owner,
            recipe=self.kind.name,
            params=params,
            seed=seed,
            weights=self.weights,
            key=_content_key(self.kind.name, params, seed, pinned, inputs),
            batch_key=params_digest({"recipe": self.kind.name, "params": params, "weights": pinned}),
            batch_limit=max(1, min(self.kind.batch_limit, genai_settings.BATCH_LIMIT)),
            lane=lane,
            priority=self.priority,
            deadline=self.deadline,
        )


def _content_key(
    recipe: str, params: dict[str, Any], seed: int, weights: str, inputs: Mapping[str, ProductImage]
) -> str:
    """sha256 of everything that decides the output. What is made of a shopper's photo answers nobody else's request."""
    pictures = {
        slot: image.sha256 if image.shopper_id is None else f"{image.sha256} {image.id}"
        for slot, image in inputs.items()
    }
    return params_digest({"recipe": recipe, "params": params, "seed": seed, "weights": weights, "inputs": pictures})


def _request_digest(job: Job, inputs: Mapping[str, ProductImage]) -> str:
    """What an idempotency key stands for. Promoting weights in between does not make it another."""
    pictures = {slot: str(image.id) for slot, image in inputs.items()}
    return params_digest({"recipe": job.recipe, "params": job.params, "seed": job.seed, "inputs": pictures})


def _insert(
    job: Job, inputs: Mapping[str, ProductImage], idempotency_key: str | None, request_digest: str
) -> Submitted:
    """Find the answer or insert the job, in one transaction.

    Raises:
        IntegrityError: an identical request was inserted between the look and the insert.
    """
    alias = ledger.write_alias()
    with transaction.atomic(using=alias):
        if idempotency_key is not None and job.owner is not None:
            known = IdempotencyKey.objects.using(alias).filter(owner=job.owner, key=idempotency_key)
            seen = known.select_related("job").first()
            if seen is not None and seen.request_digest != request_digest:
                raise IdempotencyConflict(_("This idempotency key was used for a different request."))
            if seen is not None:
                return Submitted(seen.job, created=False)
        submitted = Submitted(_existing([job]).get(ledger.active_key(job.owner_id, job.key), job), created=False)
        if submitted.job is job:
            ledger.enqueue(job, inputs)
            submitted = Submitted(job, created=True)
            _ring_on_commit(job.lane)
        if idempotency_key is not None and job.owner is not None:
            IdempotencyKey.objects.using(alias).create(
                owner=job.owner, key=idempotency_key, request_digest=request_digest, job=submitted.job
            )
    return submitted


def _insert_chunk(drafts: list[tuple[Job, Mapping[str, ProductImage]]]) -> list[Submitted]:
    """Insert the drafts that have no answer yet; one by one if an identical request interferes."""
    try:
        with transaction.atomic(using=ledger.write_alias()):
            answers = _existing([job for job, _inputs in drafts])
            fresh: dict[str, tuple[Job, Mapping[str, ProductImage]]] = {}
            submitted = []
            for job, inputs in drafts:
                key = ledger.active_key(job.owner_id, job.key)
                if key in answers:
                    submitted.append(Submitted(answers[key], created=False))
                else:
                    fresh[key] = job, inputs
                    answers[key] = job
                    submitted.append(Submitted(job, created=True))
            if fresh:
                ledger.enqueue_many(list(fresh.values()))
                _ring_on_commit(drafts[0][0].lane)
            return submitted
    except IntegrityError:
        return [_insert(job, inputs, None, "") for job, inputs in drafts]


def _existing(drafts: list[Job]) -> dict[str, Job]:
    """Active key → the job that answers it. A success whose result was deleted answers nothing any more."""
    keys = [ledger.active_key(job.owner_id, job.key) for job in drafts]
    found = {str(job.active_key): job for job in ledger.jobs().filter(active_key__in=keys)}
    done = [job.id for job in found.values() if job.status == Status.SUCCEEDED]
    if done:
        results = GeneratedImage.objects.using(ledger.write_alias()).filter(job__in=done)
        with_result = set(results.values_list("job_id", flat=True))
        for key, job in list(found.items()):
            if job.status == Status.SUCCEEDED and job.id not in with_result:
                ledger.forget_answer(job)
                del found[key]
    return found


def _ring_on_commit(lane: str) -> None:
    transaction.on_commit(lambda: tasks.ring(lane), using=ledger.write_alias(), robust=True)


def _or_unavailable(accept: Callable[[], Answer]) -> Answer:
    try:
        return accept()
    except (OperationalError, InterfaceError) as error:
        raise DatabaseUnavailable(_("The request could not be recorded. Please send it again.")) from error
