"""Real Celery workers that are killed, stopped and replaced as an operating system would do it. Linux only."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

COMMAND = (sys.executable, "-m", "celery", "-A", "example_project", "worker")
OPTIONS = ("-Q", "interactive,bulk", "-c", "1", "--loglevel", "WARNING", "--without-gossip", "--without-mingle")


class Worker:
    """One ``celery worker -c 1`` process and its pool child."""

    def __init__(self, name: str, log: Path) -> None:
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                (*COMMAND, *OPTIONS, "--hostname", f"{name}@faults"),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def children(self) -> list[int]:
        try:
            listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        except OSError:
            return []
        return [int(pid) for pid in listed.split()]

    def is_running(self) -> bool:
        return self.process.poll() is None

    def kill(self, *, whole: bool) -> None:
        """SIGKILL to the pool child, or to the worker and its child."""
        victims = [*([self.process.pid] if whole else []), *self.children]
        for pid in victims:
            send(pid, signal.SIGKILL)

    def end(self, timeout: float = 30.0) -> float:
        """SIGTERM, and the seconds until it has ended; killed if it does not."""
        started = time.monotonic()
        send(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill(whole=True)
            self.process.wait()
        return time.monotonic() - started


class Crew:
    """A number of workers; a dead one is replaced, as a supervisor would."""

    def __init__(self, size: int, folder: Path) -> None:
        self.log = folder / "workers.log"
        self.started = 0
        self.workers = [self._start() for _place in range(size)]

    def _start(self) -> Worker:
        self.started += 1
        return Worker(f"w{self.started}", self.log)

    def replace_dead(self) -> None:
        self.workers = [worker if worker.is_running() else self._start() for worker in self.workers]

    def pick(self) -> Worker:
        """A running worker that has a pool child; dead ones are replaced until there is one."""
        until = time.monotonic() + 60
        while not (ready := [worker for worker in self.workers if worker.is_running() and worker.children]):
            assert time.monotonic() < until, "no worker came up within a minute"
            self.replace_dead()
            time.sleep(0.05)
        return random.choice(ready)

    def end(self) -> None:
        for worker in self.workers:
            send(worker.process.pid, signal.SIGTERM)
        for worker in self.workers:
            worker.end()


def send(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)
