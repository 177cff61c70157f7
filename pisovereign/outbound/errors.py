"""Why a connection to the outside was not made, or did not help.

UpstreamError                  502, `pisovereign/errors.py`
├── Refused                    the gate does not let it out; nothing was contacted
└── HostFailed                 the host is away, slow or broken: it counts against the host
    └── HostResting            it failed so often that it is not asked for a while
"""

from __future__ import annotations

from pisovereign.errors import UpstreamError


class Refused(UpstreamError):
    """The address may not be contacted."""


class HostFailed(UpstreamError):
    """The host could not be reached in time, or failed itself."""


class HostResting(HostFailed):
    """The host failed several times in a row and is given a pause; nothing was contacted."""

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after
