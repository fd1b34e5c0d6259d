"""What the ledger costs per job, against a bare Celery task that does nothing.

One real worker (``celery worker -c 1``) serves both, in turns, so that both meet the same machine. A bare job is one
message and an empty task: no row, no result, nothing survives a crash. A ledger's job is a row with its input, event
log, lease and fenced result, submitted, claimed, worked on and published by the code that shops run; only the
pictures' own work (decoding, generating, encoding, storing) is left out. Time is counted from the first submission to
the end of the last job. Without ``DATABASE_URL`` and ``CELERY_BROKER_URL``: SQLite and the file broker.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

PROMISES = {"ledger, batch 8": 1.5, "ledger, batch 1": 3.0}  # times a bare task
SHARE = 3.0  # percent of a job of 100 ms
WORKER = (sys.executable, "-m", "celery", "-A", "example_project", "worker", "-Q", "interactive,bulk,bare", "-c", "1")
QUIET = ("--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat")


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write JSON (with a Markdown table beside it) if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks ledger", description=__doc__)
    parser.add_argument("--jobs", type=int, default=400, help="jobs per kind and round (%(default)s)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds; medians are reported (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    with open_queue() as (folder, servers):
        rounds = measure(folder, options.jobs, options.rounds)
    report = {**summarise(rounds), "servers": servers, "jobs per round": options.jobs}
    text = table(report)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return 0


def measure(folder: Path, jobs: int, rounds: int) -> list[dict[str, float]]:
    """Milliseconds per job, by kind, for each round; a first, shorter round is thrown away."""
    kinds: dict[str, Callable[[int], float]] = {
        "bare task": lambda count: bare_tasks(count, folder),
        "ledger, batch 8": lambda count: ledger_jobs(count, "nothing_8", many=True),
        "ledger, batch 8, one by one": lambda count: ledger_jobs(count, "nothing_8", many=False),
        "ledger, batch 1": lambda count: ledger_jobs(count, "nothing_1", many=False),
    }
    measured = []
    for number in range(rounds + 1):
        count = jobs if number else max(16, jobs // 8)
        measured.append({name: 1000 * seconds(count) / count for name, seconds in kinds.items()})
        shown = ", ".join(f"{name} {value:.2f} ms" for name, value in measured[-1].items())
        print(f"{'round ' + str(number) if number else 'warm-up'}: {shown}", file=sys.stderr, flush=True)
    return measured[1:]


def bare_tasks(count: int, folder: Path) -> float:
    """Seconds from the first message to the end of the last task."""
    from benchmarks._queue.tasks import bare, mark

    done = folder / f"{uuid.uuid4()}.done"
    started = time.time()
    for number in range(count):
        bare.apply_async((str(number),), queue="bare")
    mark.apply_async((str(done),), queue="bare")
    wait_for(done.exists)
    return float(done.read_text()) - started


def ledger_jobs(count: int, recipe: str, *, many: bool) -> float:
    """Seconds from the first submission to the last published result; ``many``: submitted as batches are."""
    from django.contrib.auth.models import User
    from django.db.models import Max

    from shop_genai.models import Job, ProductImage, Status
    from shop_genai.submission import submit, submit_many

    owner, _created = User.objects.get_or_create(username="benchmark")
    images = ProductImage.objects.bulk_create(
        ProductImage(
            owner=owner, storage="private", name="x", sha256=digest(), format="JPEG", width=1, height=1, bytes=1
        )
        for _number in range(count)
    )
    started = time.time()
    if many:
        submit_many(images, recipe=recipe, owner=owner)
    else:
        for image in images:
            submit(recipe=recipe, inputs={"image": image}, owner=owner)
    mine = Job.objects.filter(inputs__image__in=[image.id for image in images])
    wait_for(lambda: not mine.filter(status__in=[Status.QUEUED, Status.RUNNING]).exists())
    succeeded = mine.filter(status=Status.SUCCEEDED)
    if succeeded.count() != count:
        raise RuntimeError(f"{succeeded.count()} of {count} jobs succeeded")
    last: datetime = succeeded.aggregate(last=Max("finished"))["last"]
    return last.timestamp() - started


def digest() -> str:
    return hashlib.sha256(uuid.uuid4().bytes).hexdigest()


def wait_for(condition: Callable[[], bool], seconds: float = 300.0) -> None:
    """Looks seldom: both kinds tell when they ended, so looking more often would only take time from them."""
    give_up = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > give_up:
            raise TimeoutError("the worker did not finish in time; its log is printed above")
        time.sleep(0.1)


@contextmanager
def open_queue() -> Iterator[tuple[Path, str]]:
    """A database and a folder of this run's own, and one worker; yields the folder and what it runs on."""
    folder = Path(tempfile.mkdtemp(prefix="shop-genai-ledger-"))
    given = os.environ.get("DATABASE_URL", "")
    name = f"ledger_{os.getpid()}"
    os.environ.update(SHOP_DATA=str(folder), DJANGO_SETTINGS_MODULE="benchmarks._queue.settings")
    if given.startswith("postgres"):
        administer(given, f'CREATE DATABASE "{name}"')
        os.environ["DATABASE_URL"] = f"{given.rsplit('/', 1)[0]}/{name}"
    worker = None
    log = folder / "worker.log"
    try:
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection, connections

        call_command("migrate", verbosity=0)
        with log.open("wb") as output:
            command = (*WORKER, *QUIET)
            worker = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - our own words
        broker = os.environ.get("CELERY_BROKER_URL", "filesystem://").partition(":")[0]
        try:
            yield folder, f"{connection.vendor} and {broker}"
        except BaseException:
            sys.stderr.write(log.read_text(errors="replace")[-4000:])
            raise
        connections.close_all()
    finally:
        if worker is not None:
            worker.terminate()
            worker.wait(60)
        if given.startswith("postgres"):
            administer(given, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(folder, ignore_errors=True)


def administer(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement)


def summarise(rounds: list[dict[str, float]]) -> dict[str, Any]:
    """Medians over rounds; ratios are taken within each round."""
    kinds = {}
    for name in rounds[0]:
        cost = statistics.median(one[name] for one in rounds)
        entry: dict[str, Any] = {"ms per job": round(cost, 3)}
        if name != "bare task":
            entry["times a bare task"] = round(statistics.median(one[name] / one["bare task"] for one in rounds), 2)
            entry["ms more"] = round(statistics.median(one[name] - one["bare task"] for one in rounds), 3)
            entry["percent of a 100 ms job"] = round(cost, 2)  # its whole cost, not only what is more
            entry["promised times"] = PROMISES.get(name)
        kinds[name] = entry
    return {
        "benchmark": "ledger",
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}",
        "kinds": kinds,
        "rounds": [{name: round(value, 3) for name, value in one.items()} for one in rounds],
    }


def table(report: dict[str, Any]) -> str:
    lines = [
        "# The ledger's cost per job",
        "",
        f"`python -m benchmarks ledger`, {report['date']}, {report['servers']}, {report['machine']}; "
        f"{len(report['rounds'])} rounds of {report['jobs per round']} jobs, medians.",
        "",
        "| | ms per job | × bare task | promised | ms more | share of a 100 ms job |",
        "|---|---|---|---|---|---|",
    ]
    for name, entry in report["kinds"].items():
        if "ms more" not in entry:
            lines.append(f"| {name} | {entry['ms per job']:.2f} | 1 | | | |")
            continue
        promised = f"≤ {entry['promised times']}" if entry["promised times"] else ""
        lines.append(
            f"| {name} | {entry['ms per job']:.2f} | {entry['times a bare task']:.2f} | {promised} "
            f"| {entry['ms more']:.2f} | {entry['percent of a 100 ms job']:.1f} % (promised ≤ {SHARE:.0f} %) |"
        )
    return "\n".join([*lines, "", *(__doc__ or "").strip().splitlines()[2:]])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
