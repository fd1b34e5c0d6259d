"""What a fault run found, as JSON and as a table for people."""

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.faults.scenarios import SCENARIOS, Size

Run = dict[str, Any]  # scenario, broker, passed, seconds, figures (or the failure's text)


def write(path: Path, runs: list[Run], size: Size) -> None:
    """The figures at ``path``, the table beside it."""
    packages = ("django", "celery", "kombu", "redis", "amqp", "psycopg")
    content = {
        "what": "python -m tests.faults" + (" --full" if size == Size.FULL else ""),
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "python": platform.python_version(),
        "packages": {name: version(name) for name in packages},
        "runs": runs,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    path.with_suffix(".md").write_text(_table(content), encoding="utf-8")


def _table(content: dict[str, Any]) -> str:
    installed = ", ".join(f"{name} {number}" for name, number in content["packages"].items())
    lines = [
        f"# `{content['what']}`",
        "",
        f"{content['date']}, {content['machine']}, Python {content['python']}, {installed}. PostgreSQL in every run.",
        "",
        "| scenario | broker | passed | jobs | lost | twice | more |",
        "|---|---|---|---|---|---|---|",
    ]
    for run in content["runs"]:
        figures = dict(run["figures"]) if run["passed"] else {"failure": "see the JSON file"}
        first = [str(figures.pop(name, "")) for name in ("jobs", "lost", "twice")]
        more = ", ".join(f"{name} {value}" for name, value in figures.items())
        passed = "yes" if run["passed"] else "**no**"
        lines.append(" | ".join(["| " + run["scenario"], run["broker"], passed, *first, more + " |"]))
    lines += ["", *(f"- **{name}**: {scenario.__doc__}" for name, scenario in SCENARIOS.items()), ""]
    return "\n".join(lines)
