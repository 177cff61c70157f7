"""Processes that end, as from `kill -9`, before each of the changes they make to files."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator

_CHANGES = ("os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.link", "open")
_ENDED = 9


def ended_at_every_step(action: Callable[[], object], most: int = 200) -> Iterator[int]:
    """Run `action` in a process that ends before its first change, before its second, and so on.

    Yields the number of changes that it made, until it runs to its end.
    """
    for steps in range(most):
        pid = os.fork()
        if pid == 0:
            _end_after(steps)
            try:
                action()
                os._exit(0)
            finally:
                os._exit(1)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        assert status in (0, _ENDED), "the action failed"
        yield steps
        if status == 0:
            return
    raise AssertionError("it never came to its end")


def _end_after(steps: int) -> None:
    left = steps

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in _CHANGES and _writes(event, arguments):
            if left == 0:
                os._exit(_ENDED)
            left -= 1

    sys.addaudithook(hook)


def _writes(event: str, arguments: tuple[object, ...]) -> bool:
    flags = arguments[2] if event == "open" else None
    return not isinstance(flags, int) or bool(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT))
