"""Whatever a step raised, as one of our coded errors."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connections

from shop_genai.errors import GenaiError, OutOfMemory, PipelineFailed
from shop_genai.worker.pulse import is_stopping

log = logging.getLogger(__name__)

KEEP_TRYING = 15 * 60  # seconds; by then a database operator has been at work

Written = TypeVar("Written")


def coded(error: Exception) -> GenaiError:
    """What a pipeline, storage or adapter raised, without its traceback, which would keep tensors alive."""
    if isinstance(error, GenaiError):
        return error.with_traceback(None)
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return OutOfMemory("The device has not enough free memory for this job.")
    log.error("A job's work failed", exc_info=error)
    name = type(error).__name__
    return PipelineFailed(f"The generator failed ({name}). The worker's log tells more.", error=name)


def persist(write: Callable[[], Written]) -> Written:
    """Repeat a step until the database answers. Each one is idempotent or fenced: repeating it does no harm.

    Raises:
        OperationalError, InterfaceError: the database was away for a very long time, or the worker has to
            stop.
    """
    give_up = time.monotonic() + KEEP_TRYING
    wait = 0.1
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError) as error:
            if is_stopping() or time.monotonic() > give_up:
                raise
            log.warning("The database does not answer (%s); trying again in %.1f s", error, wait)
        connections.close_all()
        time.sleep(wait)
        wait = min(2 * wait, 5.0)
