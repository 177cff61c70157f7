"""The statements of a message: by their form, and by their meaning where an encoder knows it."""

from __future__ import annotations

from pisovereign.engine_client.encoder import STORE_LIMIT_S, Encoder
from pisovereign.memory.statement_head import LEAST, LEAST_OF_OTHERS, StatementHead
from pisovereign.memory.statements import (
    MOST_STATEMENTS,
    Candidate,
    Statement,
    candidates,
    sentence_count,
)

_MOST_SENTENCES = 30


class StatementReader:
    """Finds what is to be learned of a message.

    Args:
        encoder: The multilingual encoder; None: forms alone decide.
        head: Its weights.
    """

    def __init__(self, encoder: Encoder | None, head: StatementHead) -> None:
        self._encoder = encoder
        self._head = head

    async def read(self, message: str, limit_s: float = STORE_LIMIT_S) -> list[Statement]:
        """Return the statements of a message, verbatim, within `limit_s` seconds.

        Raises:
            EngineUnavailable, EngineMisbehaved: as `Encoder.encode`.
        """
        found = candidates(message)[:_MOST_SENTENCES]
        if self._encoder is None:
            kept = [candidate.statement for candidate in found if candidate.has_form]
            return kept[:MOST_STATEMENTS]
        if not found:
            return []
        vectors = await self._encoder.encode([as_read(one.statement) for one in found], limit_s)
        kept = [
            candidate.statement
            for candidate, vector in zip(found, vectors, strict=True)
            if candidate.statement.requested
            or self._head.probability(vector, has_form=candidate.has_form) >= _least(candidate)
        ]
        return kept[:MOST_STATEMENTS]

    async def read_whole(self, message: str, limit_s: float) -> list[Statement]:
        """Return the statements of a message that says nothing else; none if it does.

        Raises:
            EngineUnavailable, EngineMisbehaved: as `Encoder.encode`.
        """
        found = await self.read(message, limit_s)
        return found if len(found) == sentence_count(message) else []


def as_read(statement: Statement) -> str:
    """Return what the encoder reads of a statement."""
    return statement.content.removesuffix(".")


def _least(candidate: Candidate) -> float:
    return LEAST if candidate.is_own else LEAST_OF_OTHERS
