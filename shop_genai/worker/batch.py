"""One batch of jobs from the claimed rows to the published results.

The jobs share recipe, weights and parameters, and one call of the pipeline. They fail apart: a picture that
cannot be read costs its own job only, and when a call fails, its jobs are tried in smaller calls down to
one by one.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError
from PIL import Image

from shop_genai import catalogue, ledger, media, recipes
from shop_genai.errors import GenaiError, InputMissing, OutOfMemory, PipelineFailed, StorageUnavailable
from shop_genai.ledger import Claim, Finished
from shop_genai.models import GeneratedImage, Job, ProductImage
from shop_genai.recipes import Output, Pipeline, Recipe
from shop_genai.worker import garments, pipelines
from shop_genai.worker.failures import coded, persist
from shop_genai.worker.pulse import TAKEN, Pulse

log = logging.getLogger(__name__)

COMPUTING = 0.9  # the share of the progress bar that the pipeline's call fills; storing fills the rest
PUBLISH_EVERY = 0.25  # seconds; results stored within that time are published in one transaction


@dataclass(frozen=True)
class Ready:
    """A job whose inputs are open."""

    job: Job
    claim: Claim
    images: dict[str, Image.Image]
    given: dict[str, ProductImage]
    source: ProductImage


def run_batch(jobs: Sequence[Job]) -> None:
    """Work on claimed jobs until each is published, failed, queued again, or another's.

    Raises:
        OperationalError, InterfaceError: the database stayed away; leases run out and a sweep queues the
            jobs again.
    """
    with Pulse([Claim.of(job) for job in jobs]) as pulse:
        _Batch(pulse).run(list(jobs))


@dataclass
class _Batch:
    pulse: Pulse
    stored: list[Finished] = field(default_factory=list)
    published_at: float = field(default_factory=time.monotonic)

    def run(self, jobs: list[Job]) -> None:
        jobs = [job for job in jobs if not self._expired(job)]
        if not jobs:
            return
        try:
            recipe = recipes.get(jobs[0].recipe)
            params = recipe.parse(jobs[0].params)
            pipeline = pipelines.get(recipe, jobs[0].weights)
        except Exception as error:  # noqa: BLE001 - a recipe's own code may raise anything
            refused = coded(error)
            for job in jobs:
                self._fail(Claim.of(job), refused)
            return
        ready = [opened for job in jobs if (opened := self._open(job, recipe)) is not None]
        for one, output, seconds in self._generate(pipeline, params, ready):
            self._store(one, output, seconds, str(getattr(pipeline, "device", "")))
        self._publish()
        if self.pulse.is_stale():
            # The database was silent for so long that the work was stopped. That is no crash of the worker's.
            persist(lambda: ledger.give_back([Claim.of(job) for job in jobs]))

    def _expired(self, job: Job) -> bool:
        if job.deadline is None or job.deadline > ledger.now():
            return False
        persist(lambda: ledger.close_expired(Claim.of(job)))
        self.pulse.drop(Claim.of(job))
        return True

    def _open(self, job: Job, recipe: Recipe) -> Ready | None:
        """The job with its pictures decoded, or None after it has failed."""
        claim = Claim.of(job)
        try:
            given = _given(job, recipe)
            images = persist(lambda: {slot: _opened(image) for slot, image in given.items()})
        except Exception as error:  # noqa: BLE001 - storages and adapters may raise anything
            self._fail(claim, coded(error))
            return None
        return Ready(job, claim, images, given, given[recipe.slots[0].name])

    def _generate(
        self, pipeline: Pipeline, params: Any, ready: Sequence[Ready]
    ) -> Iterator[tuple[Ready, Output, float]]:
        """Outputs with their share of the seconds; failed jobs are closed and left out."""
        ready = [one for one in ready if self.pulse.holds(one.claim)]
        if not ready:
            return
        inputs: list[Mapping[str, Image.Image]] = [one.images for one in ready]
        started = time.monotonic()
        error: GenaiError | None = None
        try:
            # Of several jobs nobody can say whose garment is looked at; a try-on is claimed alone.
            given = ready[0].given if len(ready) == 1 else {}
            with garments.looking_at(given, str(getattr(params, "category", ""))):
                outputs = pipeline(inputs, params, [one.job.seed for one in ready], self._progress)
        except Exception as caught:  # noqa: BLE001 - a generator may raise anything
            error = coded(caught)
        seconds = (time.monotonic() - started) / len(ready)
        # Outside the except block: the traceback is gone, and with it the tensors that the failed call held.
        if not self.pulse.holds_any():
            return
        if error is None and len(outputs) != len(ready):
            error = PipelineFailed(f"The generator returned {len(outputs)} pictures for {len(ready)} jobs.")
        if error is None:
            yield from ((one, output, seconds) for one, output in zip(ready, outputs, strict=True))
        elif len(ready) == 1:
            self._fail(ready[0].claim, error, seconds)
        else:
            size = len(ready) // 2 if isinstance(error, OutOfMemory) else 1
            for start in range(0, len(ready), size):
                yield from self._generate(pipeline, params, ready[start : start + size])

    def _progress(self, share: float) -> None:
        self.pulse.report(COMPUTING * share)

    def _store(self, one: Ready, output: Output, seconds: float, device: str) -> None:
        """Put the files where they belong. The row that makes them visible follows in ``_publish``."""
        if not self.pulse.holds(one.claim):
            return
        try:
            result = persist(lambda: media.store_result(output, one.job, one.source))
        except Exception as error:  # noqa: BLE001 - storages may raise anything
            self._fail(one.claim, coded(error), seconds)
            return
        self.stored.append(Finished(one.claim, result, seconds, device))
        if time.monotonic() - self.published_at > PUBLISH_EVERY:
            self._publish()

    def _publish(self) -> None:
        stored, self.stored = self.stored, []
        if stored:
            try:
                published = persist(lambda: ledger.finish_many(stored))
                for one in stored:
                    if one.claim.job_id not in published:
                        log.warning(TAKEN, one.claim.job_id, one.claim.attempt)
                        _drop(one.result)
            except IntegrityError:
                # A picture or its owner was deleted meanwhile; the others' results must not go with it.
                for one in stored:
                    self._publish_alone(one)
            for one in stored:
                self.pulse.drop(one.claim)
        self.published_at = time.monotonic()

    def _publish_alone(self, one: Finished) -> None:
        try:
            persist(lambda: ledger.finish_many([one]))
        except IntegrityError:
            self._fail(one.claim, InputMissing("The picture that this was made from was deleted."), one.seconds)
            _drop(one.result)

    def _fail(self, claim: Claim, error: GenaiError, seconds: float = 0.0) -> None:
        status = persist(lambda: ledger.fail(claim, error, seconds))
        log.info("Job %s: %s → %s", claim.job_id, error.code, status)
        self.pulse.drop(claim)


def _given(job: Job, recipe: Recipe) -> dict[str, ProductImage]:
    """Slot → picture.

    Raises:
        InputMissing: a picture was deleted after the job was submitted.
    """
    given = {entry.slot: entry.image for entry in job.inputs.all()}
    for slot in recipe.slots:
        if slot.required and slot.name not in given:
            raise InputMissing(f"The picture for “{slot.name}” was deleted.", slot=slot.name)
    return given


def _drop(result: GeneratedImage) -> None:
    """Nothing of a shopper stays that no row names."""
    try:
        persist(lambda: media.drop_leftover(result))
    except StorageUnavailable as error:
        log.warning("Files of an unpublished result stay until the sweep finds them: %s", error)


def _opened(image: ProductImage) -> Image.Image:
    return media.open_input(image, None if image.is_upload else catalogue.reader(image))
