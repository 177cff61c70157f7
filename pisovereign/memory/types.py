"""Types of the memory routes."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal, NamedTuple, get_args
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.validation import no_nul, not_blank

Kind = Literal["fact", "preference", "tool_result", "correction", "context"]
KINDS: tuple[Kind, ...] = get_args(Kind)

MOST_TAGS = 32


def label(kind: Kind) -> str:
    """Return the kind as responses spell it: `tool_result` is "Tool Result"."""
    return kind.replace("_", " ").title()


_SPELLINGS: dict[str, Kind] = {spelling: kind for kind in KINDS for spelling in (kind, label(kind))}


def kind_rule(value: str) -> str | None:
    """Explain which kinds there are."""
    return None if value in _SPELLINGS else f"must be one of {', '.join(KINDS)}"


def parse_kind(value: str) -> Kind:
    """Return the kind for either spelling; `kind_rule` has accepted it."""
    return _SPELLINGS[value]


def _tag_rule(values: list[str]) -> str | None:
    if any(not_blank(value) for value in values):
        return "cannot hold an empty tag"
    return "cannot hold NUL characters" if any("\0" in value for value in values) else None


Content = Annotated[
    str, Meta(min_length=1, max_length=32_000, extra={"rules": (not_blank, no_nul)})
]
Summary = Annotated[str, Meta(min_length=1, max_length=2_000, extra={"rules": (not_blank, no_nul)})]
KindText = Annotated[str, Meta(extra={"rules": (kind_rule,)})]
Importance = Annotated[float, Meta(ge=0.0, le=1.0)]
Tags = Annotated[
    list[Annotated[str, Meta(min_length=1, max_length=64)]],
    Meta(max_length=MOST_TAGS, extra={"rules": (_tag_rule,)}),
]


class NewMemory(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/memories`.

    `corrects` names the memory that a correction takes the place of; without it, the most similar
    one is looked for.
    """

    content: Content
    summary: Summary
    memory_type: KindText = "context"
    importance: Importance = 0.5
    tags: Tags = msgspec.field(default_factory=list)
    corrects: UUID | None = None


class MemoryChange(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `PATCH /v1/memories/{id}`: only what is to change."""

    content: Content | UnsetType = UNSET
    summary: Summary | UnsetType = UNSET
    memory_type: KindText | UnsetType = UNSET
    importance: Importance | UnsetType = UNSET
    tags: Tags | UnsetType = UNSET


class SearchQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/memories/search`."""

    q: Annotated[str, Meta(min_length=1, max_length=10_000, extra={"rules": (not_blank,)})]
    limit: Annotated[int, Meta(ge=1, le=100)] = 10
    threshold: Annotated[float, Meta(ge=-1.0, le=1.0)] | None = None
    memory_type: KindText | None = None


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/memories`."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)] = 0
    memory_type: KindText | None = None


class Memory(msgspec.Struct, frozen=True, kw_only=True):
    """One memory, as every route shows it.

    `superseded_by` is there when a newer one took its place, `supersedes` when it took the place of
    others and is asked for alone, and `error` when its text cannot be opened, which is empty then.
    """

    id: UUID
    content: str
    summary: str
    memory_type: str
    importance: float
    access_count: int
    tags: list[str]
    created_at: dt.datetime
    updated_at: dt.datetime
    superseded_by: UUID | UnsetType = UNSET
    supersedes: list[UUID] | UnsetType = UNSET
    error: str | UnsetType = UNSET


class CreatedMemory(Memory, frozen=True, kw_only=True):
    """The answer to `POST /v1/memories`; `merged` when an old memory already said the same."""

    merged: bool


class ScoreParts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of `score`: (dense + lexical) times importance times recency.

    `dense` is what the meaning counts, None without a vector to compare with, and `lexical` what
    the words count, of the best sum of both in the search.
    """

    dense: float | None
    lexical: float
    importance: float
    recency: float


class FoundMemory(Memory, frozen=True, kw_only=True):
    """One row of a search; `similarity` is the cosine, None when there is no vector.

    Of several models it is the one that knows the languages of question and memory best.
    """

    similarity: float | None
    score: float
    score_parts: ScoreParts


class KindCount(msgspec.Struct, frozen=True):
    """How many memories there are of one kind."""

    memory_type: str
    count: int


class EmbeddingProgress(msgspec.Struct, frozen=True):
    """How many memories an embedding model has read."""

    model: str
    embedded: int


class Stats(msgspec.Struct, frozen=True):
    """The answer to `GET /v1/memories/stats`; `embedding` is that of the first model."""

    total: int
    by_type: list[KindCount]
    embedding: EmbeddingProgress
    embeddings: list[EmbeddingProgress]


class MemoryText(msgspec.Struct, frozen=True):
    """Everything of a memory that a person wrote."""

    content: str
    summary: str
    tags: list[str]


class RecalledMemory(NamedTuple):
    """A memory that fits a chat message; `similarity` is the cosine, None without a vector."""

    id: UUID
    kind: Kind
    text: MemoryText
    similarity: float | None


class RecallResult(NamedTuple):
    """The memories that fit; not `complete` if they could not be searched as they should be."""

    memories: list[RecalledMemory]
    complete: bool = True


class DecayReport(msgspec.Struct, frozen=True):
    """The answer to `POST /v1/memories/decay`: memories that lost importance, were deleted, are."""

    decayed: int
    deleted: int
    total: int


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """One occasion on which something came to be remembered.

    `sentence` is in the user's words, and gone once the memory was changed by hand. `message_id` is
    the answer to the message that said it, `conversation_id` is there as long as it is.
    """

    origin: Literal["said", "asked", "added", "imported"]
    at: dt.datetime
    sentence: str | None
    conversation_id: str | None
    message_id: UUID | None


class MemoryOrigin(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to `GET /v1/memories/{id}/origin`: why it is remembered, and how well.

    `given_importance` is what it began with, `importance` what is left of that since `used_at`.
    """

    given_importance: float
    importance: float
    used_at: dt.datetime
    access_count: int
    sources: list[Source]


MOST_AT_ONCE = 200
"""Memories in one request that deletes or imports them."""


class Forgetting(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/memories/forget`."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class ImportedMemory(msgspec.Struct, frozen=True, kw_only=True):
    """One memory of an import; without a summary, the content's beginning is it."""

    content: Content
    summary: Summary | None = None
    memory_type: KindText = "context"
    importance: Importance = 0.5
    tags: Tags = msgspec.field(default_factory=list)


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/memories/import`."""

    memories: Annotated[list[ImportedMemory], Meta(min_length=1, max_length=MOST_AT_ONCE)]


class Imported(msgspec.Struct, frozen=True):
    """How many were new, and how many said what was known already."""

    added: int
    merged: int


class Confirmation(msgspec.Struct, frozen=True):
    """Deleting everything has to be meant."""

    confirm: Literal["all"]


class Deleted(msgspec.Struct, frozen=True):
    """How many were deleted."""

    deleted: int
