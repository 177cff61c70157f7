"""Run the long tests: kills, thousands of requests, property tests with many more examples.

All of them take longer than CI has. So it gives a budget and a seed, the id of its commit: parts
are run in an order that hangs on the seed, and none begins once the time is up. Each commit tries
other parts, and the same commit always the same ones first.
"""

import argparse
import hashlib
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.checks import compile_program

# Short ones that hypothesis marks are one part together: each alone takes a moment.
PROPERTIES = "property tests"
OPTIONS = ("--hypothesis-profile=soak", "--timeout=1200")
AT_ONCE = 2

RunPart = Callable[[str], int]


def main(root: Path, python: Path, arguments: Sequence[str]) -> int:
    """Run the parts for which there is time; 0 if none of them failed."""
    options = _parse(arguments)
    compile_program(root, python)
    arguments_of = parts(root, python)
    ordered = in_order(list(arguments_of), options.seed)
    return run_parts(ordered, lambda part: _run(root, python, arguments_of[part]), options.seconds)


def parts(root: Path, python: Path) -> dict[str, list[str]]:
    """Return what pytest is given for each part: a folder's long files, and all property tests."""
    command = [str(python), "-m", "pytest", "-m", "soak", "--collect-only", "-qq"]
    # Not as somebody wants to read it.
    plain = os.environ | {"PYTEST_ADDOPTS": ""}
    listed = subprocess.run(
        command, cwd=root, env=plain, check=True, capture_output=True, text=True
    ).stdout
    files = [line.rpartition(":")[0] for line in listed.splitlines() if line.startswith("tests/")]
    folders: dict[str, list[str]] = {}
    for file in files:
        folders.setdefault(str(Path(file).parent), ["-m", "soak"]).append(file)
    return folders | {PROPERTIES: ["-m", "hypothesis and not soak"]}


def in_order(names: Sequence[str], seed: str) -> list[str]:
    """Return the parts in an order that hangs on nothing but the seed and their names."""

    def place(name: str) -> bytes:
        return hashlib.sha256(f"{seed} {name}".encode()).digest()

    return sorted(names, key=place)


def run_parts(
    names: Sequence[str],
    run: RunPart,
    seconds: float | None,
    clock: Callable[[], float] = time.monotonic,
    at_once: int = AT_ONCE,
) -> int:
    """Run parts beside each other, begin none after that time, and say what became of each."""
    until = None if seconds is None else clock() + seconds

    def attempt(name: str) -> int | None:
        if until is not None and clock() >= until:
            return None
        began = clock()
        code = run(name)
        outcome = "failed" if code else "passed"
        print(f"soak: {name}: {outcome}, {clock() - began:.0f} s", flush=True)
        return code

    with ThreadPoolExecutor(at_once) as pool:
        codes = list(pool.map(attempt, names))
    ran = [code for code in codes if code is not None]
    failed = [name for name, code in zip(names, codes, strict=True) if code]
    print(f"soak: {len(ran)} of {len(names)} parts ran; failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _run(root: Path, python: Path, arguments: Sequence[str]) -> int:
    command = [str(python), "-m", "pytest", *OPTIONS, *arguments]
    done = subprocess.run(command, cwd=root, check=False, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, flush=True)
    return done.returncode


def _parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seconds", type=float, help="begin no part after that time")
    parser.add_argument("--seed", default="", help="what the order hangs on")
    return parser.parse_args(arguments)
