"""A vocabulary as prefix trees: each token is a child of the longest other that it starts with.

A grammar that refuses a token refuses everything that starts with it. So whoever wants to know what
it allows asks about the roots first, then about what hangs under those that were allowed: where a
JSON text has to go on with `"name"`, that is a few hundred questions instead of 49,000.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]
Question = Callable[[Ids], NDArray[np.bool_]]


class TokenTrie:
    """The prefix trees of a vocabulary.

    Only a token of whole UTF-8 characters gets others under it. A grammar may refuse half a
    character, which can still become several, and allow one of those.

    Args:
        pieces: bytes of each token; one without any is left out.
        ends: tokens that stand for the end of a text, trees of their own whatever their bytes.

    Attributes:
        known: for each token whether it is in the forest.
    """

    def __init__(self, pieces: Sequence[bytes], ends: Collection[int]) -> None:
        known = np.array([bool(piece) for piece in pieces], np.bool_)
        known[list(ends)] = True
        parents = np.full(len(pieces), -1, np.int64)
        path: list[int] = []
        spoken = (token for token, piece in enumerate(pieces) if piece and token not in ends)
        for token in sorted(spoken, key=pieces.__getitem__):
            piece = pieces[token]
            while path and not piece.startswith(pieces[path[-1]]):
                path.pop()
            parents[token] = path[-1] if path else -1
            if _whole(piece):
                path.append(token)
        self.known: NDArray[np.bool_] = known
        self._roots: Ids = np.flatnonzero(known & (parents < 0))
        below = np.flatnonzero(parents >= 0)
        self._children: Ids = below[np.argsort(parents[below], kind="stable")]
        self._counts = np.bincount(parents[below], minlength=len(pieces))
        self._starts = np.cumsum(self._counts) - self._counts

    def allowed(self, ask: Question) -> Ids:
        """Return all tokens that `ask` allows, if it refuses what starts with a refused one."""
        found: list[Ids] = []
        ids = self._roots
        while len(ids):
            ids = ids[ask(ids)]
            found.append(ids)
            ids = self._under(ids)
        return np.concatenate([*found, ids])

    def _under(self, ids: Ids) -> Ids:
        counts = self._counts[ids]
        # Each token's children are neighbors: their places are runs of consecutive numbers.
        shifts = self._starts[ids] - (np.cumsum(counts) - counts)
        children: Ids = self._children[np.repeat(shifts, counts) + np.arange(counts.sum())]
        return children


def _whole(piece: bytes) -> bool:
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return True
