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

_ANYWHERE, _AT_START = range(2)  # where the trees of marks begin

State = frozenset[int]
"""How far marks have been read: nodes of their trees."""


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

    The marks are kept as two trees, by what they begin with: the calls of many functions begin
    alike, and what they share is read once.

    Args:
        marks: what to find; where two end at once, the first counts.
    """

    def __init__(self, marks: Sequence[Mark]) -> None:
        self.marks = tuple(marks)
        self._children: list[dict[str | None, int]] = [{}, {}]
        self._ends: list[int | None] = [None, None]
        for at, mark in enumerate(marks):
            self._add(at, mark)
        self.idle: State = self._closed([_ANYWHERE])
        self.start: State = self._closed([_ANYWHERE, _AT_START])

    def _add(self, at: int, mark: Mark) -> None:
        node = _AT_START if mark.at_start else _ANYWHERE
        for part in mark.parts:
            children = self._children[node]
            if part not in children:
                children[part] = len(self._children)
                self._children.append({})
                self._ends.append(None)
            node = children[part]
        if self._ends[node] is None:
            self._ends[node] = at

    def step(self, state: State, character: str) -> State:
        """Return the state after a character."""
        moved = []
        for node in state:
            children = self._children[node]
            if BLANK in children and character in _BLANKS:
                moved.append(node)
            if character in children:
                moved.append(children[character])
        return self.idle | self._closed(moved)

    def found(self, state: State) -> int | None:
        """Return the number of the mark that is complete, if one is."""
        ends = (self._ends[node] for node in state)
        return min((at for at in ends if at is not None), default=None)

    def moves(self, state: State) -> tuple[dict[State, str], State]:
        """Return the next state for any other character, and characters that lead elsewhere."""
        otherwise = self.step(state, _ELSE)
        awaited: set[str] = set()
        for node in state:
            for part in self._children[node]:
                awaited |= _BLANKS if part is BLANK else {part}
        elsewhere: dict[State, str] = {}
        for character in sorted(awaited):
            target = self.step(state, character)
            if target != otherwise:
                elsewhere[target] = elsewhere.get(target, "") + character
        return elsewhere, otherwise

    def _closed(self, nodes: Sequence[int]) -> State:
        """Add the nodes that need no blank where there may be one."""
        closed = set(nodes)
        for node in nodes:
            after = self._children[node].get(BLANK)
            while after is not None:
                closed.add(after)
                after = self._children[after].get(BLANK)
        return frozenset(closed)
