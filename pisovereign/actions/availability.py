"""Parts of the program that actions need: whether a user has each of them now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from pisovereign.actions.spec import Part


class Availability:
    """Knows which parts a user has.

    Args:
        always: Parts that are always there.
        shared: Parts that are the household's, each with whether it is set up.
        personal: Parts of which each person has their own, with whether somebody has it.
    """

    def __init__(
        self,
        always: frozenset[Part],
        shared: Mapping[Part, Callable[[], bool]],
        personal: Mapping[Part, Callable[[UUID], bool]],
    ) -> None:
        self._always = always
        self._shared = shared
        self._personal = personal

    def has(self, user: UUID, part: Part) -> bool:
        """Return whether a user has a part."""
        if part in self._shared:
            return self._shared[part]()
        if part in self._personal:
            return self._personal[part](user)
        return part in self._always
