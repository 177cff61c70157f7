"""Former sequences that are kept within a byte budget, and who may use them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pisovereign.engine.jobs import Job
from pisovereign.engine.sequences import COMPUTED, Checkpoint, State, common_prefix, reach


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """Keys and values of a sequence.

    Attributes:
        cache_key: whose tokens they are; None: shared by all.
        tokens: the tokens.
        state: bytes that `Context.restore` takes.
        checkpoints: lengths that it can be brought back to once it is restored.
        can_be_cut: whether it can be brought back to any other as well.
    """

    cache_key: str | None
    tokens: Sequence[int]
    state: State
    checkpoints: Sequence[Checkpoint] = ()
    can_be_cut: bool = True

    @property
    def bytes(self) -> int:
        """Return the memory it takes."""
        return self.state.nbytes + sum(one.state.nbytes for one in self.checkpoints)

    def reusable(self, job: Job) -> int:
        """Return how many of the job's first tokens are in here and may be used by it."""
        limit = len(job.prompt) - COMPUTED
        if self.cache_key is None:
            limit = min(limit, job.shared)
        elif self.cache_key != job.cache_key:
            return 0
        return self._reach(common_prefix(self.tokens, job.prompt, limit))

    def holds(self, tokens: Sequence[int]) -> bool:
        """Return whether just these tokens can be made of it."""
        length = len(tokens)
        return _starts_with(self.tokens, tokens) and self._reach(length) == length

    def _reach(self, length: int) -> int:
        return length if self.can_be_cut else reach(length, len(self.tokens), self.checkpoints)


class Snapshots:
    """A bounded set of snapshots; the least recently used ones are dropped first.

    Args:
        limit: most bytes of state; 0 keeps nothing.

    Attributes:
        limit: the same.
        bytes: bytes of state that are kept.
        reserved: bytes of the limit that are taken by others.
        hits: how often one was used.
    """

    def __init__(self, limit: int) -> None:
        self._entries: list[Snapshot] = []
        self.limit = limit
        self.bytes = 0
        self.reserved = 0
        self.hits = 0

    def __len__(self) -> int:
        return len(self._entries)

    def best(self, job: Job) -> tuple[int, Snapshot | None]:
        """Return the longest prefix that the job may use, and the snapshot that has it."""
        best: tuple[int, Snapshot | None] = (0, None)
        for entry in self._entries:
            length = entry.reusable(job)
            if length > best[0]:
                best = (length, entry)
        return best

    def has(self, cache_key: str | None, tokens: Sequence[int]) -> bool:
        """Return whether a snapshot holds all of these tokens for the same people."""
        return any(entry.cache_key == cache_key and entry.holds(tokens) for entry in self._entries)

    def make_room(self, size: int) -> bool:
        """Drop the oldest ones until `size` bytes fit; False if they never do."""
        limit = self.limit - self.reserved
        if size > limit:
            return False
        while self.bytes + size > limit:
            self._drop(self._entries[0])
        return True

    def put(self, new: Snapshot) -> None:
        """Keep a snapshot instead of those that it continues, if it fits."""
        for entry in list(self._entries):
            if entry.cache_key == new.cache_key and self._continues(new, entry):
                self._drop(entry)
        if self.make_room(new.bytes):
            self._entries.append(new)
            self.bytes += new.bytes

    def used(self, entry: Snapshot) -> None:
        """Count a hit, and keep the snapshot for longer."""
        self.hits += 1
        self._entries.remove(entry)
        self._entries.append(entry)

    def _drop(self, entry: Snapshot) -> None:
        self._entries.remove(entry)
        self.bytes -= entry.bytes

    @staticmethod
    def _continues(new: Snapshot, old: Snapshot) -> bool:
        """Return whether the old one is of no use beside the new one."""
        # Of a conversation only the end goes on; people share the fronts of one another's prompts.
        own = new.cache_key is not None and _starts_with(new.tokens, old.tokens)
        return own or new.holds(old.tokens)


def _starts_with(tokens: Sequence[int], front: Sequence[int]) -> bool:
    return len(front) <= len(tokens) and tokens[: len(front)] == front
