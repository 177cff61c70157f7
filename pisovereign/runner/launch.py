"""The last steps of a process before it becomes the command."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Sequence
from typing import NoReturn

from pisovereign.runner import kernel
from pisovereign.runner.account import Account
from pisovereign.runner.keeper import EXECUTE_FAILED
from pisovereign.runner.limits import Limits, apply
from pisovereign.runner.programs import ENVIRONMENT


def launch(
    program: str,
    argv: Sequence[str],
    *,
    outputs: tuple[int, int],
    report: int,
    account: Account,
    limits: Limits,
    user_processes: int,
) -> NoReturn:
    """Become the command, with nothing of this process's left; reports why when that fails."""
    try:
        os.setsid()
        os.chdir("/")
        os.umask(0o077)
        account.become()
        kernel.prctl(kernel.PR_CAP_AMBIENT, kernel.PR_CAP_AMBIENT_CLEAR_ALL)
        kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
        # After the change of user, which undoes it.
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        _arrange_descriptors(outputs, report)
        _default_signals()
        apply(limits, user_processes)
        os.execve(program, [word.encode() for word in argv], ENVIRONMENT)  # noqa: S606
    except OSError as error:
        os.write(report, EXECUTE_FAILED + str(error.errno).encode())
    finally:
        os._exit(127)


def _arrange_descriptors(outputs: tuple[int, int], report: int) -> None:
    """Standard streams, and nothing else but the report, which closes when the command begins."""
    null = os.open("/dev/null", os.O_RDONLY)
    for number, descriptor in enumerate((null, *outputs)):
        os.dup2(descriptor, number)
    highest = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    os.closerange(3, report)
    os.closerange(report + 1, highest)


def _default_signals() -> None:
    """Undo what Python, or whoever started it, ignores or holds back."""
    for number in signal.valid_signals():
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
