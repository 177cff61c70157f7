"""Requests, responses and stored turns of chat."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.actions.types import CommandStatus
from pisovereign.tool_use.loop import Round
from pisovereign.tool_use.types import CallStatus
from pisovereign.validation import no_nul, not_blank

ANSWERED_BY = "commands"
"""Takes the place of the model's name in answers that no model gave."""


LeftOut = Literal["history", "passages", "results", "message"]
"""What was left out of a prompt, as reading it would have taken too long."""


def conversation_id_rule(value: str) -> str | None:
    """Explain the form of a conversation id."""
    if not (value.isascii() and all(c.isalnum() or c in "._:-" for c in value)):
        return "may hold only letters, digits and . _ : -"
    # Clients resolve these two in a path, so such a conversation could never be opened again.
    return "cannot be . or .." if value in (".", "..") else None


def is_conversation_id(value: str) -> bool:
    """Return whether a conversation can have this id at all."""
    return 1 <= len(value) <= 128 and conversation_id_rule(value) is None


ConversationId = Annotated[
    str, Meta(min_length=1, max_length=128, extra={"rules": (conversation_id_rule,)})
]


class ChatRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of both chat routes; `learn` and `commands` are as configured if not given.

    `replaces` is a message of the user whose place this one takes. `client_message_id` is the
    client's own id of the message: sent twice, it is one message.
    """

    message: Annotated[
        str, Meta(min_length=1, max_length=10_000, extra={"rules": (not_blank, no_nul)})
    ]
    conversation_id: ConversationId | None = None
    system_prompt: (
        Annotated[str, Meta(min_length=1, max_length=8_000, extra={"rules": (not_blank, no_nul)})]
        | None
    ) = None
    model: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    temperature: Annotated[float, Meta(ge=0.0, le=2.0)] | None = None
    max_tokens: Annotated[int, Meta(ge=1, le=8192)] | None = None
    use_memory: bool = True
    use_documents: bool = True
    learn: bool | None = None
    commands: bool | None = None
    replaces: UUID | None = None
    client_message_id: UUID | None = None


class StreamRequest(ChatRequest, frozen=True, kw_only=True):
    """The body of `/v1/chat/stream`; a `resumable` answer goes on while its client is away."""

    resumable: bool = False


class Tokens(msgspec.Struct, frozen=True):
    """Token counts of one turn; `cached` prompt tokens were not computed again."""

    prompt: int
    completion: int
    total: int
    cached: int = 0


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """How fast an answer came.

    `first_s` is the time until its first words, in seconds. `tokens_per_s` is how fast it was
    written from then on; None: it was there at once, or too short to tell.
    """

    first_s: float
    tokens_per_s: float | None


class ExpectedSeconds(msgspec.Struct, frozen=True, kw_only=True):
    """When an answer's first word is expected, and its `end`, in seconds since its message came."""

    first: float
    end: float


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """How long an answer will take, told before it begins.

    `notice` is there where it takes more than a minute: what its reader is told, in their language.
    """

    expected_s: ExpectedSeconds
    notice: str | UnsetType = UNSET


class UsedMemory(msgspec.Struct, frozen=True):
    """A memory that was in the prompt; `similarity` is the cosine, None without a vector."""

    id: UUID
    similarity: float | None


class UsedPassage(msgspec.Struct, frozen=True, kw_only=True):
    """A passage of a document that was in the prompt, by the `number` that answers cite it with.

    `page` counts from 1, 0: there are none. `headings` are those that it stands below.
    """

    number: int
    id: UUID
    document_id: UUID
    document: str
    page: int
    headings: list[str]


class SpokenCommand(msgspec.Struct, frozen=True, kw_only=True):
    """The command that an answer is about, as data.

    `arguments` is what was understood. Which further fields there are depends on the status: those
    of the command's own response, `error` if it is `not_configured` or `failed`, or `missing` if it
    is `incomplete`: nothing was done, and the answer asks for these arguments.
    """

    type: str
    arguments: dict[str, Any]
    status: Literal[CommandStatus, "pending_approval", "not_configured", "incomplete", "withdrawn"]
    result: Any = UNSET  # a `Result`: msgspec describes no union of structs
    executed_at: dt.datetime | UnsetType = UNSET
    approval_id: UUID | UnsetType = UNSET
    expires_at: dt.datetime | UnsetType = UNSET
    title: str | UnsetType = UNSET
    missing: list[str] | UnsetType = UNSET
    error: dict[str, Any] | UnsetType = UNSET


class ToolCall(msgspec.Struct, frozen=True, kw_only=True):
    """A tool that the model has called; `arguments` is as the model gave it."""

    id: str
    name: str
    arguments: dict[str, Any]


class ToolResult(msgspec.Struct, frozen=True, kw_only=True):
    """The result of the call with the same `id`, with its `text` in words.

    With `outside_text` it holds text that others wrote. The last three are there when the call
    waits for an approval, and has done nothing yet.
    """

    id: str
    name: str
    status: CallStatus
    text: str
    outside_text: bool
    approval_id: UUID | UnsetType = UNSET
    title: str | UnsetType = UNSET
    expires_at: dt.datetime | UnsetType = UNSET


class ToolUse(ToolResult, frozen=True, kw_only=True):
    """A call together with its result."""

    arguments: dict[str, Any]


class ToolRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The record of an answer that a model with tools gave.

    Attributes:
        rounds: The calls, as the model is told of them again.
        last: What it said at the end, as it is told of that.
        outside_text: Text that others wrote was read for the answer.
        uses: The calls, as people are shown them.
    """

    rounds: list[Round]
    last: str
    outside_text: bool
    uses: list[ToolUse]


class ChatResponse(msgspec.Struct, frozen=True, kw_only=True):
    """A complete answer; `memories` and `passages` are those that were in the prompt.

    `command` is there when the message was a command: then no model answered. If it was several,
    `commands` has all of them in their order, and `command` the first. `degraded` is there
    when something was missing: `memories` could not be looked for, or by their words alone.
    `claim_withheld` is there, and true, when the model claimed to have done something: its answer
    ends before that, with what is true in its place. `tools` is there when the model called tools.
    `speed` is there when a model answered. `caution` is there when a question was of health or
    safety: then no model answered, and the answer says whom to ask.
    """

    id: UUID
    conversation_id: str
    role: Literal["assistant"] = "assistant"
    content: str
    model: str
    tokens: Tokens
    finish_reason: str
    memories: list[UsedMemory]
    command: SpokenCommand | UnsetType = UNSET
    commands: list[SpokenCommand] | UnsetType = UNSET
    degraded: list[Literal["memories"]] | UnsetType = UNSET
    claim_withheld: Literal[True] | UnsetType = UNSET
    caution: Literal["health"] | UnsetType = UNSET
    tools: list[ToolUse] | UnsetType = UNSET
    speed: Speed | UnsetType = UNSET
    passages: list[UsedPassage] | UnsetType = UNSET
    created_at: dt.datetime


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A stored message as the prompt needs it.

    `sent` is the text exactly as the model saw it, `seq` the position in the conversation.
    `prompt_tokens` and `completion_tokens` are known for answers only, as is `model`, which is
    `commands` where no model answered. `command` is what commands answered then: JSON, a list of
    `SpokenCommand`; None in what was stored before there was such a column. `tools` is known of
    answers that a model with tools gave. `said` are the words of a user alone, without what the
    model was told beside them.
    """

    seq: int
    role: Literal["user", "assistant"]
    sent: str
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    model: str | None = None
    command: str | None = None
    tools: ToolRecord | None = None
    said: str = ""
