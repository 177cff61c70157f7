"""The shared memory of PostgreSQL servers that were killed, which only a new start would free.

A server names it by chance, so whose it is shows only while a process has it mapped.
"""

import contextlib
import os
import time
from pathlib import Path

_PLACE = Path("/dev/shm")
_NAMES = "PostgreSQL.*"
_START_S = 1.0


def free(since: float, place: Path = _PLACE) -> None:
    """Delete what no process has mapped, of the servers that were started since that time.

    Another account's is left alone unless this process may see what its processes map.

    Args:
        since: A time as in `time.time()`, in seconds.
        place: The folder of shared memory.
    """
    made = {path for path in place.glob(_NAMES) if _made(path) >= since}
    if unused := _unused(made):
        # A server that only just starts makes it before it maps it.
        time.sleep(_START_S)
        for path in _unused(unused):
            path.unlink(missing_ok=True)


def _made(path: Path) -> float:
    """Return when it was last changed, or 0.0 for one that is gone or not this account's."""
    try:
        status = path.stat()
    except OSError:
        return 0.0
    return status.st_mtime if os.getuid() in (0, status.st_uid) else 0.0


def _unused(paths: set[Path]) -> set[Path]:
    """Return those that no process has mapped."""
    unused = set(paths)
    for entry in os.scandir("/proc"):
        if unused and entry.name.isdigit():
            with contextlib.suppress(OSError):  # it has ended
                mapped = Path(entry.path, "maps").read_text("utf-8", "replace")
                unused = {path for path in unused if str(path) not in mapped}
    return unused
