"""Why a connection to the outside was not made, or did not help.

UpstreamError                  502, `pisovereign/errors.py`
├── Refused                    the gate does not let it out; nothing was contacted
│   └── AnswerRefused          the host was asked, but its answer is not accepted
└── HostFailed                 the host is away, slow or broken: it counts against the host
    ├── HostUnreached          there was no connection: it was sent nothing
    └── HostResting            it failed so often that it is not asked for a while
"""

from __future__ import annotations

from pisovereign.errors import UpstreamError


class Refused(UpstreamError):
    """The address may not be contacted."""


class AnswerRefused(Refused):
    """The host answered in a way that is not accepted; what it did before that is not known."""


class HostFailed(UpstreamError):
    """The host could not be reached in time, or failed itself."""


class HostUnreached(HostFailed):
    """No connection to the host was made, so it was sent nothing."""


class HostResting(HostFailed):
    """The host failed several times in a row and is given a pause; nothing was contacted."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
