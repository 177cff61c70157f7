"""Carrying a change out although answers get lost: look before it is said to have failed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import TypeVar

from pisovereign.errors import Conflict, HostFailed, HostPaused, UpstreamError
from pisovereign.integrations.calendar.client import CalDav, Connection
from pisovereign.integrations.calendar.deadline import Deadline

T = TypeVar("T")
# Shares of the time limit: each attempt to write is followed by a look.
_ATTEMPTS = (0.35, 0.25)
_LOOK = 0.2


class Once:
    """Writes to an account; blocks, for threads.

    Args:
        caldav: the account.
        limit_s: longest time that a write takes with everything.
    """

    def __init__(self, caldav: CalDav, limit_s: float) -> None:
        self._caldav = caldav
        self._limit_s = limit_s

    def carry_out(
        self, act: Callable[[Connection], T], look: Callable[[Connection], T | None]
    ) -> T:
        """Do it, or find that it is done already.

        Args:
            act: does it; may be called again, and then does nothing more.
            look: what `act` would return if it is done, else None.

        Raises:
            Conflict: the calendar is no longer as it was.
            UpstreamError: it failed, or nobody knows whether it did.
        """
        sent = False
        for share in _ATTEMPTS:
            deadline = Deadline(self._limit_s * share)
            conflict: Conflict | None = None
            try:
                with self._caldav.connected(deadline) as connection:
                    return act(connection)
            except Conflict as error:
                # Perhaps with what an earlier attempt, of a process that died, has made of it.
                conflict = error
            except UpstreamError as error:
                lost = error
                if not isinstance(error, HostFailed) or isinstance(error, HostPaused):
                    break
                sent = sent or deadline.connected
            if (done := self._look(look)) is not None:
                return done
            if conflict is not None:
                raise conflict
        if not sent:
            raise lost
        raise UpstreamError(f"{lost.message}; it is not known whether the calendar was changed")

    def _look(self, look: Callable[[Connection], T | None]) -> T | None:
        with (
            contextlib.suppress(UpstreamError),
            self._caldav.connected(Deadline(self._limit_s * _LOOK)) as connection,
        ):
            return look(connection)
        return None
