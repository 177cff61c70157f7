"""How many streams may be open in one process, and of one user."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from uuid import UUID

from pisovereign.errors import ServiceUnavailable


class ConnectionLimits:
    """Counts the streams that are open or about to be.

    Args:
        most: Of all users.
        most_of_one: Of one user.
    """

    def __init__(self, most: int, most_of_one: int) -> None:
        self._most = most
        self._most_of_one = most_of_one
        self._of_user: Counter[UUID] = Counter()

    def take(self, user: UUID) -> ExitStack:
        """Take one more place, until what is returned is closed.

        Raises:
            ServiceUnavailable: too many are open.
        """
        if self._of_user[user] >= self._most_of_one or self._of_user.total() >= self._most:
            raise ServiceUnavailable("Too many event streams are open", retry_after=60)
        self._of_user[user] += 1
        held = ExitStack()
        held.callback(self._leave, user)
        return held

    def _leave(self, user: UUID) -> None:
        self._of_user[user] -= 1
        if not self._of_user[user]:
            del self._of_user[user]
