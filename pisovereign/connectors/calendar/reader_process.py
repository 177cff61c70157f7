"""The process that reads iCalendar text, as the program starts and asks it."""

from __future__ import annotations

import os
import subprocess
import sys
from types import TracebackType
from typing import Self, TypeVar

import msgspec

from pisovereign.connectors.calendar.reader import (
    EditRequest,
    EditResult,
    ReaderRequest,
    ReadRequest,
    ReadResult,
    TaskEditRequest,
    TaskEditResult,
    TasksRequest,
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

    def read(self, request: ReadRequest) -> ReadResult:
        """Let it read, and return what it found.

        Raises:
            UpstreamError: it did not come to an end; the calendar holds something broken.
        """
        return self._ask(request, ReadResult)

    def edit(self, request: EditRequest) -> EditResult:
        """Let it change an event, and return the new text.

        Raises:
            UpstreamError: it did not come to an end.
        """
        return self._ask(request, EditResult)

    def tasks(self, request: TasksRequest) -> TasksResult:
        """Let it read tasks, and return what it found.

        Raises:
            UpstreamError: it did not come to an end.
        """
        return self._ask(request, TasksResult)

    def edit_task(self, request: TaskEditRequest) -> TaskEditResult:
        """Let it change a task, and return the new text.

        Raises:
            UpstreamError: it did not come to an end.
        """
        return self._ask(request, TaskEditResult)

    def _ask(self, request: ReaderRequest, result: type[R]) -> R:
        try:
            answer, _ = self._process.communicate(
                msgspec.json.encode(request), timeout=request.limit_s + _GRACE_S
            )
            return msgspec.json.decode(answer, type=result)
        except (subprocess.TimeoutExpired, msgspec.DecodeError):
            raise UpstreamError("The events of the calendar cannot be read in time") from None
