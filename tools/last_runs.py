"""What the last long runs came to: `make soak` and `make image-test`, which CI does not run.

They write it into `tools/last_runs.toml` themselves, which is committed. `python -m
tools.last_runs` says it, and which of the files that a run covers have changed since.
The bootstrap imports this: only the standard library is used.
"""

import json
import sys
import time
import tomllib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tools import covered_files

ROOT = Path(__file__).resolve().parent.parent
PLACE = "tools/last_runs.toml"
HEAD = """\
# What the last long runs came to. They write this themselves when they were run whole, and
# `python -m tools.last_runs` says which files that they cover have changed since.
"""
SHOWN = 5
_IMAGE = (
    *("image", "systemd", "pyproject.toml"),
    *("tools/install_units.py", "tools/llama_wheel.py", "tools/native_arm.py"),
)


class Kind(NamedTuple):
    """A long run: the command, what it counts, and the files that it covers.

    The image's tests do not cover the program: it has the rest of the suite.
    """

    command: str
    counts: str
    covers: tuple[str, ...]


KINDS = {
    "soak": Kind("make soak", "parts", ("pisovereign", "native", "tests", "pyproject.toml")),
    "image-test-debian": Kind("make image-test", "checks", _IMAGE),
    "image-test-rpios": Kind('make image-test ARGS="--config rpios"', "checks", _IMAGE),
    "image-test-pc": Kind('make image-test ARGS="--config pc"', "checks", _IMAGE),
}


class State(NamedTuple):
    """The clone at a time: its commit, whether files differ from it, and their digest."""

    commit: str
    uncommitted: bool
    digest: str


class Result(NamedTuple):
    """What a run came to."""

    commit: str
    uncommitted: bool
    date: str
    minutes: int
    ran: int
    failed: list[str]
    digest: str


class Run:
    """A run that has begun: what is edited meanwhile is not what it tests."""

    def __init__(self, root: Path, kind: str) -> None:
        self._root, self._kind = root, kind
        self._state = state(root, KINDS[kind].covers)
        self._began = time.monotonic()

    def write(self, ran: int, failed: Sequence[str]) -> None:
        """Write what it came to; outside of a clone nobody could tell later what it covered."""
        if self._state is None:
            print(f"Not noted in {PLACE}: this is no clone.")
            return
        minutes = round((time.monotonic() - self._began) / 60)
        today = date.today().isoformat()
        known = read(self._root)
        known[self._kind] = Result(
            *self._state[:2], today, minutes, ran, sorted(failed), self._state.digest
        )
        (self._root / PLACE).write_text(text(known), "utf-8")
        print(f"Noted in {PLACE}: commit it.")


def state(root: Path, paths: Sequence[str]) -> State | None:
    """Return what a run that begins now covers; None outside of a clone."""
    commit = covered_files.git(root, "rev-parse", "HEAD")
    digest = covered_files.digest(root, paths)
    if commit is None or digest is None:
        return None
    commit = commit.strip()
    return State(commit, bool(covered_files.changed_since(root, commit, paths)), digest)


def read(root: Path) -> dict[str, Result]:
    """Return what is noted of each kind of run."""
    place = root / PLACE
    found: dict[str, Any] = tomllib.loads(place.read_text("utf-8")) if place.exists() else {}
    return {kind: Result(**found[kind]) for kind in KINDS if kind in found}


def text(results: dict[str, Result]) -> str:
    """Return the file that says so."""
    tables = [HEAD]
    for kind, result in sorted(results.items()):
        # What JSON writes of these is TOML.
        rows = (f"{key} = {json.dumps(value)}" for key, value in result._asdict().items())
        tables.append("\n".join([f"[{kind}]", *rows, ""]))
    return "\n".join(tables)


def lines(root: Path) -> list[str]:
    """Return a line for each kind of run that is noted, and for the two that have to be."""
    known = read(root)
    return [
        f"{kind.command}: {_told(root, kind, known[name])}"
        if name in known
        else f"{kind.command}: no run is noted in {PLACE}"
        for name, kind in KINDS.items()
        if name in known or name in ("soak", "image-test-debian")
    ]


def _told(root: Path, kind: Kind, result: Result) -> str:
    place = result.commit[:8] + (" with uncommitted changes" if result.uncommitted else "")
    figures = f"{result.ran} {kind.counts}, {result.minutes} min"
    outcome = "passed"
    if result.failed:
        outcome = f"FAILED ({', '.join(result.failed)})"
    since = _since(root, kind, result)
    return f"{outcome} at {place} on {result.date} ({figures}); {since}"


def _since(root: Path, kind: Kind, result: Result) -> str:
    digest = covered_files.digest(root, kind.covers)
    if digest is None:
        return "whether files that it covers have changed since is not known outside of a clone"
    if digest == result.digest:
        return "nothing that it covers has changed since"
    changed = covered_files.changed_since(root, result.commit, kind.covers)
    if not changed:
        return "files that it covers have changed since (which ones, this clone cannot tell)"
    named = ", ".join(changed[:SHOWN]) + (", …" if len(changed) > SHOWN else "")
    files = (
        "1 file that it covers has"
        if len(changed) == 1
        else (f"{len(changed)} files that it covers have")
    )
    return f"since then {files} changed: {named}"


def tell(root: Path = ROOT) -> None:
    """Print all lines."""
    print(*lines(root), sep="\n", flush=True)


if __name__ == "__main__":
    tell()
    sys.exit(0)
