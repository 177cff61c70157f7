"""From a fresh clone to a running program: the work behind `make run`, `make test` and the rest.

Only the standard library is used, since nothing else is installed yet.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tools import checks, home_assistant, last_runs, locks, soak
from tools.environment import Environment, Work
from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
# What the first start would otherwise do after llama.cpp is compiled.
FETCH_MODELS = Work(
    "Fetching the models", ("-m", "pisovereign.cli.main", "models", "pull", "--configured")
)
CACHES = (".venv", "build", ".mypy_cache", ".ruff_cache", ".hypothesis", "pisovereign.egg-info")
BUILT = ("native/*/*.so", "native/*/*.c", ".coverage*")


def run(arguments: list[str]) -> int:
    """Set up, then become the program: signals and its exit code go straight through."""
    environment = Environment(ROOT)
    environment.ensure(locks.RUN, meanwhile=[FETCH_MODELS])
    program = str(environment.folder / "bin" / "pisovereign")
    os.execv(program, [program, "serve", *arguments])


def lint(arguments: list[str]) -> int:
    """Set up and check formatting, lint and types."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    return checks.lint(ROOT, environment.python)


def check(arguments: list[str]) -> int:
    """Set up, check formatting, lint and types, and run the tests that need no process."""
    return lint(arguments) or checks.test(ROOT, Environment(ROOT).python, checks.WITHOUT_PROCESS)


def test(arguments: list[str]) -> int:
    """Set up, check formatting, lint and types, and run all but the long tests.

    What the long ones came to is said too, where not only some tests were asked for.
    """
    code = lint(arguments) or checks.test(ROOT, Environment(ROOT).python, checks.EVERYDAY)
    if "PYTEST_ARGS" not in os.environ:
        last_runs.tell(ROOT)
    return code


def test_home_assistant(arguments: list[str]) -> int:
    """Set up, install Home Assistant beside the project, and run the tests that need it."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    installed = home_assistant.ensure(environment.python)
    return checks.test_home_assistant(ROOT, environment.python, installed)


def soak_tests(arguments: list[str]) -> int:
    """Set up and run the long tests, or a selection of them."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    return soak.main(ROOT, environment.python, arguments)


def side_by_side(arguments: list[str]) -> int:
    """Set up and compare our two streams; 1 if the native one is too slow."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    return checks.side_by_side(ROOT, environment.python, arguments)


def coverage(arguments: list[str]) -> int:
    """Set up, run all but the long tests, and say which lines and branches none of them reached."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    return checks.coverage(ROOT, environment.python)


def docs(arguments: list[str]) -> int:
    """Set up and build the documentation site; a link that leads nowhere fails."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    return checks.docs(ROOT, environment.python)


def web(arguments: list[str]) -> int:
    """Set up and build the page, with the machine's Node or one from a package."""
    environment = Environment(ROOT)
    environment.ensure(locks.RUN, *(() if shutil.which("npm") else (locks.WEB,)))
    argv = [str(environment.python), "-m", "tools.build_web", "--check", *arguments]
    return subprocess.run(argv, cwd=ROOT, check=False).returncode


def changelog(arguments: list[str]) -> int:
    """Set up and show what `changes/` would add to the changelog, or add it (`--version`)."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    return checks.changelog(ROOT, environment.python, arguments)


def image(command: str, arguments: list[str]) -> int:
    """Set up and make, or boot, the image of a Raspberry Pi, or only its wheels."""
    environment = Environment(ROOT)
    environment.ensure(locks.TEST)
    argv = [str(environment.python), "-m", "image", command, *arguments]
    os.execve(environment.python, argv, os.environ | {"PYTHONPATH": str(ROOT)})


def clean(arguments: list[str]) -> int:
    """Remove what was made in this folder; data, models and the kept llama.cpp stay."""
    for name in CACHES:
        shutil.rmtree(ROOT / name, ignore_errors=True)
    for pattern in BUILT:
        for path in ROOT.glob(pattern):
            path.unlink()
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "run": run,
    "lint": lint,
    "check": check,
    "test": test,
    "test-home-assistant": test_home_assistant,
    "soak": soak_tests,
    "side-by-side": side_by_side,
    "coverage": coverage,
    "wheels": partial(image, "wheels"),
    "image": partial(image, "build"),
    "image-test": partial(image, "test"),
    "docs": docs,
    "web": web,
    "changelog": changelog,
    "clean": clean,
}
TIMED = ("lint", "check", "test", "soak", "side-by-side")
EPILOG = """make run    set up what is needed and start PiSovereign (ARGS="…" is handed to it)
make lint   check formatting, lint and types
make check  lint, and the tests that need no process: what to run while you write
make test   lint, and all but the long tests: what to run before a commit (PYTEST_ARGS="…")
make test-home-assistant   the tests against a real Home Assistant, which is installed for them
make soak   the long tests: kills, thousands of requests (ARGS="--durable": those that CI runs)
make side-by-side   fail if the chat stream is slower than completions (ARGS="--clients 1 4")
make coverage    run what make test runs, and say which lines and branches were not reached
make wheels      build and try the wheels for a Raspberry Pi
make image       build the image for its card (ARGS="--config rpios")
make image-test  boot that in an emulator and check it (ARGS="--kills 3")
make docs   build the documentation site in build/docs
make web    build the page in pisovereign/web/dist
make changelog   show what changes/ adds to it (ARGS="--version 0.2.0 --yes": write it)
make clean  remove the environment and everything built in this folder
Any of them takes PYTHON=python3.12 to choose the interpreter."""


def main() -> int:
    """Run one command; a known problem is a line on standard error and exit code 1."""
    parser = argparse.ArgumentParser(
        prog="make",
        usage=(
            "make [help|run|lint|check|test|test-home-assistant|soak|side-by-side|coverage|wheels"
            "|image|image-test|docs|web|changelog|clean]"
        ),
        description="PiSovereign: a private assistant that lives on a Raspberry Pi.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument("command", choices=["help", *COMMANDS], help=argparse.SUPPRESS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.command == "help":
        parser.print_help()
        return 0
    # Ended from outside, the running stage is still stopped and its leftovers removed.
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, frame: sys.exit(128 + number))
    began = time.monotonic()
    try:
        code = COMMANDS[options.command](options.arguments)
        if options.command in TIMED:
            checks.say_how_long(f"make {options.command}", began)
        return code
    except (Problem, OSError) as problem:
        print(problem, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
