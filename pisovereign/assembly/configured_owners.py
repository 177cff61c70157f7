"""Whose connections the configuration describes."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.assembly.clients import calendar_owners, ntfy_owners
from pisovereign.assembly.mail import mailbox_owner
from pisovereign.config import Config
from pisovereign.connections.kinds import CALENDAR, EMAIL, NTFY


def configured_owners(config: Config, users: Sequence[UUID], kind: str) -> frozenset[UUID] | None:
    """Return whose connection of a kind the configuration describes; None: everybody's.

    Args:
        config: The checked configuration.
        users: All that it knows.
        kind: The name of the kind.
    """
    if kind == CALENDAR.name:
        return calendar_owners(config.caldav.users, users)
    if kind == NTFY.name:
        return ntfy_owners(config.ntfy, users)
    if kind != EMAIL.name:
        return None
    owner = mailbox_owner(config.email, users)
    return frozenset() if owner is None else frozenset((owner,))
