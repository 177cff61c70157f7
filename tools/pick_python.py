"""Continue with a Python that the project runs on: `python3 tools/pick_python.py COMMAND…`.

This one file also runs on older and newer Pythons than the rest, and needs nothing from it.
The interpreter that runs it is taken if it fits; else, unless it was asked for with PYTHON=,
the newest fitting one on the PATH.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST, NEWEST = (3, 11), (3, 13)
NAMES = ["python3.13", "python3.12", "python3.11", "/usr/bin/python3"]


def fits(version: tuple[int, int]) -> bool:
    """Tell whether the project runs on this version."""
    return OLDEST <= version <= NEWEST


def version_of(python: str) -> tuple[int, int]:
    """Ask an interpreter for its version; (0, 0) if it does not run, as a pyenv shim may not."""
    script = "import sys; print(*sys.version_info[:2])"
    answer = subprocess.run([python, "-c", script], capture_output=True, text=True, check=False)
    numbers = answer.stdout.split()
    return (int(numbers[0]), int(numbers[1])) if len(numbers) == 2 else (0, 0)


def pick() -> str | None:
    """Return the path of a fitting interpreter, or None."""
    if fits(sys.version_info[:2]):
        # Inside a virtual environment, what that was made from: it may be the one to be remade.
        base = Path(sys.base_prefix, "bin", "python{}.{}".format(*sys.version_info[:2]))
        return str(base) if sys.prefix != sys.base_prefix and base.is_file() else sys.executable
    if "PYTHON" in os.environ:
        return None
    paths = [path for path in map(shutil.which, NAMES) if path]
    return next((path for path in paths if fits(version_of(path))), None)


def main() -> None:
    """Replace this process by the bootstrap, or say in one line what is missing."""
    python = pick()
    if python is None:
        sys.exit(
            "PiSovereign needs Python 3.11 to 3.13, and {} is {}.{}. Name another one with "
            "PYTHON=, or install it: apt-get install python3 python3-dev python3-venv".format(
                sys.executable, *sys.version_info[:2]
            )
        )
    os.chdir(Path(__file__).resolve().parent.parent)
    os.execv(python, [python, "-m", "tools.bootstrap", *sys.argv[1:]])


if __name__ == "__main__":
    main()
