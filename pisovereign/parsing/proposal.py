"""What is left is shown to the language model, which answers under a schema.

The model names a command and repeats words; it computes nothing. Words that it made up count as
not said, and times are read by the rules.
"""

from __future__ import annotations

import asyncio
import hashlib
from contextlib import aclosing
from typing import Any
from uuid import UUID

import msgspec

from pisovereign.engine_client.client import Delta, EngineClient
from pisovereign.engine_client.errors import ContextExceeded, EngineMisbehaved, EngineUnavailable
from pisovereign.engine_client.types import ChatRequest, JsonSchema, JsonSchemaFormat, Message

COMMANDS = ("event", "reminder", "calendar", "weather", "emails", "briefing", "help", "reminders")
NOTHING = "none"
LIMIT_S = 30.0
_MOST_TOKENS = 160
_TASK = (
    "Somebody said something to an assistant. Say which command it asks for: event (put into the "
    "calendar), reminder (remind of something), calendar (what is in it), weather, emails (what is "
    "in the inbox), briefing (overview of the day), help (what the assistant can do), reminders "
    "(which there are), or none if it is talk, a question about something else, or not meant. "
    "Repeat the words that say what (title) and where (place), exactly; leave out what was not "
    "said."
)


class Proposed(msgspec.Struct, frozen=True):
    """What the model makes of it; words are repeated from what was said, or empty."""

    command: str
    title: str = ""
    place: str = ""


class Proposer:
    """Asks the model; `model` is its id."""

    def __init__(self, engine: EngineClient, model: str) -> None:
        self._engine = engine
        self._model = model

    async def propose(self, user: UUID, text: str) -> Proposed | None:
        """The command that the model sees; None when it sees none, or is away."""
        pieces: list[str] = []
        try:
            async with asyncio.timeout(LIMIT_S):
                async with aclosing(self._engine.chat(self._request(user, text))) as events:
                    async for event in events:
                        if isinstance(event, Delta):
                            pieces.append(event.text)
            proposed = msgspec.json.decode("".join(pieces), type=Proposed)
        except (TimeoutError, EngineUnavailable, EngineMisbehaved, ContextExceeded):
            return None
        except msgspec.DecodeError:  # longer than it may be, and cut off
            return None
        if proposed.command not in COMMANDS:
            return None
        title, place = (_said(words, text) for words in (proposed.title, proposed.place))
        return Proposed(proposed.command, title, place)

    def _request(self, user: UUID, text: str) -> ChatRequest:
        return ChatRequest(
            model=self._model,
            messages=[Message("system", _TASK), Message("user", text)],
            temperature=0.0,
            max_tokens=_MOST_TOKENS,
            response_format=JsonSchemaFormat(JsonSchema(_schema())),
            prompt_cache_key=hashlib.blake2b(user.bytes, digest_size=16).hexdigest(),
        )


def _said(words: str, text: str) -> str:
    """The words as they were written in the text; nothing if they are not there."""
    at = text.casefold().find(words.strip().casefold())
    found = text[at : at + len(words.strip())] if at >= 0 else ""
    return found if found.casefold() == words.strip().casefold() else ""


def _schema() -> dict[str, Any]:
    words = {"type": "string", "maxLength": 120}
    return {
        "type": "object",
        "properties": {
            "command": {"enum": [*COMMANDS, NOTHING]},
            "title": words,
            "place": words,
        },
        "required": ["command"],
        "additionalProperties": False,
    }
