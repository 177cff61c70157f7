"""Sentences worth keeping, chosen by the model.

The model only names numbers of the user's own sentences, so it cannot invent anything. It does
not decide that something is a correction either: that would let it hide memories.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from pisovereign.engine_client.client import Delta, EngineClient
from pisovereign.engine_client.types import (
    ChatRequest,
    JsonSchema,
    JsonSchemaFormat,
    Message,
    prompt_cache_key,
)
from pisovereign.errors import EngineMisbehaved
from pisovereign.memory.statements import MOST_STATEMENTS, Statement, first_person_sentences

_TASK = (
    "A user said the numbered sentences to an assistant. Choose those that state a lasting fact "
    "about the user or a preference of the user that will still be useful in a year. Leave out "
    "small talk, wishes for this conversation and everything that is true only now. "
    "Choose none if none is worth keeping."
)
_MOST_SENTENCES = 30
_MOST_TOKENS = 200


class _Choice(msgspec.Struct, frozen=True):
    sentence: int
    type: Literal["fact", "preference"]


class _Choices(msgspec.Struct, frozen=True):
    keep: Annotated[list[_Choice], msgspec.Meta(max_length=MOST_STATEMENTS)]


class SentenceSelector:
    """Asks the model which sentences are worth keeping; `model` is its id."""

    def __init__(self, engine: EngineClient, model: str) -> None:
        self._engine = engine
        self._model = model

    async def choose(self, user: UUID, message: str) -> list[Statement]:
        """Return the chosen sentences of a message.

        Raises:
            EngineUnavailable: not reachable, busy, or gone in the middle.
            EngineMisbehaved: the answer is not what was asked for.
        """
        sentences = first_person_sentences(message)[:_MOST_SENTENCES]
        if not sentences:
            return []
        pieces: list[str] = []
        async with aclosing(
            self._engine.chat(self._request(user, sentences), low_priority=True)
        ) as events:
            async for event in events:
                if isinstance(event, Delta):
                    pieces.append(event.text)
        try:
            choices = msgspec.json.decode("".join(pieces), type=_Choices)
        except msgspec.DecodeError:
            raise EngineMisbehaved("The model does not choose as it was asked to") from None
        return [
            Statement(sentences[choice.sentence - 1], choice.type)
            for choice in choices.keep
            if 1 <= choice.sentence <= len(sentences)
        ]

    def _request(self, user: UUID, sentences: Sequence[str]) -> ChatRequest:
        numbered = "\n".join(f"{number}. {text}" for number, text in enumerate(sentences, 1))
        return ChatRequest(
            model=self._model,
            messages=[Message("system", _TASK), Message("user", numbered)],
            temperature=0.0,
            max_tokens=_MOST_TOKENS,
            response_format=JsonSchemaFormat(JsonSchema(_schema(len(sentences)))),
            prompt_cache_key=prompt_cache_key(user),
        )


def _schema(count: int) -> dict[str, Any]:
    choice = {
        "type": "object",
        "properties": {
            "sentence": {"enum": list(range(1, count + 1))},
            "type": {"enum": ["fact", "preference"]},
        },
        "required": ["sentence", "type"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"keep": {"type": "array", "items": choice, "maxItems": MOST_STATEMENTS}},
        "required": ["keep"],
        "additionalProperties": False,
    }
