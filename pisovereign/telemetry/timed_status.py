"""How a piece of work ended, and how long it took."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator

from pisovereign.errors import PiSovereignError


class TimedStatus:
    """The status of a piece of work; an exception gives it one of its own."""

    def __init__(self, status: str) -> None:
        self.status = status


@contextlib.contextmanager
def timed(usual: str, report: Callable[[str, float], None]) -> Iterator[TimedStatus]:
    """Report status and seconds of the work inside.

    The status is `usual`, or what the work sets; `refused` when it was the asker's fault, `failed`
    after another error, and `cancelled` when nobody wanted it any more.
    """
    outcome = TimedStatus(usual)
    started = time.perf_counter()
    try:
        yield outcome
    except (asyncio.CancelledError, GeneratorExit):
        outcome.status = "cancelled"
        raise
    except PiSovereignError as error:
        outcome.status = "refused" if error.status < 500 else "failed"
        raise
    except BaseException:
        outcome.status = "failed"
        raise
    finally:
        report(outcome.status, time.perf_counter() - started)
