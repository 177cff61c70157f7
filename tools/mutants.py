"""Change drawn lines of the program, one at a time, and say which tests notice.

`python -m tools.mutants --lines 20 --seed 1` draws as many lines of each package. In a copy of the
tree it runs the tests of `make test` that lie in the package's folder, and those of the packages
that use the changed module most. The draw depends only on the seed and on the text of the lines:
with `--tests-root` two commits' tests are tried with the same changes.

Neither mutmut nor cosmic-ray does this. mutmut switches a change on by a variable of the
environment, which our programs' children do not get, and adds its own module to what they import.
cosmic-ray changes the tree itself, and draws no lines; our own part would be as long.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from tools import line_changes
from tools.checks import EVERYDAY
from tools.line_changes import Change
from tools.test_run import TestRun, interrupt

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "pisovereign"
PACKAGES = ("jobs", "approvals", "storage", "parsing", "supervisor")
# Of a folder; a test that does not end is ended by pytest.
TIMEOUT_S = 3600
LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", "build", ".*_cache", ".hypothesis", "__pycache__"
)
NO_TESTS = 5

RunTests = Callable[[str], "str | None"]


class Mutant(NamedTuple):
    """A file below the root with one change."""

    file: str
    change: Change

    def __str__(self) -> str:
        return f"{self.file}:{self.change.line}: {self.change.what}"


def draw(sources: Mapping[str, str], count: int, seed: int) -> list[Mutant]:
    """Return changes of as many lines; other lines of the sources do not change who is drawn."""
    lines: dict[str, list[Mutant]] = {}
    for file, text in sorted(sources.items()):
        written, seen = text.splitlines(), Counter[str]()
        found: dict[int, list[Change]] = {}
        for change in line_changes.changes(text):
            found.setdefault(change.line, []).append(change)
        for number, changes in sorted(found.items()):
            line = written[number - 1].strip()
            seen[line] += 1
            lines[f"{file} {line} {seen[line]}"] = [Mutant(file, change) for change in changes]
    drawn = sorted(lines, key=lambda name: _place(seed, name))[:count]
    return [min(lines[name], key=lambda m: _place(seed, m.change.what)) for name in drawn]


def _place(seed: int, name: str) -> bytes:
    return hashlib.sha256(f"{seed} {name}".encode()).digest()


def sources_of(root: Path, package: str) -> dict[str, str]:
    """Return the text of a package's modules by their paths below the root."""
    found = sorted((root / PROGRAM / package).rglob("*.py"))
    return {str(path.relative_to(root)): path.read_text("utf-8") for path in found}


def users(root: Path, file: str) -> list[str]:
    """Return the other packages that import from a module's package and have tests.

    Those that import what the module itself defines come first, and of them those that do most.
    """
    package = Path(file).parts[1]
    names = line_changes.defined_names((root / file).read_text("utf-8"))
    module = str(Path(file).with_suffix("")).replace("/", ".")
    of_module, of_package = Counter[str](), Counter[str]()
    for path in sorted((root / PROGRAM).glob("*/**/*.py")):
        other = path.relative_to(root).parts[1]
        if other == package or not (root / "tests" / other).is_dir():
            continue
        for source, name in line_changes.imported_names(path.read_text("utf-8")):
            if f"{source}.".startswith(f"{PROGRAM}.{package}."):
                of_package[other] += 1
                of_module[other] += name in names or source == module
    return sorted(of_package, key=lambda other: (-of_module[other], -of_package[other], other))


def caught_by(folders: Iterable[str], run: RunTests) -> str | None:
    """Return the first test that fails, folder by folder; None if none does."""
    return next((failed for failed in map(run, folders) if failed is not None), None)


