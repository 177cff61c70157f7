"""The init process of a command: its parent, whose end is the end of everything that it starts.

In a PID namespace it is the first process, and the kernel kills the others when it ends. Elsewhere
it adopts what the command leaves behind, and kills that itself. It ends when the runner does,
however that happens.
"""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Callable, Iterable
from typing import NoReturn

from pisovereign.process import syscalls
from pisovereign.runner.processes import descendants, kill_descendants

EXECUTE_FAILED, FOLDERS_FAILED, ENDED = b"E", b"F", b"S"
"""What a report begins with; a number follows, an errno or a wait status."""


def start_init_process(
    report: int, launch: Callable[[], NoReturn], not_its: Iterable[int], *, namespace: bool
) -> int:
    """Fork the init process, which forks the command, and return its process id.

    Args:
        report: where it writes how the command ended.
        launch: becomes the command.
        not_its: descriptors that this process alone may have, the other end of `report` too.
        namespace: whether the next child is the first process of a PID namespace.
    """
    child = os.fork()
    if child != 0:
        return child
    try:
        for descriptor in not_its:
            os.close(descriptor)
        _keep(report, launch, namespace)
    finally:
        os._exit(1)


def adopt_descendants() -> None:
    """Adopt what becomes an orphan below this process, and kill all of it when the parent ends."""

    def end(*_: object) -> None:
        kill_descendants()
        os._exit(1)

    syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
    signal.signal(signal.SIGUSR1, end)
    syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGUSR1)


def _keep(report: int, launch: Callable[[], NoReturn], namespace: bool) -> NoReturn:
    if namespace:
        # Below, a signal is sent to all processes of the namespace.
        assert os.getpid() == 1, "not the first process of a namespace"
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
    else:
        adopt_descendants()
    if _unread(report):  # the runner ended before the first call above
        os._exit(1)

    def pass_on(*_: object) -> None:
        if namespace:
            os.kill(-1, signal.SIGTERM)
        else:
            for process in descendants(os.getpid()):
                os.kill(process.pid, signal.SIGTERM)

    signal.signal(signal.SIGTERM, pass_on)
    command = os.fork()
    if command == 0:
        launch()
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    os.closerange(3, report)
    os.closerange(report + 1, report + 64)
    while True:
        pid, status = os.waitpid(-1, 0)
        if pid == command:
            break
    os.write(report, ENDED + str(status).encode())
    if not namespace:
        kill_descendants()
    os._exit(0)


def _unread(pipe: int) -> bool:
    poll = select.poll()
    poll.register(pipe, 0)
    return any(event & select.POLLERR for _, event in poll.poll(0))
