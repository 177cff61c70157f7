"""Who gives a command."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID, uuid5

from pisovereign.api_keys import Identity
from pisovereign.languages import Language


class Caller(NamedTuple):
    """The key that a command came with, and the language to answer in.

    `once` is the same for each attempt to carry out one and the same request.
    """

    identity: Identity
    language: Language
    once: UUID | None = None

    @property
    def reminder(self) -> UUID | None:
        """The id of the reminder that the request makes; None: any."""
        return None if self.once is None else uuid5(self.once, "reminder")

    @property
    def approval(self) -> UUID | None:
        """The id of the approval that the request asks for; None: any."""
        return None if self.once is None else approval_of(self.once)


def approval_of(once: UUID) -> UUID:
    """The id of the approval that a request asks for, if it asks for one."""
    return uuid5(once, "approval")
