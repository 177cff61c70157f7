"""Stored conversations, as their routes take and show them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.asgi.query import LARGEST_OFFSET
from pisovereign.chat.types import Speed, SpokenCommand, Tokens, ToolUse, UsedMemory, UsedPassage
from pisovereign.validation import no_nul, not_blank

LONGEST_TITLE = 200
"""In characters."""
Cursor = Annotated[str, Meta(min_length=1, max_length=400)]


class AnswerDetails(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The figures of a model's answer, as they are stored beside it; see `ChatResponse`."""

    tokens: Tokens
    finish_reason: str
    speed: Speed | None = None
    memories: list[UsedMemory] = []
    degraded: list[Literal["memories"]] | UnsetType = UNSET
    claim_withheld: Literal[True] | UnsetType = UNSET
    passages: list[UsedPassage] | UnsetType = UNSET


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """One stored message, as the conversation routes show it.

    `tools` is there when the model called tools before it gave this answer, `commands` when no
    model answered but commands did, and `details` with answers of a model that were stored since
    there are details. `answering` is there, and true, while the answer to this message is written.
    """

    id: UUID
    role: Literal["user", "assistant"]
    content: str
    created_at: dt.datetime
    model: str | None = None
    tools: list[ToolUse] | UnsetType = UNSET
    commands: list[SpokenCommand] | UnsetType = UNSET
    details: AnswerDetails | UnsetType = UNSET
    answering: Literal[True] | UnsetType = UNSET


class ConversationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the list of conversations; `named` says that somebody chose its title.

    `error` is there if the stored title cannot be opened, and `title` is empty then.
    """

    id: str
    title: str
    named: bool
    pinned: bool
    message_count: int
    created_at: dt.datetime
    updated_at: dt.datetime
    error: str | UnsetType = UNSET


class Conversation(ConversationSummary, frozen=True, kw_only=True):
    """A conversation with all of its messages."""

    messages: list[Message]


class ConversationChange(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/conversations/{id}`; with a title of null the first message is it."""

    title: (
        Annotated[
            str,
            Meta(min_length=1, max_length=LONGEST_TITLE, extra={"rules": (not_blank, no_nul)}),
        ]
        | UnsetType
        | None
    ) = UNSET
    pinned: bool | UnsetType = UNSET


class ConversationQuery(msgspec.Struct, frozen=True):
    """Which part of the list of conversations is asked for."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=LARGEST_OFFSET)] = 0
    cursor: Cursor | None = None


class MessageQuery(msgspec.Struct, frozen=True):
    """Which part of a conversation is asked for."""

    limit: Annotated[int, Meta(ge=1, le=200)] = 50
    cursor: Cursor | None = None


class MessageSearch(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/messages/search`."""

    query: Annotated[str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})]
    limit: Annotated[int, Meta(ge=1, le=100)] = 20
    cursor: Cursor | None = None


class FoundMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message that has all words of a search, with the part of it around the first of them."""

    id: UUID
    role: Literal["user", "assistant"]
    excerpt: str
    created_at: dt.datetime


class FoundConversation(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation in which something was found; without messages, its title has the words."""

    conversation: ConversationSummary
    messages: list[FoundMessage]


class SearchResult(msgspec.Struct, frozen=True, kw_only=True):
    """The results a search has found so far, the newest first.

    `searched` is how many messages were read for it. With `cursor` it goes on where it ended; None:
    everything was read.
    """

    found: list[FoundConversation]
    searched: int
    cursor: str | None
