"""Pieces and end of an answer, as whoever asked for it gets to see them."""

from __future__ import annotations

import msgspec

from pisovereign.engine_client.types import FinishReason, Usage


class Delta(msgspec.Struct, frozen=True):
    """More text of the answer."""

    text: str


class Reasoning(msgspec.Struct, frozen=True):
    """More of what the model thinks before it answers; no part of the answer."""

    text: str


class CallStarted(msgspec.Struct, frozen=True):
    """The model calls a function; `index` counts the answer's calls from 0."""

    index: int
    id: str
    name: str


class CallArguments(msgspec.Struct, frozen=True):
    """More of a call's arguments: a piece of JSON text."""

    index: int
    text: str


class Expected(msgspec.Struct, frozen=True):
    """How long the answer will take, in seconds: to its first token, and for each further one."""

    first_s: float
    token_s: float


class Finished(msgspec.Struct, frozen=True):
    """The answer is complete. `usage` is all zero when the server does not count."""

    reason: FinishReason
    usage: Usage
    model: str


AnswerPiece = Delta | Reasoning | CallStarted | CallArguments
AnswerEvent = AnswerPiece | Expected | Finished
