"""Cached answers of the model, for requests whose answer would be the same again."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

import msgspec

from pisovereign.cache.store import Region
from pisovereign.engine_client.client import (
    AnswerEvent,
    AnswerPiece,
    CallStarted,
    EngineClient,
    Expected,
    Finished,
)
from pisovereign.engine_client.meter import AnswerReader
from pisovereign.engine_client.types import ChatRequest, PromptTokensDetails, encode

_PIECE_BYTES = 60  # of Python's own, beside the text


class CachedAnswer(msgspec.Struct, frozen=True):
    """An answer as it was received: in the same pieces, with the same end."""

    pieces: tuple[AnswerPiece, ...]
    end: Finished


def answer_size(answer: CachedAnswer) -> int:
    """Return about how many bytes an answer takes."""
    return sum(_piece_size(piece) for piece in answer.pieces)


def _piece_size(piece: AnswerPiece) -> int:
    text = piece.id + piece.name if isinstance(piece, CallStarted) else piece.text
    return len(text.encode()) + _PIECE_BYTES


class CachedAnswers:
    """The engine behind a cache of what it has answered the same user.

    Only at temperature 0, where it would say the same, and only when everything that it is told is
    the same: model, system prompt, history, memories, clock, limits and form. Nothing that broke
    off or was left is kept.

    Args:
        engine: Answers what is not kept.
        region: Where answers are kept.
    """

    def __init__(self, engine: EngineClient, region: Region[CachedAnswer]) -> None:
        self._engine = engine
        self._region = region

    async def chat(
        self,
        user: UUID,
        request: ChatRequest,
        *,
        keep: bool = True,
        reader: AnswerReader | None = None,
    ) -> AsyncGenerator[AnswerEvent]:
        """Return as `EngineClient.chat`; without `keep`, kept answers are neither used nor made.

        An answer that was kept says that its whole prompt was cached.
        """
        if request.temperature != 0 or not keep or not self._region.enabled:
            async with aclosing(self._engine.chat(request, reader=reader)) as events:
                async for event in events:
                    yield event
            return
        key = encode(request)
        kept = self._region.get(user, key)
        if kept is None:
            async with aclosing(self._ask(user, key, request, reader)) as events:
                async for event in events:
                    yield event
            return
        for piece in kept.pieces:
            yield piece
        yield _again(kept.end)

    async def _ask(
        self, user: UUID, key: bytes, request: ChatRequest, reader: AnswerReader | None
    ) -> AsyncGenerator[AnswerEvent]:
        pieces: list[AnswerPiece] = []
        async with aclosing(self._engine.chat(request, reader=reader)) as events:
            async for event in events:
                if isinstance(event, Finished):
                    # Another model may have taken the place of the one that was asked for.
                    if not self._engine.own or event.model == request.model:
                        self._region.put(user, key, CachedAnswer(tuple(pieces), event))
                elif not isinstance(event, Expected):
                    pieces.append(event)
                yield event


def _again(end: Finished) -> Finished:
    details = PromptTokensDetails(end.usage.prompt_tokens)
    usage = msgspec.structs.replace(end.usage, prompt_tokens_details=details)
    return msgspec.structs.replace(end, usage=usage)