class Copy:
    """A copy of a tree, in which lines are changed and tests run."""

    def __init__(
        self, root: Path, tests_root: Path, place: Path, *, users: int, processes: int
    ) -> None:
        self._users, self._processes = users, processes
        self._left_out: list[str] = []
        self.folder = place / "tree"
        shutil.copytree(tests_root, self.folder, symlinks=True, ignore=LEFT_OUT)
        if root != tests_root:
            shutil.rmtree(self.folder / PROGRAM)
            shutil.copytree(root / PROGRAM, self.folder / PROGRAM, symlinks=True, ignore=LEFT_OUT)
        if (tests_root / ".venv").exists():
            (self.folder / ".venv").symlink_to(tests_root / ".venv")

    def try_mutant(self, mutant: Mutant) -> str | None:
        """Return which test fails with a change and not without it."""
        folders = [Path(mutant.file).parts[1], *users(self.folder, mutant.file)[: self._users]]
        return caught_by(folders, lambda folder: self._caught_in(f"tests/{folder}", mutant))

    def _caught_in(self, folder: str, mutant: Mutant) -> str | None:
        while (failed := self._failed_with(folder, mutant)) is not None:
            is_test = (self.folder / failed.partition("::")[0]).is_file()
            if not is_test or self._failed_test(failed) is None:
                return failed
            print(f"{failed} fails without any change: left out", file=sys.stderr, flush=True)
            self._left_out.append(f"--deselect={failed}")
        return None

    def _failed_with(self, folder: str, mutant: Mutant) -> str | None:
        path = self.folder / mutant.file
        original = path.read_text("utf-8")
        path.write_text(mutant.change.apply(original), "utf-8")
        try:
            return self._failed_test(folder)
        finally:
            path.write_text(original, "utf-8")

    def _failed_test(self, tests: str) -> str | None:
        chosen = [tests, "-m", EVERYDAY, *self._left_out]
        how = ["-x", "-rfE", "-n", str(self._processes), "--dist=loadfile"]
        run = TestRun.begin()
        # A file that is written twice in a second has the same time: no bytecode may be kept.
        own = {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder)}
        with subprocess.Popen(
            [sys.executable, "-B", "-m", "pytest", *chosen, *how],
            cwd=self.folder,
            env=os.environ | own | run.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as running:
            try:
                said, _ = running.communicate(timeout=TIMEOUT_S)
            except subprocess.TimeoutExpired:
                interrupt(running, heard=False)
                return f"{tests} did not end within {TIMEOUT_S} s"
            except BaseException:
                interrupt(running, heard=True)
                raise
            finally:
                # A change may well leave something behind.
                run.end()
        if running.returncode in (0, NO_TESTS):
            return None
        return first_failure(said) or f"{tests} ended with code {running.returncode}"


def first_failure(said: str) -> str | None:
    """Return the first test that pytest's summary says failed."""
    for line in said.splitlines():
        kind, _, rest = line.partition(" ")
        if kind in ("FAILED", "ERROR") and rest.startswith("tests/"):
            return rest.partition(" - ")[0]
    return None


def report(mutants: Sequence[Mutant], attempt: Callable[[Mutant], str | None]) -> Iterator[str]:
    """Try each and yield a line for it, and one for all."""
    caught = 0
    for mutant in mutants:
        failed = attempt(mutant)
        caught += failed is not None
        yield f"{mutant}: {'survived' if failed is None else f'caught by {failed}'}"
    yield f"{caught} of {len(mutants)} caught"


def shares(lines: int, packages: Sequence[str]) -> dict[str, int]:
    """Return how many lines are drawn of each package: as equally as it goes."""
    each, more = divmod(lines, len(packages))
    return {package: each + (index < more) for index, package in enumerate(packages)}


def main() -> int:
    """Draw, try and tell."""
    options = _parse()
    # Ended from outside, the tests that run are ended and the copy is removed.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    root = options.root.resolve()
    tests_root = (options.tests_root or root).resolve()
    wanted = shares(options.lines, options.packages)
    mutants = [
        mutant
        for package, count in wanted.items()
        for mutant in draw(sources_of(root, package), count, options.seed)
    ]
    if options.list:
        print(*mutants, sep="\n")
        return 0
    with tempfile.TemporaryDirectory(prefix="pisov-mutants-", dir=options.place) as place:
        copy = Copy(root, tests_root, Path(place), users=options.users, processes=options.processes)
        for line in report(mutants, copy.try_mutant):
            print(line, flush=True)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.mutants", description=__doc__)
    parser.add_argument("--lines", type=int, default=20, help="how many are changed")
    parser.add_argument("--seed", type=int, default=1, help="what decides which")
    parser.add_argument("--packages", nargs="+", default=list(PACKAGES), metavar="NAME")
    parser.add_argument(
        "--root", type=Path, default=ROOT, help="the clone whose program is changed"
    )
    parser.add_argument("--tests-root", type=Path, help="the clone whose tests run, if another one")
    parser.add_argument(
        "--users", type=int, default=1, help="how many packages that use a module have their say"
    )
    parser.add_argument("--processes", type=int, default=2, help="in which the tests run")
    parser.add_argument("--place", type=Path, help="the folder in which the copy is made")
    parser.add_argument("--list", action="store_true", help="only say what would be changed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
