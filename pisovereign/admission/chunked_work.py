"""Long work of one request in parts, between which the event loop sees to others.

To open a page of sealed texts takes tens of milliseconds. Done in one go, everybody else's request
would stand still for as long, at each of the ten times that it waits for the database.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TypeVar

from pisovereign.admission.fair_limiter import working

T = TypeVar("T")
R = TypeVar("R")

# A fraction of a millisecond; a turn for others costs a hundredth of that.
AT_ONCE = 2


async def made_in_parts(make: Callable[[T], R], items: Sequence[T]) -> list[R]:
    """Return what `make` makes of each item, with a turn for others after every few."""
    made: list[R] = []
    with working():
        for begin in range(0, len(items), AT_ONCE):
            if begin:
                await asyncio.sleep(0)
            made += map(make, items[begin : begin + AT_ONCE])
    return made
