"""What `make test` runs: formatting, lint and types, then every test; coverage on demand."""

import os
import shlex
import subprocess
from pathlib import Path

# Each process has a server of its own, and tests of a file share what they set up. Files in their
# order: by number of tests those with one long test would come last, and processes wait for them.
PARALLEL = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile", "--no-loadscope-reorder")


def lint(root: Path, python: Path) -> int:
    """Run all checks, so that one call shows everything there is to mend; 0 if all passed."""
    commands = [
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
        ["codespell_lib"],
        ["tools.import_contracts"],
        ["mypy"],
    ]
    codes = []
    for command in commands:
        print("$", shlex.join(command), flush=True)
        argv = [str(python), "-m", *command]
        codes.append(subprocess.run(argv, cwd=root, check=False).returncode)
    return max(codes)


def test(root: Path, python: Path) -> int:
    """Run pytest; PYTEST_ARGS is handed to it. Returns its exit code."""
    _compile(root, python)
    return _module(root, python, *_pytest())


def coverage(root: Path, python: Path) -> int:
    """Run pytest with every process measured, which takes a fifth more of the processor."""
    _compile(root, python)
    _module(root, python, "coverage", "erase")
    code = _module(root, python, "coverage", "run", "-m", *_pytest())
    _module(root, python, "coverage", "combine", "--quiet")
    print("\nCoverage of pisovereign/, only files with gaps:", flush=True)
    _module(root, python, "coverage", "report")
    return code


def docs(root: Path, python: Path) -> int:
    """Build the documentation site in build/docs; any warning, such as a broken link, fails."""
    site = ("sphinx", "--quiet", "-W", "--keep-going", "-c", "docs", ".", "build/docs")
    code = _module(root, python, *site)
    if code == 0:
        print(f"The site is in {root / 'build' / 'docs'}", flush=True)
    return code


def changelog(root: Path, python: Path, arguments: list[str]) -> int:
    """Let towncrier collect `changes/`; without arguments it only shows the outcome."""
    asked = arguments or ["--draft", "--version", "next"]
    return _module(root, python, "towncrier", "build", *asked)


def _compile(root: Path, python: Path) -> None:
    """Compile the program: where Python is told to keep no bytecode, each start would do it again.

    Containers often say so, and the tests start it hundreds of times.
    """
    _module(root, python, "compileall", "-q", "pisovereign", "native")


def _pytest() -> list[str]:
    return ["pytest", *PARALLEL, *shlex.split(os.environ.get("PYTEST_ARGS", ""))]


def _module(root: Path, python: Path, *arguments: str) -> int:
    return subprocess.run([str(python), "-m", *arguments], cwd=root, check=False).returncode
