"""What `make lint`, `check`, `test` and `coverage` run; `soak` is in a module of its own.

Which test belongs to which of them is said in tests/support/tiers.py.
"""

import os
import shlex
import subprocess
from pathlib import Path

# Each process has a server of its own, and tests of a file share what they set up. Files come in
# the order of tests/support/tiers.py, the longest first, not by their number of tests. A process
# often waits for a start, so one more than there are cores takes less time; each needs a gigabyte.
PROCESSES = min((os.cpu_count() or 1) + 1, 4)
PARALLEL = (f"--numprocesses={PROCESSES}", "--dist=loadfile", "--no-loadscope-reorder")
EVERYDAY = "not soak"
WITHOUT_PROCESS = "not soak and not process"


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
        codes.append(run_module(root, python, *command))
    return max(codes)


def test(root: Path, python: Path, marks: str) -> int:
    """Run the tests with these marks; PYTEST_ARGS is handed to pytest. Returns its exit code."""
    compile_program(root, python)
    return run_module(root, python, *_pytest(marks))


def test_home_assistant(root: Path, python: Path, installed: Path) -> int:
    """Run the tests that need Home Assistant, one after the other; returns pytest's exit code."""
    compile_program(root, python)
    asked = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    argv = [str(python), "-m", "pytest", "tests/home_assistant", *asked]
    environment = os.environ | {"PISOVEREIGN_TEST_HOME_ASSISTANT": str(installed)}
    return subprocess.run(argv, cwd=root, env=environment, check=False).returncode


def coverage(root: Path, python: Path) -> int:
    """Run the tests with every process measured, which takes a fifth more of the processor."""
    compile_program(root, python)
    run_module(root, python, "coverage", "erase")
    code = run_module(root, python, "coverage", "run", "-m", *_pytest(EVERYDAY))
    run_module(root, python, "coverage", "combine", "--quiet")
    print("\nCoverage of pisovereign/, lines and branches, only files with gaps:", flush=True)
    run_module(root, python, "coverage", "report")
    return code


def docs(root: Path, python: Path) -> int:
    """Build the documentation site in build/docs; any warning, such as a broken link, fails."""
    site = ("sphinx", "--quiet", "-W", "--keep-going", "-c", "docs", ".", "build/docs")
    code = run_module(root, python, *site)
    if code == 0:
        print(f"The site is in {root / 'build' / 'docs'}", flush=True)
    return code


def changelog(root: Path, python: Path, arguments: list[str]) -> int:
    """Let towncrier collect `changes/`; without arguments it only shows the outcome."""
    asked = arguments or ["--draft", "--version", "next"]
    return run_module(root, python, "towncrier", "build", *asked)


def compile_program(root: Path, python: Path) -> None:
    """Compile the program: where Python is told to keep no bytecode, each start would do it again.

    Containers often say so, and the tests start it hundreds of times.
    """
    run_module(root, python, "compileall", "-q", "pisovereign", "native")


def _pytest(marks: str) -> list[str]:
    return ["pytest", "-m", marks, *PARALLEL, *shlex.split(os.environ.get("PYTEST_ARGS", ""))]


def run_module(root: Path, python: Path, *arguments: str) -> int:
    """Run a module of Python and return its exit code."""
    return subprocess.run([str(python), "-m", *arguments], cwd=root, check=False).returncode
