"""Whose calendar or inbox it is: everybody with a key must not read everybody's mail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID


def owners(configured: Iterable[str], known: Sequence[UUID]) -> frozenset[UUID]:
    """Who may use an account: the users that its section names, else the only one there is.

    `known` are all users that have a key. With several and nobody named, it is nobody's.
    """
    named = frozenset(UUID(user) for user in configured)
    if named:
        return named
    return frozenset(known) if len(set(known)) == 1 else frozenset()
