"""``python -m tests.faults [SCENARIO…] [--broker NAME] [--full]``: each run in a process of its own, then a line."""

from __future__ import annotations

import argparse
import json
import sys
import time

from tests.faults.running import perform
from tests.faults.scenarios import SCENARIOS
from tests.faults.shop import BROKERS


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("scenarios", nargs="*", choices=[*SCENARIOS, []], metavar="SCENARIO", help=", ".join(SCENARIOS))
    parser.add_argument("--broker", choices=BROKERS, action="append")
    parser.add_argument("--full", action="store_true", help="the numbers of the promises; takes long")
    options = parser.parse_args()
    failed = 0
    for name in options.scenarios or SCENARIOS:
        for broker in options.broker or BROKERS:
            started = time.monotonic()
            result = perform(name, broker, options.full)
            took = time.monotonic() - started
            good = isinstance(result, dict)
            failed += not good
            print(f"{'ok  ' if good else 'FAIL'} {name:8} {broker:9} {took:5.0f} s  ", end="")
            print(json.dumps(result) if good else f"\n{result}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
