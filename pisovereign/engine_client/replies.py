"""Reading the replies of any OpenAI-compatible server.

`types` is the format as our engine writes it. Servers differ: fields are missing or null where
OpenAI always has them. So of a streamed answer only the fields that are needed are read here, and
whatever else a server puts beside them cannot break an answer.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
from msgspec import Struct

from pisovereign.engine_client.answer_events import Expected
from pisovereign.engine_client.types import (
    Embedding,
    ErrorBody,
    ErrorDetail,
    ModelEntry,
    PromptTokensDetails,
    Usage,
)
from pisovereign.errors import (
    ContextExceeded,
    EngineMisbehaved,
    EngineRefused,
    EngineUnavailable,
    PiSovereignError,
    PromptTooSlow,
)

_MESSAGE_LIMIT = 300
_BUSY = (429, 503)
_WRONG = (400, 422)


class FunctionReply(Struct):
    """More of a call; some servers give the arguments as an object."""

    name: str | None = None
    arguments: str | dict[str, Any] | None = None


class CallReply(Struct):
    """More of a call, numbered or not."""

    index: int | None = None
    id: str | None = None
    function: FunctionReply | None = None


class DeltaReply(Struct):
    """The part that a chunk adds; thoughts are `reasoning_content` or, as by vLLM, `reasoning`."""

    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    tool_calls: list[CallReply] | None = None


class ChoiceReply(Struct):
    """One choice of a chunk."""

    delta: DeltaReply | None = None
    finish_reason: str | None = None


class UsageReply(Struct):
    """Token counts."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptTokensDetails | None = None

    def usage(self) -> Usage:
        """Return the counts with nothing missing."""
        prompt, completion = self.prompt_tokens or 0, self.completion_tokens or 0
        total = self.total_tokens or prompt + completion
        return Usage(prompt, completion, total, self.prompt_tokens_details)


class ChunkReply(Struct):
    """One event of a streamed answer, or an error in its place."""

    choices: list[ChoiceReply] | None = None
    usage: UsageReply | None = None
    model: str | None = None
    expected: msgspec.Raw = msgspec.Raw()
    error: msgspec.Raw = msgspec.Raw()


class EmbeddingsReply(Struct):
    """An embeddings answer."""

    data: list[Embedding]
    usage: UsageReply | None = None


class ModelsReply(Struct):
    """A list of models."""

    data: list[ModelEntry] | None = None


def read_expected(chunk: ChunkReply) -> list[Expected]:
    """Return what a chunk tells of how long the answer will take, as our engine tells it."""
    if not chunk.expected:
        return []
    try:
        return [msgspec.json.decode(chunk.expected, type=Expected)]
    except msgspec.DecodeError:
        return []


def translate_error(status: int, body: bytes, retry_after: str | None) -> PiSovereignError:
    """Turn an error reply into an exception; the text of the reply is only quoted, shortened."""
    error = _parse(body)
    if error.code == "prompt_too_slow":
        return PromptTooSlow(error.prompt_tokens or 0, error.tokens_in_time or 0)
    context = _context_exceeded(error)
    if context is not None:
        return context
    if status in _BUSY:
        seconds = int(retry_after) if retry_after and retry_after.isdecimal() else None
        return EngineUnavailable(error.message or "The engine is busy", retry_after=seconds)
    if status in _WRONG:
        return EngineRefused(status, error.message)
    return EngineMisbehaved(f"The engine answered with status {status}: {error.message}")


def translate_event(raw: bytes) -> PiSovereignError:
    """Turn an error event in the middle of a stream into an exception."""
    error = _parse(b'{"error":' + raw + b"}")
    return _context_exceeded(error) or EngineUnavailable(f"The answer broke off: {error.message}")


def _parse(body: bytes) -> ErrorDetail:
    try:
        error = msgspec.json.decode(body, type=ErrorBody).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = body[:_MESSAGE_LIMIT].decode("utf-8", "replace")
    if isinstance(error, str):
        error = ErrorDetail(error)
    message = re.sub(r"\s+", " ", error.message)[:_MESSAGE_LIMIT]
    return msgspec.structs.replace(error, message=message)


def _context_exceeded(error: ErrorDetail) -> ContextExceeded | None:
    names = {str(error.code), str(error.type)}
    named = names & {"context_length_exceeded", "exceed_context_size_error"}
    # vLLM only says it in words.
    if not named and "maximum context length" not in error.message:
        return None
    return ContextExceeded(
        error.prompt_tokens or error.n_prompt_tokens, error.context_length or error.n_ctx
    )
