"""What the client reads from a server: only the fields it needs, everything else is ignored.

Servers differ: fields are missing or null where OpenAI always has them.
"""

from __future__ import annotations

import re

import msgspec
from msgspec import Struct

from pisovereign.engine_client.types import PromptTokensDetails, Usage
from pisovereign.errors import (
    ContextExceeded,
    EngineMisbehaved,
    EngineRefused,
    EngineUnavailable,
    PiSovereignError,
)

_MESSAGE_LIMIT = 300
_BUSY = (429, 503)
_WRONG = (400, 422)


class WireDelta(Struct):
    """What a chunk adds."""

    content: str | None = None


class WireChoice(Struct):
    """One choice of a chunk."""

    delta: WireDelta | None = None
    finish_reason: str | None = None


class WireUsage(Struct):
    """Token counts."""

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    total_tokens: int | None = None
    prompt_tokens_details: PromptTokensDetails | None = None

    def usage(self) -> Usage:
        """The counts in our own form, with nothing missing."""
        prompt, completion = self.prompt_tokens or 0, self.completion_tokens or 0
        total = self.total_tokens or prompt + completion
        return Usage(prompt, completion, total, self.prompt_tokens_details)


class WireChunk(Struct):
    """One event of a streamed answer, or an error in its place."""

    choices: list[WireChoice] | None = None
    usage: WireUsage | None = None
    model: str | None = None
    error: msgspec.Raw = msgspec.Raw()


class WireVector(Struct):
    """One vector of an embeddings answer."""

    embedding: list[float]
    index: int


class WireEmbeddings(Struct):
    """An embeddings answer."""

    data: list[WireVector]
    usage: WireUsage | None = None


class EngineFigures(Struct, frozen=True):
    """How busy our engine is, and totals since its start: see `engine.types.Health`."""

    queue: int
    active: int
    slots: int
    batch_occupancy: float
    prompt_tokens: int
    cached_tokens: int
    completion_tokens: int
    requests: int
    queue_seconds: float
    prefill_tokens_per_second: float
    decode_tokens_per_second: float
    cache_bytes: int
    cache_entries: int
    cache_hits: int


class WireHealth(Struct):
    """Our engine's health; other servers' has at most `status`."""

    status: str = "ok"
    model: str | None = None
    context_length: int | None = None
    embedding_model: str | None = None
    queue: int = 0
    active: int = 0
    slots: int | None = None
    batch_occupancy: float = 0.0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    requests: int = 0
    queue_seconds: float = 0.0
    prefill_tokens_per_second: float = 0.0
    decode_tokens_per_second: float = 0.0
    cache_bytes: int = 0
    cache_entries: int = 0
    cache_hits: int = 0

    def figures(self) -> EngineFigures | None:
        """The figures, None of a server that does not have them."""
        if self.slots is None:
            return None
        return msgspec.convert(self, EngineFigures, from_attributes=True)


class WireModelMeta(Struct):
    """What llama.cpp's server tells of a model."""

    n_ctx_train: int | None = None


class WireModel(Struct):
    """One model of a list; the context length is `max_model_len` at vLLM."""

    id: str
    context_length: int | None = None
    max_model_len: int | None = None
    meta: WireModelMeta | None = None

    def length(self) -> int | None:
        """The context length in tokens, None when not told."""
        trained = self.meta.n_ctx_train if self.meta else None
        return self.context_length or self.max_model_len or trained


class WireModels(Struct):
    """A list of models."""

    data: list[WireModel] | None = None


class WireError(Struct):
    """OpenAI's error object, with llama.cpp's and our additive fields."""

    message: str = ""
    type: str | None = None
    code: str | int | None = None
    prompt_tokens: int | None = None
    context_length: int | None = None
    n_prompt_tokens: int | None = None
    n_ctx: int | None = None


class _ErrorEnvelope(Struct):
    error: WireError | str


def translate_error(status: int, body: bytes, retry_after: str | None) -> PiSovereignError:
    """Turn an error reply into an exception; the text of the reply is only quoted, shortened."""
    error = _parse(body)
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


def _parse(body: bytes) -> WireError:
    try:
        error = msgspec.json.decode(body, type=_ErrorEnvelope).error
    except (msgspec.DecodeError, UnicodeDecodeError):
        error = body[:_MESSAGE_LIMIT].decode("utf-8", "replace")
    if isinstance(error, str):
        error = WireError(error)
    error.message = re.sub(r"\s+", " ", error.message)[:_MESSAGE_LIMIT]
    return error


def _context_exceeded(error: WireError) -> ContextExceeded | None:
    names = {str(error.code), str(error.type)}
    named = names & {"context_length_exceeded", "exceed_context_size_error"}
    # vLLM only says it in words.
    if not named and "maximum context length" not in error.message:
        return None
    return ContextExceeded(
        error.prompt_tokens or error.n_prompt_tokens, error.context_length or error.n_ctx
    )
