"""Finds a benchmark by its name and runs it."""

from __future__ import annotations

import pkgutil
import sys
from importlib import import_module
from pathlib import Path


def names() -> list[str]:
    """All benchmarks, by name."""
    found = (module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)]))
    return sorted(name for name in found if not name.startswith("_"))


def main(arguments: list[str]) -> int:
    """Run the benchmark that the first argument names; returns the exit status."""
    if not arguments or arguments[0] not in names():
        print(f"usage: python -m benchmarks NAME [options]\nNAME is one of: {', '.join(names())}", file=sys.stderr)
        return 2
    status = import_module(f"benchmarks.{arguments[0]}").main(arguments[1:])
    return int(status or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
