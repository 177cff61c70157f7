"""Which memories were told right before and after each other."""

from __future__ import annotations

from array import array
from bisect import bisect_left

from pisovereign.search_index.ranking import NEIGHBOR_GAP_S

_NONE = -1


class Neighbors:
    """The memories of one owner in the order in which they were told, by their rows.

    `before` and `after` hold the row of each row's neighbor, int32, -1 where there is none: nothing
    was told within an hour of it.
    """

    def __init__(self) -> None:
        self.before = array("i")
        self.after = array("i")
        # Of those that count, in order, both of the same length.
        self._numbers = array("q")
        self._rows = array("i")
        # Of each row: when it was told, in seconds.
        self._times = array("d")

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        arrays = (self.before, self.after, self._numbers, self._rows, self._times)
        return sum(len(one) * one.itemsize for one in arrays)

    def add_row(self) -> None:
        """Make room for one more row, which has no memory yet."""
        for links in (self.before, self.after):
            links.append(_NONE)
        self._times.append(0.0)

    def put(self, row: int, number: int, told_at: float) -> None:
        """Put a memory in its place; `number` grows with each that is told."""
        at = bisect_left(self._numbers, number)
        self._numbers.insert(at, number)
        self._rows.insert(at, row)
        self._times[row] = told_at
        self._link(at - 1)
        self._link(at)

    def remove(self, row: int, number: int) -> None:
        """Take out a memory, if it is there: those on either side are neighbors then."""
        at = bisect_left(self._numbers, number)
        if at == len(self._numbers) or self._numbers[at] != number:
            return
        del self._numbers[at], self._rows[at]
        self.before[row] = self.after[row] = _NONE
        self._link(at - 1)

    def _link(self, at: int) -> None:
        """Make the memories at one place and the next neighbors, or not."""
        one = self._rows[at] if at >= 0 else _NONE
        other = self._rows[at + 1] if at + 1 < len(self._rows) else _NONE
        near = (
            _NONE not in (one, other)
            and abs(self._times[other] - self._times[one]) <= NEIGHBOR_GAP_S
        )
        if one != _NONE:
            self.after[one] = other if near else _NONE
        if other != _NONE:
            self.before[other] = one if near else _NONE
