"""Errors of a session; known without the SDK."""

from __future__ import annotations

from pisovereign.errors import NotBegun, UpstreamError


class NotTaken(NotBegun):
    """The call was not taken, because the session had ended: a new one may take it."""


class SessionLost(UpstreamError):
    """The session is gone; `sent` is False if certainly nothing was taken in it."""

    def __init__(self, message: str, *, sent: bool) -> None:
        super().__init__(message)
        self.sent = sent
