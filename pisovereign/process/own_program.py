"""Commands that somebody types to start one of our programs."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path


def typed_name(name: str) -> str:
    """Return a program's name, with its folder where that is not on the path."""
    beside = Path(sys.executable).with_name(name)
    if shutil.which(name) is not None or not beside.exists():
        return name
    here = Path.cwd()
    return shlex.quote(str(beside.relative_to(here) if beside.is_relative_to(here) else beside))
