"""Each fault run has a process of its own: settings and Celery's application exist once per process."""

from __future__ import annotations

import multiprocessing
import sys
import traceback
from multiprocessing.connection import Connection

from tests.faults.scenarios import SCENARIOS, Size
from tests.faults.shop import open_shop


def run(name: str, broker: str, size: Size, answer: Connection) -> None:
    """One scenario on one broker; sends its figures, or the failure's text."""
    try:
        with open_shop(broker) as shop:
            try:
                answer.send(SCENARIOS[name](shop, size))
            except BaseException:
                log = shop.folder / "workers.log"
                tail = log.read_text(errors="replace")[-6000:] if log.exists() else ""
                sys.stderr.write(f"--- the workers' log ---\n{tail}\n")
                raise
    except BaseException:  # noqa: BLE001 - whatever it was, it is this run's result
        answer.send(traceback.format_exc())


def perform(name: str, broker: str, size: Size) -> dict[str, object] | str:
    """Run a scenario in a fresh process: settings and Celery's application exist once per process."""
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=run, args=(name, broker, size, theirs))
    process.start()
    theirs.close()
    try:
        result: dict[str, object] | str = ours.recv()
    except EOFError:
        result = f"the run ended with exit code {process.exitcode}"
    process.join()
    return result
