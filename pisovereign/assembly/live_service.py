"""A service outside, as it is connected now."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from pisovereign.assembly.lifespan import Closing
from pisovereign.integrations.diagnostics import Integration


class LiveService(Protocol):
    """What every kind of connection tells of its service."""

    @property
    def parts(self) -> Closing:
        """What is closed at the end."""

    async def check(self, user: UUID) -> float | None:
        """Check that it works for a user; return how long that took, in milliseconds.

        Raises:
            NotConfigured: It is not set up.
            UpstreamError: It does not work.
        """

    async def check_all(self) -> float | None:
        """Check that what the household shares works; as `check`."""

    def integration(self, user: UUID) -> Integration:
        """Return it as diagnostics see it."""
