"""Run the property tests of the native modules for as long as wanted, and count what was tried.

    python -m tools.native_fuzz --seconds 600

Each compares a module with its oracle on generated input: the tests in tests/native that Hypothesis
drives, on every kernel that runs here. They take turns, each turn with a new seed. The first
failure ends the run, as in a test, with the smallest input that was found. Combine it with a build
that has sanitizers to look for bad memory accesses too.
"""

import argparse
import importlib
import inspect
import itertools
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, seed, settings

ROOT = Path(__file__).resolve().parent.parent
TURN = 500  # inputs before the next test has its turn
LONGER = settings(
    max_examples=TURN, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def targets(folder: Path) -> Iterator[tuple[str, Any, dict[str, str]]]:
    """Yield the name of each property test, the test, and the arguments it needs."""
    for path in sorted(folder.glob("test_*.py")):
        module = importlib.import_module(f"tests.native.{path.stem}")
        for name, test in vars(module).items():
            if not hasattr(test, "hypothesis"):
                continue
            label = f"{path.stem.removeprefix('test_')}: {name.removeprefix('test_')}"
            if "kernel" not in inspect.signature(test).parameters:
                yield label, test, {}
                continue
            for kernel in module.kernels():
                yield f"{label} [{kernel}]", test, {"kernel": kernel}


def take_turn(test: Any, arguments: dict[str, str], number: int) -> int:
    """Try up to TURN inputs that follow from a number; return how many were tried."""
    tried = 0
    inner: Callable[..., None] = test.hypothesis.inner_test

    def counting(*values: Any, **named: Any) -> None:
        nonlocal tried
        tried += 1
        inner(*values, **named)

    test.hypothesis.inner_test = counting
    # The tests have settings of their own, and a decorator refuses to replace them.
    before, test._hypothesis_internal_use_settings = test._hypothesis_internal_use_settings, LONGER
    try:
        seed(number)(test)(**arguments)
    finally:
        test.hypothesis.inner_test, test._hypothesis_internal_use_settings = inner, before
    return tried


def main() -> int:
    """Fuzz until the time is over; the exit code is 0 when nothing failed."""
    parser = argparse.ArgumentParser(prog="tools.native_fuzz", description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", default="", help="a part of the names of the tests to run")
    parser.add_argument("--seed", type=int, default=random.getrandbits(32))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    numbers = random.Random(options.seed)
    found = list(targets(ROOT / "tests/native"))
    chosen = [target for target in found if options.only in target[0]]
    counts = dict.fromkeys((label for label, _, _ in chosen), 0)
    end = time.monotonic() + options.seconds
    for label, test, arguments in itertools.cycle(chosen):
        if time.monotonic() >= end:
            break
        counts[label] += take_turn(test, arguments, numbers.getrandbits(32))
    for label, count in counts.items():
        print(f"{count:>10,}  {label}")
    return 0 if chosen else 1


if __name__ == "__main__":
    sys.exit(main())
