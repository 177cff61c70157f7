"""Instructions of parts of a program, counted by callgrind: whatever else the machine does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path

# A function that the program calls at each mark, and nowhere else behind the first one.
MARK = "ffi_call"
_LIMIT_S = 900.0
_TOTALS = re.compile(r"^totals: (\d+)", re.MULTILINE)


def is_there() -> bool:
    """Return whether this machine has callgrind."""
    return shutil.which("valgrind") is not None


def instructions(arguments: Sequence[str], parts: int) -> list[int]:
    """Run a Python program and return the instructions of all its threads, part by part.

    Args:
        arguments: of Python, as `-m` and a module.
        parts: how many there are, each between two marks; the last mark is the program's last.
    """
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        out = Path(folder) / "callgrind"
        argv = ["valgrind", "--quiet", "--tool=callgrind", f"--dump-before={MARK}"]
        argv += [f"--callgrind-out-file={out}", sys.executable, *arguments]
        # The order of sets is part of what is counted.
        env = os.environ | {"PYTHONHASHSEED": "0"}
        subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, env=env, timeout=_LIMIT_S)
        files = Path(folder).glob("callgrind.*")
        return marked(((int(file.suffix[1:]), file.read_text()) for file in files), parts)


def marked(dumps: Iterable[tuple[int, str]], parts: int) -> list[int]:
    """Return the instructions between the marks of each part.

    Args:
        dumps: what callgrind wrote at each mark, of what was executed since the one before, and its
            number.
        parts: how many there are.

    Raises:
        ValueError: there are too few dumps.
    """
    counted = []
    for _, text in sorted(dumps):
        found = _TOTALS.search(text)
        if found is not None:
            counted.append(int(found[1]))
    if len(counted) < 2 * parts:
        raise ValueError(f"{len(counted)} marks of {parts} parts")
    return counted[-2 * parts :][1::2]
