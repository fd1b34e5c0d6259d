"""What goes wrong, and what must be true afterwards. Each returns figures and raises AssertionError if it is not."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from enum import IntEnum

from tests.faults.shop import Shop, account, statuses, submit, wait_until
from tests.faults.workers import Crew, send

Figures = dict[str, object]


class Size(IntEnum):
    """How much of it: inside the test suite, by hand, or the numbers of the promises."""

    SHORT = 0
    USUAL = 1
    FULL = 2


def kills(shop: Shop, size: Size) -> Figures:
    """Workers and their children are SIGKILLed at random moments while they work."""
    jobs, wanted = ((60, 4), (200, 10), (500, 50))[size]
    submit(jobs, seconds=0.03)
    crew = Crew(2, shop.folder)
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


def wiped(shop: Shop, size: Size) -> Figures:
    """The broker forgets every message, again and again, while jobs wait."""
    jobs, times = ((60, 2), (200, 3), (500, 10))[size]
    submit(jobs, seconds=0.03)
    crew = Crew(2, shop.folder)
    for number in range(times):
        assert wait_until(lambda number=number: _over() >= (number + 1) * jobs // (times + 2), 120), statuses()
        shop.wipe_broker()
    back = time.monotonic()
    assert wait_until(lambda: _over() == jobs, 120), statuses()
    seconds = time.monotonic() - back
    crew.end()
    return {**_all_done(jobs), "wiped": times, "seconds after the last": round(seconds, 1)}


def stale(shop: Shop, size: Size) -> Figures:
    """A worker stands still past its lease and wakes up after another one did its job."""
    times = (2, 5, 20)[size]
    stopped = 0
    crew = Crew(2, shop.folder)
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
    fenced_out = crew.log.read_text(errors="replace").count("is another worker's now")
    assert fenced_out >= stopped, (fenced_out, figures)
    return {**figures, "stopped": stopped, "fenced out": fenced_out}


def poison(shop: Shop, size: Size) -> Figures:
    """One job of a batch kills its worker, every time."""
    submit(8, red=1, fail="kill")
    crew = Crew(1, shop.folder)
    assert wait_until(lambda: _over() == 8, 120, crew.replace_dead), statuses()
    crew.end()
    figures = account()
    assert (figures["dead"], figures["done"]) == (1, 7), figures
    return figures


def sigterm(shop: Shop, size: Size) -> Figures:
    """Workers are restarted in turn under load. A batch may end; then the worker does, within the grace."""
    restarts = (2, 5, 20)[size]
    jobs = 80 * restarts
    submit(jobs, seconds=0.3)
    crew = Crew(2, shop.folder)
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


def grace(shop: Shop, size: Size) -> Figures:
    """A batch that takes longer than the grace is given back, and another worker finishes it."""
    from shop_genai.models import JobEvent

    submit(2, seconds=8.0)
    crew = Crew(1, shop.folder)
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


def broker_killed(shop: Shop, size: Size) -> Figures:
    """The broker's processes are SIGKILLed under load, and the server is started again a little later."""
    jobs, times = ((80, 1), (200, 2), (500, 5))[size]
    submit(jobs, seconds=0.1)
    crew = Crew(2, shop.folder)
    for number in range(times):
        share = (number + 1) * jobs // (times + 2)
        assert wait_until(lambda share=share: _over() >= share, 120, crew.replace_dead), statuses()
        shop.kill_broker()
        time.sleep(3)
        shop.start_broker()
    back = time.monotonic()
    assert wait_until(lambda: _over() == jobs, 120, crew.replace_dead), statuses()
    seconds = time.monotonic() - back
    crew.end()
    return {**_all_done(jobs), "killed": times, "seconds after its return": round(seconds, 1)}


def broker_down(shop: Shop, size: Size) -> Figures:
    """The broker is down when requests come in. Each is accepted, and its job starts after the broker's return."""
    posts = (20, 50, 200)[size]
    client, images = shop.open_door(posts)
    crew = Crew(1, shop.folder)
    shop.kill_broker()
    longest = 0.0
    answers: Counter[int] = Counter()
    for image in images:
        started = time.monotonic()
        answers[client.post_job(image)] += 1
        longest = max(longest, time.monotonic() - started)
    assert answers == {202: posts}, answers
    assert statuses() == {"queued": posts}, statuses()
    shop.start_broker()
    back = time.monotonic()
    assert wait_until(lambda: statuses()["queued"] < posts, 60, crew.replace_dead), statuses()
    first = time.monotonic() - back
    assert wait_until(lambda: _over() == posts, 120, crew.replace_dead), statuses()
    crew.end()
    figures = _all_done(posts)
    return {**figures, "longest answer s": round(longest, 2), "first start s": round(first, 1)}


def database_killed(shop: Shop, size: Size) -> Figures:
    """PostgreSQL is SIGKILLed under load. Requests are refused with 503 until it is back; accepted ones are kept."""
    jobs, times = ((80, 1), (200, 2), (400, 3))[size]
    client, [image] = shop.open_door(1, first=jobs)
    submit(jobs, seconds=0.1)
    crew = Crew(2, shop.folder)
    refused: Counter[int] = Counter()
    for number in range(times):
        share = (number + 1) * jobs // (times + 2)
        assert wait_until(lambda share=share: _over() >= share, 120, crew.replace_dead), statuses()
        shop.kill_database()
        refused[client.post_job(image)] += 1
        time.sleep(3)
        shop.start_database()
    assert refused == {503: times}, refused
    assert client.post_job(image) == 202
    back = time.monotonic()
    assert wait_until(lambda: _over() == jobs + 1, 120, crew.replace_dead), statuses()
    seconds = time.monotonic() - back
    crew.end()
    return {**_all_done(jobs + 1), "killed": times, "seconds after its return": round(seconds, 1)}


SCENARIOS: dict[str, Callable[[Shop, Size], Figures]] = {
    "kills": kills,
    "wiped": wiped,
    "stale": stale,
    "poison": poison,
    "sigterm": sigterm,
    "grace": grace,
    "broker_killed": broker_killed,
    "broker_down": broker_down,
    "database_killed": database_killed,
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
