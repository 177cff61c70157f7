"""The process that reads iCalendar text, as the program starts and asks it."""

from __future__ import annotations

import os
import subprocess
import sys
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from pisovereign.connectors.calendar.reader import (
    EditResult,
    ReaderRequest,
    ReadResult,
    TaskEditResult,
    TasksResult,
)
from pisovereign.errors import UpstreamError

R = TypeVar("R", ReadResult, EditResult, TasksResult, TaskEditResult)
_COMMAND = (sys.executable, "-m", "pisovereign.connectors.calendar.reader")
# Passwords may be in the environment, so it gets only what Python needs to start.
_PASSED_ON = ("PATH", "PYTHONPATH", "PYTHONTZPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG")
_GRACE_S = 1.0


class ReaderProcess:
    """A reader process, started at once, so that it is ready when the calendar has answered.

    To be used in a thread, as a context manager: no process outlives the block.
    """

    def __init__(self) -> None:
        environment = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        self._process = subprocess.Popen(
            _COMMAND,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.kill()
        self._process.communicate()

    @property
    def pid(self) -> int:
        """Return its process id."""
        return self._process.pid

    def ask(self, request: ReaderRequest, result: type[R]) -> R:
        """Let it read or change something, and return what came of it.

        Raises:
            UpstreamError: It did not come to an end: something is broken.
        """
        try:
            answer, _ = self._process.communicate(
                msgspec.json.encode(request), timeout=request.limit_s + _GRACE_S
            )
            return msgspec.json.decode(answer, type=result)
        except (subprocess.TimeoutExpired, msgspec.DecodeError):
            raise UpstreamError("The events of the calendar cannot be read in time") from None
