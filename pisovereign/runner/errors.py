"""What can go wrong on the way to the runner and back."""

from __future__ import annotations

from pisovereign.errors import UpstreamError


class RunInterrupted(UpstreamError):
    """The runner had begun and gave no result: whether the command ran, and how far, is unknown.

    Every other error of the client means that the command was not started.
    """

    def __init__(self, message: str = "The command was interrupted; it may have run") -> None:
        super().__init__(message)
