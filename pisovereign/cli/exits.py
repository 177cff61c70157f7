"""With which number a command ends, for programs; docs/cli.md lists them."""

from __future__ import annotations

from pisovereign.backup.errors import BackupUnreadable
from pisovereign.errors import StartError

FAILED, NO_ANSWER, KEY_REFUSED, NOT_FOUND, UNREADABLE = 1, 3, 4, 5, 6
INTERRUPTED = 130


class NoAnswer(StartError):
    """The server cannot be reached."""


class KeyRefused(StartError):
    """The server does not know the key, or the key may not do this."""


class NotThere(StartError):
    """The server knows no such thing."""


def exit_code(error: Exception) -> int:
    """The number for an error."""
    match error:
        case NoAnswer():
            return NO_ANSWER
        case KeyRefused():
            return KEY_REFUSED
        case NotThere():
            return NOT_FOUND
        case BackupUnreadable():
            return UNREADABLE
        case _:
            return FAILED
