"""How much work a template may cause, counted and not timed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class LimitExceeded(Exception):
    """A template does more than a template has to."""


# Units: one for each character that is made or looked at, and these for a turn of a loop, the call
# of a macro, and an element of a list. All of a budget takes a second or two of a slow core, and
# 80 MB at worst.
STEP, CALL, ELEMENT = 100, 1000, 8
BUDGET, BUDGET_OF_CHARACTER = 20_000_000, 100
# Characters of one text, and elements of one list, that a template makes.
MOST_CHARACTERS, MOST_ELEMENTS = 4_000_000, 200_000


class Meter(threading.local):
    """The work that is left to the rendering of this thread."""

    def __init__(self) -> None:
        self._left = 0

    @contextmanager
    def rendering(self, characters: int) -> Iterator[None]:
        """Allow what a conversation of so many characters may take."""
        before, self._left = self._left, BUDGET + characters * BUDGET_OF_CHARACTER
        try:
            yield
        finally:
            self._left = before

    def charge(self, units: int) -> None:
        """Take units off; raises LimitExceeded when none are left."""
        self._left -= units
        if self._left < 0:
            raise LimitExceeded("the template takes too much work")

    def text(self, characters: int) -> None:
        """Charge for a text that is about to be made."""
        if characters > MOST_CHARACTERS:
            raise LimitExceeded("the template makes too long a text")
        self.charge(characters)

    def elements(self, count: int) -> None:
        """Charge for a list that is about to be made or walked through."""
        if count > MOST_ELEMENTS:
            raise LimitExceeded("the template makes too long a list")
        self.charge(count * ELEMENT)

    def look(self, value: object) -> None:
        """Charge for going through a value, however deep it is; parts that are shared count again.

        Raises:
            LimitExceeded: also for a value of a kind that no template needs to look into.
        """
        if isinstance(value, str):
            self.charge(len(value))
        elif isinstance(value, dict):
            self.charge(STEP + len(value) * ELEMENT)
            for key, item in value.items():
                self.look(key)
                self.look(item)
        elif isinstance(value, list | tuple):
            self.charge(STEP + len(value) * ELEMENT)
            for item in value:
                self.look(item)
        elif isinstance(value, range):
            self.elements(len(value))
