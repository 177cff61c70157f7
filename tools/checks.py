"""What `make lint`, `check`, `test` and `coverage` run; `soak` is in a module of its own.

Which test belongs to which of them is said in tests/support/tiers.py.
"""

import os
import shlex
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tools.test_run import run_tests
from tools.test_times import clock

# Each process has a server of its own, and tests of a file share what they set up. Files come in
# the order of tests/support/tiers.py, the longest first, not by their number of tests. A process
# often waits for a start, so one more than there are cores takes less time; each needs a gigabyte.
# Tests without programs never wait, and each process reads the files of all of them first.
CORES = os.cpu_count() or 1
PARALLEL = ("--dist=loadfile", "--no-loadscope-reorder")
# Where there are more cores, mypy is still what the others wait for.
_CHECKS_AT_ONCE = 2
EVERYDAY = "not soak"
WITHOUT_PROCESS = "not soak and not process"


def lint(root: Path, python: Path) -> int:
    """Run all checks beside each other and show what each found; 0 if all passed."""
    commands = [
        # The longest first: it is what the others run beside.
        ["mypy"],
        ["tools.import_contracts"],
        ["codespell_lib"],
        ["ruff", "format", "--check", "."],
        ["ruff", "check", "."],
    ]
    with ThreadPoolExecutor(_CHECKS_AT_ONCE) as pool:
        outcomes = list(pool.map(lambda command: _captured(root, python, command), commands))
    for command, done in zip(commands, outcomes, strict=True):
        print(f"$ {shlex.join(command)}\n{done.stdout}", end="", flush=True)
    return int(any(done.returncode for done in outcomes))


def say_how_long(what: str, began: float) -> None:
    """Print how long something took that began at that time of `time.monotonic()`."""
    print(f"{what} took {clock(time.monotonic() - began)}", flush=True)


def _captured(root: Path, python: Path, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-m", *command],
        cwd=root,
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test(root: Path, python: Path, marks: str) -> int:
    """Run the tests with these marks; PYTEST_ARGS is handed to pytest. Returns its exit code."""
    compile_program(root, python)
    return run_tests([str(python), "-m", *_pytest(marks)], root)


def test_home_assistant(root: Path, python: Path, installed: Path) -> int:
    """Run the tests that need Home Assistant, one after the other; returns pytest's exit code."""
    compile_program(root, python)
    asked = shlex.split(os.environ.get("PYTEST_ARGS", ""))
    os.environ["PISOVEREIGN_TEST_HOME_ASSISTANT"] = str(installed)
    return run_tests([str(python), "-m", "pytest", "tests/home_assistant", *asked], root)


def coverage(root: Path, python: Path) -> int:
    """Run the tests with every process measured, which takes a fifth more of the processor."""
    compile_program(root, python)
    run_module(root, python, "coverage", "erase")
    os.environ["PYTHONPATH"] = str(root)  # where each process finds `tools.coverage_of_workers`
    argv = [str(python), "-m", "coverage", "run", "-m", *_pytest(EVERYDAY)]
    code = run_tests(argv, root)
    run_module(root, python, "coverage", "combine", "--quiet")
    print("\nCoverage of pisovereign/, lines and branches, only files with gaps:", flush=True)
    run_module(root, python, "coverage", "report")
    return code


def side_by_side(root: Path, python: Path, arguments: list[str]) -> int:
    """Compare the chat stream with completions, with the models that the tests are run with."""
    compile_program(root, python)
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    models = os.environ.get("PISOVEREIGN_TEST_MODELS_DIR") or str(cache / "pisovereign" / "models")
    os.environ.setdefault("PISOVEREIGN_MODELS_DIR", models)
    return run_module(root, python, "bench.side_by_side", "--check", *arguments)


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
    processes = min(CORES if marks == WITHOUT_PROCESS else CORES + 1, 4)
    return [
        "pytest",
        "-m",
        marks,
        f"--numprocesses={processes}",
        *PARALLEL,
        *shlex.split(os.environ.get("PYTEST_ARGS", "")),
    ]


def run_module(root: Path, python: Path, *arguments: str) -> int:
    """Run a module of Python and return its exit code."""
    return subprocess.run([str(python), "-m", *arguments], cwd=root, check=False).returncode
