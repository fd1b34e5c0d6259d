"""What goes wrong, and what must be true afterwards. Each returns figures and raises AssertionError if it is not."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.shop import account, statuses, submit, wait_until, wipe_broker
from tests.faults.workers import Crew, send

Figures = dict[str, object]


def kills(folder: Path, full: bool) -> Figures:
    """Workers and their children are SIGKILLed at random moments while they work."""
    jobs, wanted = (500, 50) if full else (200, 10)
    submit(jobs, seconds=0.03)
    crew = Crew(2, folder)
    started = time.monotonic()
    killed = {"workers": 0, "children": 0}
    for number in range(wanted):
        share = (number + 1) * jobs // (wanted + 2)
        assert wait_until(lambda share=share: _over() >= share, 120, crew.replace_dead), statuses()
        assert wait_until(lambda: any(worker.children for worker in crew.workers), 60, crew.replace_dead)
        time.sleep(random.uniform(0.0, 0.3))
        whole = random.random() < 0.5
        crew.pick().kill(whole=whole)
        killed["workers" if whole else "children"] += 1
    wait_until(lambda: _over() == jobs, 240, crew.replace_dead)
    seconds = time.monotonic() - started
    crew.end()
    return {**_all_done(jobs), **{f"killed {what}": times for what, times in killed.items()}, "seconds": round(seconds)}


def wiped(folder: Path, full: bool) -> Figures:
    """The broker forgets every message, again and again, while jobs wait."""
    jobs, times = (500, 10) if full else (200, 3)
    submit(jobs, seconds=0.03)
    crew = Crew(2, folder)
    for number in range(times):
        assert wait_until(lambda number=number: _over() >= (number + 1) * jobs // (times + 2), 120), statuses()
        wipe_broker()
    back = time.monotonic()
    assert wait_until(lambda: _over() == jobs, 120), statuses()
    seconds = time.monotonic() - back
    crew.end()
    return {**_all_done(jobs), "wiped": times, "seconds after the last": round(seconds, 1)}


def stale(folder: Path, full: bool) -> Figures:
    """A worker stands still past its lease and wakes up after another one did its job."""
    times = 20 if full else 5
    stopped = 0
    crew = Crew(2, folder)
    for number in range(times):
        submit(2, first=10 * number, seconds=1.0)
        assert wait_until(lambda: statuses()["running"] > 0, 60), statuses()
        [holder] = _holders()[:1]
        send(holder, signal.SIGSTOP)
        stopped += 1
        assert wait_until(lambda number=number: _over() == 2 * (number + 1), 60), statuses()
        send(holder, signal.SIGCONT)
    time.sleep(2)  # the woken workers try to publish
    crew.end()
    figures = _all_done(2 * times)
    return {**figures, "stopped": stopped, "fenced out": _fenced_out(folder)}


def poison(folder: Path, full: bool) -> Figures:
    """One job of a batch kills its worker, every time."""
    submit(8, red=1, fail="kill")
    crew = Crew(1, folder)
    assert wait_until(lambda: _over() == 8, 120, crew.replace_dead), statuses()
    crew.end()
    figures = account()
    assert (figures["dead"], figures["done"]) == (1, 7), figures
    return figures


def sigterm(folder: Path, full: bool) -> Figures:
    """Workers are restarted in turn under load. A batch may end; then the worker does, within the grace."""
    restarts = 20 if full else 5
    jobs = 80 * restarts
    submit(jobs, seconds=0.3)
    crew = Crew(2, folder)
    longest = 0.0
    for number in range(restarts):
        assert wait_until(lambda number=number: _over() >= 40 * (number + 1), 120, crew.replace_dead), statuses()
        longest = max(longest, crew.pick().end())
        crew.replace_dead()
    assert wait_until(lambda: _over() == jobs, 240, crew.replace_dead), statuses()
    crew.end()
    figures = _all_done(jobs)
    assert figures["crashes"] == 0, figures
    return {**figures, "restarts": restarts, "longest exit s": round(longest, 1)}


def grace(folder: Path, full: bool) -> Figures:
    """A batch that takes longer than the grace is given back, and another worker finishes it."""
    from shop_genai.models import JobEvent

    submit(2, seconds=8.0)
    crew = Crew(1, folder)
    assert wait_until(lambda: statuses()["running"] == 2, 60), statuses()
    seconds = crew.pick().end()
    assert statuses()["queued"] == 2, statuses()
    crew.replace_dead()
    assert wait_until(lambda: _over() == 2, 60), statuses()
    crew.end()
    figures = _all_done(2)
    given_back = JobEvent.objects.filter(kind="given_back").count()
    assert (figures["crashes"], given_back) == (0, 2), figures
    return {**figures, "given back": given_back, "exit s": round(seconds, 1)}


SCENARIOS: dict[str, Callable[[Path, bool], Figures]] = {
    "kills": kills,
    "wiped": wiped,
    "stale": stale,
    "poison": poison,
    "sigterm": sigterm,
    "grace": grace,
}


def _over() -> int:
    return sum(count for status, count in statuses().items() if status not in ("queued", "running"))


def _all_done(jobs: int) -> Figures:
    figures = account()
    wanted = {"jobs": jobs, "done": jobs, "results": jobs, "lost": 0, "twice": 0, "files missing": 0}
    assert {name: figures[name] for name in wanted} == wanted, figures
    return dict(figures)


def _holders() -> list[int]:
    """Process ids of the workers that hold running jobs."""
    from shop_genai.models import Job

    names = Job.objects.filter(status="running").values_list("worker", flat=True)
    return sorted({int(name.rsplit("/", 1)[1]) for name in names})


def _fenced_out(folder: Path) -> int:
    """Jobs that more than one attempt worked on, although only one success is on record."""
    from shop_genai.models import JobEvent

    return JobEvent.objects.filter(kind="crashed").values("job").distinct().count()
