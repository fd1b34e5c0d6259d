"""The demo's worker process: nothing of it is left, whatever happens in between."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from example_project.shop.demo import process
from example_project.shop.demo.process import WorkerDied, WorkerProcess


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """``stand_in(script)``: a shell script runs in the worker's place."""

    def stand_in(script: str) -> None:
        path = tmp_path / "worker"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
        path.chmod(0o755)
        monkeypatch.setattr(process.sys, "executable", str(path))

    return stand_in


def wait_for(line: str, log: Path) -> None:
    until = time.monotonic() + 60
    while line not in log.read_text(encoding="utf-8"):
        assert time.monotonic() < until, log.read_text(encoding="utf-8")
        time.sleep(0.05)


def group_is_gone(group: int) -> bool:
    """True as soon as no process of the group is left; what was killed may take a moment to be reaped."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def pid_of(worker: WorkerProcess) -> int:
    assert worker._process is not None
    return worker._process.pid


def test_a_real_worker_is_stopped_in_order_although_the_block_fails(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    groups = []

    def work() -> None:
        with WorkerProcess(log) as worker:
            groups.append(pid_of(worker))
            wait_for("ready.", log)
            worker.check()
            raise RuntimeError("something else went wrong")

    with pytest.raises(RuntimeError, match="something else"):
        work()
    assert group_is_gone(groups[0])
    assert "Warm shutdown" in log.read_text(encoding="utf-8")


def test_a_worker_that_will_not_stop_is_killed_with_its_children(
    stand_in: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SHOP_GENAI = {**settings.SHOP_GENAI, "GRACE_SECONDS": 0}
    monkeypatch.setattr(process, "STOP_MARGIN", 0.2)
    stand_in("trap '' TERM\nsleep 300 &\necho up\nwhile :; do sleep 300; done")
    log = tmp_path / "worker.log"
    with WorkerProcess(log) as worker:
        group = pid_of(worker)
        wait_for("up", log)
    assert group_is_gone(group)


def test_a_second_interrupt_while_it_stops_leaves_nothing_either(
    stand_in: Callable[[str], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand_in("trap '' TERM\necho up\nwhile :; do sleep 300; done")
    log = tmp_path / "worker.log"
    worker = WorkerProcess(log).__enter__()
    started = worker._process
    assert started is not None
    wait_for("up", log)
    wait = started.wait

    def interrupted(timeout: float | None = None) -> int:
        if timeout is not None:
            raise KeyboardInterrupt
        return wait()

    monkeypatch.setattr(started, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        worker.stop()
    assert group_is_gone(started.pid)


def test_a_worker_that_dies_is_told_with_the_end_of_its_log(stand_in: Callable[[str], None], tmp_path: Path) -> None:
    stand_in("for n in $(seq 40); do echo line $n; done\nexit 3")
    with WorkerProcess(tmp_path / "worker.log") as worker:
        with pytest.raises(WorkerDied, match="exit code 3") as caught:
            worker.wait_until_it_answers()
        assert "line 40" in str(caught.value)
        assert "line 12\n" not in str(caught.value)


def test_stopping_what_never_started_or_stopped_already_does_nothing(
    stand_in: Callable[[str], None], tmp_path: Path
) -> None:
    WorkerProcess(tmp_path / "worker.log").stop()
    stand_in("exit 0")
    with WorkerProcess(tmp_path / "worker.log") as worker:
        worker.stop()
        worker.stop()
    assert worker._process is None
