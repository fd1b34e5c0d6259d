"""A real Celery worker as a child process: started, asked whether it answers, stopped whatever happens."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from django.conf import settings

from example_project.celery import app
from shop_genai.conf import genai_settings

ANSWER_SECONDS = 60.0  # from the start to the first answer; after that the job rows tell whether it lives
STOP_MARGIN = 15.0  # seconds that a warm stop may take beyond the grace that a running batch is given
TAIL_LINES = 15


class WorkerDied(Exception):
    """The worker ended by itself. The message holds its exit code and the last lines of its log."""


class WorkerProcess:
    """``with WorkerProcess(log) as worker:``; no process of its group is left after the block.

    It is started in a process group of its own, so that Ctrl-C reaches the caller only, who then stops it.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self.name = f"demo-{os.getpid()}@localhost"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> WorkerProcess:
        command = [sys.executable, "-m", "celery", "-A", "example_project", "worker"]
        command += ["-Q", "interactive,bulk", "-c", "1", "-n", self.name, "-l", "INFO"]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own command line
                command, stdout=log, stderr=subprocess.STDOUT, cwd=settings.ROOT, start_new_session=True
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def wait_until_it_answers(self) -> bool:
        """True once it answered a ping; False if it lives but did not answer in time.

        Raises:
            WorkerDied: it ended meanwhile.
        """
        until = time.monotonic() + ANSWER_SECONDS
        while time.monotonic() < until:
            self.check()
            if app.control.ping(destination=[self.name], timeout=1.0):
                return True
        return False

    def check(self) -> None:
        """Raises WorkerDied if the process is gone."""
        code = self._process.poll() if self._process else None
        if code is not None:
            raise WorkerDied(f"The worker ended by itself (exit code {code}). The end of {self.log}:\n{self.tail()}")

    def tail(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-TAIL_LINES:]) or "  (nothing was written)"

    def stop(self) -> None:
        """A warm stop, then, if need be, a hard one of the whole group."""
        process, self._process = self._process, None
        if process is None:
            return
        try:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(genai_settings.GRACE_SECONDS + STOP_MARGIN)
        except subprocess.TimeoutExpired:
            pass
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
