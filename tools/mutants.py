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
from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = "pisovereign"
PACKAGES = ("jobs", "approvals", "storage", "parsing", "supervisor")
# How many packages that use a changed module have their say, after its own.
USERS = 2
TIMEOUT_S = 900
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

    def __init__(self, root: Path, tests_root: Path, place: Path, processes: int) -> None:
        self._processes = processes
        self.folder = place / "tree"
        shutil.copytree(tests_root, self.folder, symlinks=True, ignore=LEFT_OUT)
        if root != tests_root:
            shutil.rmtree(self.folder / PROGRAM)
            shutil.copytree(root / PROGRAM, self.folder / PROGRAM, symlinks=True, ignore=LEFT_OUT)
        if (tests_root / ".venv").exists():
            (self.folder / ".venv").symlink_to(tests_root / ".venv")
        self._passed: set[str] = set()

    def try_mutant(self, mutant: Mutant) -> str | None:
        """Return which test fails with a change, and undo it."""
        folders = [Path(mutant.file).parts[1], *users(self.folder, mutant.file)[:USERS]]
        path = self.folder / mutant.file
        original = path.read_text("utf-8")

        def run(folder: str) -> str | None:
            self._must_pass(folder)
            path.write_text(mutant.change.apply(original), "utf-8")
            try:
                return self._failed_test(folder)
            finally:
                path.write_text(original, "utf-8")

        return caught_by(folders, run)

    def _must_pass(self, folder: str) -> None:
        if folder in self._passed:
            return
        failed = self._failed_test(folder)
        if failed is not None:
            raise Problem(f"Without any change this fails already: {failed}")
        self._passed.add(folder)

    def _failed_test(self, folder: str) -> str | None:
        parallel = ("-n", str(self._processes), "--dist=loadfile")
        argv = [
            sys.executable,
            "-B",
            "-m",
            "pytest",
            f"tests/{folder}",
            "-m",
            EVERYDAY,
            "-x",
            "-rfE",
        ]
        # A file that is written twice in a second has the same time: no bytecode may be kept.
        environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(self.folder)}
        with subprocess.Popen(
            [*argv, *parallel],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as running:
            try:
                said, _ = running.communicate(timeout=TIMEOUT_S)
            except BaseException as error:
                os.killpg(running.pid, signal.SIGKILL)
                if isinstance(error, subprocess.TimeoutExpired):
                    return f"tests/{folder} did not end within {TIMEOUT_S} s"
                raise
        if running.returncode in (0, NO_TESTS):
            return None
        return first_failure(said) or f"tests/{folder} ended with code {running.returncode}"


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
        copy = Copy(root, tests_root, Path(place), options.processes)
        try:
            for line in report(mutants, copy.try_mutant):
                print(line, flush=True)
        except Problem as problem:
            print(problem, file=sys.stderr)
            return 1
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
    parser.add_argument("--processes", type=int, default=2, help="in which the tests run")
    parser.add_argument("--place", type=Path, help="the folder in which the copy is made")
    parser.add_argument("--list", action="store_true", help="only say what would be changed")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
