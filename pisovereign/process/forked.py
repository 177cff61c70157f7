"""Work that is done in a fork, so that what it imports ends with it."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator

from pisovereign.errors import PiSovereignError, StartError
from pisovereign.process.parent_death import die_with_parent

_REFUSED = 3
_MOST = 16 * 1024
_LOOK_S = 0.2


def run_forked(work: Callable[[], object]) -> None:
    """Do something in a fork, and wait for it; whatever happens here, it does not go on.

    To be called while this process has one thread: a signal that another one takes may interrupt
    this before it knows of its child.

    Raises:
        StartError: as it was raised there; or the work failed, and stderr says how.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        told, tell = os.pipe()
        parent = os.getpid()
        child = os.fork()
        if child == 0:
            os.close(told)
            _work(work, tell, parent, before)
        os.close(tell)
        with _ended(child), os.fdopen(told, "rb") as told_words:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            # What Python does about a signal that comes just before a wait, it does after it.
            while not select.select((told_words,), (), (), _LOOK_S)[0]:
                pass
            words = told_words.read(_MOST).decode(errors="replace")
            status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
    if status == _REFUSED:
        raise StartError(words)
    if status != 0:
        raise StartError(f"a process of this program ended with {status}")


def _work(
    work: Callable[[], object], tell: int, parent: int, mask: Iterable[signal.Signals | int]
) -> None:
    """Do the work, and end without anything that belongs to the parent."""
    status = 1
    try:
        signal.set_wakeup_fd(-1)
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(each, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
        die_with_parent(parent, signal.SIGKILL)
        work()
        status = 0
    except (StartError, PiSovereignError) as error:
        os.write(tell, str(error).encode()[:_MOST])
        status = _REFUSED
    except BaseException:  # noqa: BLE001 - it ends here
        traceback.print_exc()
    finally:
        with contextlib.suppress(OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status)


@contextlib.contextmanager
def _ended(child: int) -> Iterator[None]:
    """Have a child be over afterwards, also when a signal ends the wait for it."""
    try:
        yield
    except BaseException:
        with contextlib.suppress(ProcessLookupError, ChildProcessError):
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        raise
