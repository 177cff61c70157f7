"""Documents, their passages, and what is found in them, as routes take and show them."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from pisovereign.asgi.query import LARGEST_OFFSET
from pisovereign.documents.formats.parsed import Format
from pisovereign.validation import no_nul, not_blank

State = Literal["waiting", "indexing", "ready", "failed"]
LONGEST_NAME = 255
FileName = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_NAME, extra={"rules": (not_blank, no_nul)})
]


class UploadQuery(msgspec.Struct, frozen=True):
    """The name of a file that is sent as it is; None: a part of a form says so."""

    name: FileName | None = None


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """A document.

    Attributes:
        id: Its id.
        name: Of the file, as it was sent.
        title: What the file calls itself; empty before it was read, and often later.
        format: What it is, by its bytes.
        media_type: The same, as it is downloaded.
        size: In bytes.
        pages: How many it has; 0: not known yet, or its format has none.
        passages: Into how many its text was cut; 0: not yet.
        read: How many of them every embedding model has read.
        state: It is found by its words from `indexing` on, and by its meaning as far as it is read.
        created_at: When it came.
        error: Why it cannot be read, where the state is `failed`, or cannot be shown.
    """

    id: UUID
    name: str
    title: str
    format: Format
    media_type: str
    size: int
    pages: int
    passages: int
    read: int
    state: State
    created_at: dt.datetime
    error: str | UnsetType = UNSET


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A piece of a document's text.

    `place` counts from 0, `page` from 1; 0: there are no pages. `headings` are those that it stands
    below, the highest first.
    """

    id: UUID
    document_id: UUID
    place: int
    page: int
    headings: list[str]
    text: str


class FoundPassage(Passage, frozen=True, kw_only=True):
    """A passage that a search found.

    `document` is the name of its document. `score` orders what one search found, about 1 at most;
    `similarity` is the cosine of question and passage, None while no model has read both.
    """

    document: str
    score: float
    similarity: float | None


class PassageQuery(msgspec.Struct, frozen=True):
    """Which part of a document's text is asked for."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=LARGEST_OFFSET)] = 0


class DocumentSearch(msgspec.Struct, frozen=True, kw_only=True):
    """A search in documents; in one of them, if `document_id` says so."""

    q: Annotated[str, Meta(min_length=1, max_length=1000, extra={"rules": (not_blank, no_nul)})]
    limit: Annotated[int, Meta(ge=1, le=50)] = 10
    document_id: UUID | None = None


class DocumentUsage(msgspec.Struct, frozen=True, kw_only=True):
    """The space your documents take, and may take: all files together, and one of them."""

    documents: int
    bytes: int
    passages: int
    most_bytes: int
    most_passages: int
    most_file_bytes: int


class RecalledPassage(msgspec.Struct, frozen=True, kw_only=True):
    """A passage that fits a chat message; `excerpt` is the part of it that fits best."""

    id: UUID
    document_id: UUID
    document: str
    page: int
    headings: list[str]
    excerpt: str
