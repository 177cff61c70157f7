"""The caller who asks for an action."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID, uuid5

import msgspec

from pisovereign.api_keys import Identity
from pisovereign.languages import Language


class Caller(NamedTuple):
    """The key that a request came with, and the language to answer in.

    `once` is the same for each attempt to carry out one and the same request. With `asks_only`
    nothing that changes something happens without an approval, whatever the key may do: `identity`
    has the rights of an ordinary key then, and `key` has its own.
    """

    identity: Identity
    language: Language
    once: UUID | None = None
    asks_only: bool = False
    key: Identity | None = None

    def asking_only(self) -> Caller:
        """Return the caller as one who may only ask, because a model chose the arguments.

        A model may have read them in a mail.
        """
        identity = msgspec.structs.replace(self.identity, scopes=frozenset(("user",)))
        return self._replace(identity=identity, asks_only=True, key=self.requester)

    @property
    def requester(self) -> Identity:
        """The key that the request came with, as approvals and the audit log have it."""
        return self.key or self.identity

    @property
    def reminder(self) -> UUID | None:
        """The id of the reminder that the request creates; None: any."""
        return None if self.once is None else uuid5(self.once, "reminder")

    @property
    def approval(self) -> UUID | None:
        """The id of the approval that the request asks for; None: any."""
        return None if self.once is None else approval_of(self.once)


def approval_of(once: UUID) -> UUID:
    """Return the id of the approval that a request asks for, if it asks for one."""
    return uuid5(once, "approval")
