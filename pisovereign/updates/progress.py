"""How far an installation has come, for the page; in memory, since it is lost without harm."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Literal

import msgspec

_FILE = "progress.json"
_WRITE_S = 0.5  # between two notes
Step = Literal["verifying", "writing", "ended"]


class InstallProgress(msgspec.Struct, frozen=True):
    """The step, how many bytes of how many are done, and why it failed, if it did."""

    step: Step
    done: int = 0
    total: int = 0
    error: str | None = None


def read_progress(run: Path) -> InstallProgress | None:
    """Return it; None: nothing was installed since the start."""
    try:
        return msgspec.json.decode((run / _FILE).read_bytes(), type=InstallProgress)
    except (OSError, msgspec.MsgspecError):
        return None


class Progress:
    """Notes how far it came, twice a second at most.

    Args:
        run: a folder that is empty after each start.
    """

    def __init__(self, run: Path) -> None:
        self._run = run
        self._written = 0.0

    def tell(self, step: Step, done: int, total: int) -> None:
        """Note the step, and how many of how many bytes are done."""
        if time.monotonic() - self._written >= _WRITE_S or done == total:
            self._write(InstallProgress(step, done, total))

    def end(self, error: str | None = None) -> None:
        """Note the end, and why it failed if it did."""
        self._write(InstallProgress("ended", error=error))

    def _write(self, progress: InstallProgress) -> None:
        self._written = time.monotonic()
        self._run.mkdir(mode=0o755, parents=True, exist_ok=True)
        part = self._run / f".{_FILE}"
        part.write_bytes(msgspec.json.encode(progress))
        part.chmod(0o644)
        part.replace(self._run / _FILE)
