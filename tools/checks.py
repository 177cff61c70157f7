"""What `make test` runs: formatting, lint and types, then every test with coverage."""

import os
import shlex
import subprocess
from pathlib import Path

# Each process has a server of its own, and tests of a file share what they set up.
PARALLEL = ("--numprocesses=auto", "--maxprocesses=4", "--dist=loadfile")


def lint(root: Path, python: Path) -> int:
    """Run all three checks, so that one call shows everything there is to mend; 0 if all passed."""
    commands = [["ruff", "format", "--check", "."], ["ruff", "check", "."], ["mypy"]]
    codes = []
    for command in commands:
        print("$", shlex.join(command), flush=True)
        argv = [str(python), "-m", *command]
        codes.append(subprocess.run(argv, cwd=root, check=False).returncode)
    return max(codes)


def test(root: Path, python: Path) -> int:
    """Run pytest under coverage; PYTEST_ARGS is handed to it. Returns pytest's exit code."""

    def coverage(*arguments: str) -> int:
        argv = [str(python), "-m", "coverage", *arguments]
        return subprocess.run(argv, cwd=root, check=False).returncode

    coverage("erase")
    given = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    code = coverage("run", "-m", "pytest", *PARALLEL, *given)
    coverage("combine", "--quiet")
    print("\nCoverage of pisovereign/, only files with gaps:", flush=True)
    coverage("report")
    return code
