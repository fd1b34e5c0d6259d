"""``python -m tests.faults [SCENARIO…] [--broker NAME] [--full]``: each run in a process of its own, then a line."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from tests.faults import report
from tests.faults.running import perform
from tests.faults.scenarios import SCENARIOS, Size
from tests.faults.shop import BROKERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("scenarios", nargs="*", choices=[*SCENARIOS, []], metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--broker", choices=BROKERS, action="append")
    parser.add_argument("--full", action="store_true", help="the numbers of the promises; takes long")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures, and a table beside them (.md)")
    options = parser.parse_args()
    size = Size.FULL if options.full else Size.USUAL
    runs: list[report.Run] = []
    for name in options.scenarios or SCENARIOS:
        for broker in options.broker or BROKERS:
            started = time.monotonic()
            result = perform(name, broker, size)
            took = time.monotonic() - started
            good = isinstance(result, dict)
            runs.append({"scenario": name, "broker": broker, "passed": good, "seconds": round(took), "figures": result})
            print(f"{'ok  ' if good else 'FAIL'} {name:15} {broker:9} {took:5.0f} s  ", end="")
            print(json.dumps(result) if good else f"\n{result}", flush=True)
            if options.json:
                report.write(options.json, runs, size)
    return 0 if all(run["passed"] for run in runs) else 1


if __name__ == "__main__":
    sys.exit(main())
