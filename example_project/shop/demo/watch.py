"""Looking at job rows until all are over: moving bars on a terminal, a line for each step elsewhere."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from shop_genai.models import Job, Status

POLL_SECONDS = 0.25
SILENCE_SECONDS = 300.0  # no row changed for so long: something is wrong
HINT_SECONDS = 20.0  # nobody took a job for so long: say so
ROWS = 12  # more jobs than this share one bar


class NothingHappens(Exception):
    """No job row changed for ``SILENCE_SECONDS``."""


@dataclass(frozen=True)
class Watched:
    """One job and the name under which people know its photo."""

    job_id: UUID
    title: str


def watch(watched: Sequence[Watched], console: Console, check: Callable[[], None]) -> None:
    """Return when every job is over.

    Args:
        check: called at every look; it raises when the worker is gone.

    Raises:
        NothingHappens: see there.
    """
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[state]}"),
        TimeElapsedColumn(),
    )
    ids = [one.job_id for one in watched]
    changed = time.monotonic()
    seen: object = None
    hinted = False
    told: object = None
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        whole = progress.add_task("[bold]all photos", total=len(ids), state="")
        rows = {}
        if len(ids) <= ROWS:
            rows = {one.job_id: progress.add_task(one.title, total=1.0, state="") for one in watched}
        while True:
            check()
            jobs = Job.objects.in_bulk(ids)
            state = [(j.status, j.progress, j.attempt) for _id, j in sorted(jobs.items())]
            if state != seen:
                seen, changed = state, time.monotonic()
            for job_id, row in rows.items():
                job = jobs[job_id]
                progress.update(row, completed=1.0 if job.is_over else job.progress, state=job.get_status_display())
            over = sum(job.is_over for job in jobs.values())
            share = sum(1.0 if job.is_over else job.progress for job in jobs.values())
            progress.update(whole, completed=share, state=f"{over} of {len(ids)}")
            tenths = int(10 * share / len(ids))
            if not console.is_terminal and told != (tenths, over):
                told = tenths, over
                console.print(f"   {100 * share / len(ids):3.0f} %, {over} of {len(ids)} done")
            if over == len(ids):
                return
            quiet = time.monotonic() - changed
            if quiet > SILENCE_SECONDS:
                raise NothingHappens(f"No job moved for {SILENCE_SECONDS:.0f} seconds.")
            if quiet > HINT_SECONDS and not hinted and all(j.status == Status.QUEUED for j in jobs.values()):
                hinted = True
                progress.console.print(
                    "No worker has taken a job yet. One is started with: "
                    "celery -A example_project worker -Q interactive,bulk -c 1"
                )
            time.sleep(POLL_SECONDS)
