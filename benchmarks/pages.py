"""What a page costs: 50 rows of the API against plain JSON of the same bytes, 50 pictures against plain ``<img>``.

Every request goes through the whole of Django (middleware, session, login), without a socket. All kinds take turns in
one run, and medians are compared. The API's list of jobs has two peers. ``canned`` answers ready rows with a plain
``JsonResponse``: no login, no database; nothing that reads rows can be as fast. ``by hand`` is a view without a
framework that is signed in, reads the same rows into dicts and answers the same bytes.

Without ``DATABASE_URL``: an SQLite file. With it: a test database beside it, which is dropped afterwards.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

GOAL = 0.6  # rate of the API's list as a share of plain JSON's
QUERIES = 3  # at most, for a list of 50 rows


def main(arguments: Sequence[str]) -> int:
    """Measure, print, and write JSON (with a Markdown table beside it) if asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks pages", description=__doc__)
    parser.add_argument("--rounds", type=int, default=300, help="requests of each kind (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE")
    options = parser.parse_args(arguments)
    with shop() as database:
        report = {**measure(options.rounds), "database": database, "rounds": options.rounds, "machine": machine()}
    text = table(report)
    print(text)
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        options.json.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    return 0


@contextmanager
def shop() -> Iterator[str]:
    """Django as in production, on a database of its own; yields the database's name and version."""
    with tempfile.TemporaryDirectory(prefix="shop-genai-pages-") as folder:
        os.environ.update(SHOP_DATA=folder, DEBUG="0", HTTPS="0", SECRET_KEY="only-for-this-benchmark" * 3)
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.settings")
        import django
        from django.conf import settings
        from django.db import connection
        from django.test.utils import override_settings

        if "sqlite" in settings.DATABASES["default"]["ENGINE"]:
            settings.DATABASES["default"]["TEST"] = {"NAME": f"{folder}/pages.sqlite3"}
        django.setup()
        with override_settings(ROOT_URLCONF="benchmarks._pages_peers"):
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
            try:
                with connection.cursor() as cursor:
                    sqlite = connection.vendor == "sqlite"
                    cursor.execute("SELECT sqlite_version()" if sqlite else "SHOW server_version")
                    yield f"{connection.display_name} {cursor.fetchone()[0]}"
            finally:
                connection.creation.destroy_test_db(settings.DATABASES["default"]["NAME"], verbosity=0)


def measure(rounds: int) -> dict[str, Any]:
    """Milliseconds, queries and bytes of every kind of page, and the ratios that were promised."""
    from benchmarks import _pages_peers as peers
    from benchmarks import _pages_rows as rows

    browser = peers.Browser(rows.make_jobs())
    rows.make_shelf()
    api = "/genai/api/v1/jobs/"
    peers.remember(browser.get(api).body)
    where = {"api": api, **peers.addresses(("canned", "by-hand", "pictures", "plain-pictures"))}
    counted = {name: browser.counted(address) for name, address in where.items()}
    if len({counted[name].body for name in ("api", "canned", "by-hand")}) != 1:
        raise RuntimeError("the peers do not answer the same bytes")
    taken = peers.in_turns({name: lambda at=at: browser.get(at) for name, at in where.items()}, rounds)
    middle = {name: 1000 * statistics.median(seconds) for name, seconds in taken.items()}
    return {
        "benchmark": "pages",
        "pages": {
            name: {
                "milliseconds": middle[name],
                "p95": 1000 * statistics.quantiles(taken[name], n=20)[-1],
                "queries": counted[name].queries,
                "bytes": len(counted[name].body),
            }
            for name in where
        },
        "api_rate_of_canned": middle["canned"] / middle["api"],
        "api_rate_of_by_hand": middle["by-hand"] / middle["api"],
        "pictures_extra_milliseconds": middle["pictures"] - middle["plain-pictures"],
        "pictures_extra_queries": (counted["pictures"].queries or 0) - (counted["plain-pictures"].queries or 0),
    }


def machine() -> dict[str, str]:
    """What was measured on."""
    import django

    return {
        "processor": platform.processor() or platform.machine(),
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "python": platform.python_version(),
        "django": django.get_version(),
    }


LABELS = {
    "api": "API, 50 jobs",
    "canned": "plain JsonResponse of the same bytes, no login, no database",
    "by-hand": "the same rows by hand: login, `values()`, JsonResponse",
    "pictures": "50 × `genai_picture`, approved results in 12 renditions",
    "plain-pictures": "50 × plain `<img>`",
}


def table(report: dict[str, Any]) -> str:
    """The report in Markdown."""
    computer = report["machine"]
    lines = [
        "| page | ms (median) | ms (95 %) | queries | bytes |",
        "|---|---|---|---|---|",
        *(
            f"| {LABELS[name]} | {page['milliseconds']:.2f} | {page['p95']:.2f} | {page['queries']} | {page['bytes']} |"
            for name, page in report["pages"].items()
        ),
        "",
        f"- The API's list runs at {report['api_rate_of_canned']:.2f} × the rate of plain JSON (goal: {GOAL}) and at "
        f"{report['api_rate_of_by_hand']:.2f} × the rate of the same rows by hand; at most {QUERIES} queries were "
        f"promised.",
        f"- A page of 50 approved pictures takes {report['pictures_extra_milliseconds']:.2f} ms and "
        f"{report['pictures_extra_queries']} query more than one of plain pictures.",
        "",
        f"{report['database']}, {report['rounds']} requests of each kind in turns, {computer['cores']} cores of "
        f"{computer['processor']} with load {computer['load']}, Python {computer['python']}, Django "
        f"{computer['django']}.",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
