"""What a failure of the way out says about a message that was to be sent."""

from __future__ import annotations

from pisovereign.errors import AnswerRefused, HostPaused, HostUnreached, PiSovereignError, Refused
from pisovereign.notifications.channel import MaybeSent, NotSent


def sending_failure(error: PiSovereignError) -> NotSent | MaybeSent:
    """Return whether a message certainly did not get through, by what a POST ended with."""
    match error:
        case AnswerRefused():
            return MaybeSent(error.message)
        case HostPaused():
            return NotSent(error.message, again_s=error.retry_after)
        case HostUnreached() | Refused():
            return NotSent(error.message, again_s=0.0)
        case _:
            return MaybeSent(error.message)
