"""Finding several marks in a text at once, character by character.

The same automaton says where a call begins in what a model writes, and is written out as rules of a
grammar, which then knows the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

BLANK = None
"""In a mark: any number of blanks and line ends, also none."""
_BLANKS = frozenset(" \n\r\t")
_ELSE = "\uffff"

State = frozenset[tuple[int, int]]
"""Marks that have begun: which, and how many of their parts are read."""


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to find: characters and `BLANK`s; `at_start`: only where the text begins."""

    parts: tuple[str | None, ...]
    at_start: bool = False


def plain(text: str) -> Mark:
    """Return a mark that is just this text."""
    return Mark(tuple(text))


class Automaton:
    """Reads a text for marks.

    Args:
        marks: what to find; where two end at once, the first counts.
    """

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.marks = tuple(marks)
        anywhere = [(at, 0) for at, mark in enumerate(marks) if not mark.at_start]
        self.idle: State = self._closed(anywhere)
        self.start: State = self._closed([(at, 0) for at in range(len(marks))])

    def step(self, state: State, character: str) -> State:
        """Return the state after a character."""
        moved = []
        for at, read in state:
            parts = self.marks[at].parts
            if read == len(parts):
                continue
            if parts[read] is BLANK:
                if character in _BLANKS:
                    moved.append((at, read))
            elif parts[read] == character:
                moved.append((at, read + 1))
        return self.idle | self._closed(moved)

    def found(self, state: State) -> int | None:
        """Return the number of the mark that is complete, if one is."""
        return min(
            (at for at, read in state if read == len(self.marks[at].parts)),
            default=None,
        )

    def moves(self, state: State) -> tuple[dict[State, str], State]:
        """Return the next state for any other character, and characters that lead elsewhere."""
        otherwise = self.step(state, _ELSE)
        awaited: set[str] = set()
        for at, read in state:
            parts = self.marks[at].parts
            if read < len(parts):
                part = parts[read]
                awaited |= _BLANKS if part is BLANK else {part}
        elsewhere: dict[State, str] = {}
        for character in sorted(awaited):
            target = self.step(state, character)
            if target != otherwise:
                elsewhere[target] = elsewhere.get(target, "") + character
        return elsewhere, otherwise

    def _closed(self, threads: list[tuple[int, int]]) -> State:
        """Add the threads that need no blank where there may be one."""
        closed = set(threads)
        for at, read in threads:
            parts, next_read = self.marks[at].parts, read
            while next_read < len(parts) and parts[next_read] is BLANK:
                next_read += 1
                closed.add((at, next_read))
        return frozenset(closed)
