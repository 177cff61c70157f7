"""Requests and results of the parser."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import msgspec
from msgspec import Meta

from pisovereign.actions.types import Command
from pisovereign.validation import no_nul, not_blank

LONGEST_INPUT = 2_000


class ParseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/commands/parse`."""

    input: Annotated[
        str, Meta(min_length=1, max_length=LONGEST_INPUT, extra={"rules": (not_blank, no_nul)})
    ]
    allow_model: bool = False


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """What a sentence was parsed as.

    Attributes:
        parsed: There is a command.
        command: The command, with times in UTC.
        confidence: How likely it is that the words are a command and, if one was found, this one.
        requires_approval: A person has to approve it before it is carried out.
    """

    parsed: bool
    command: Command | None
    confidence: float
    requires_approval: bool


class CatalogEntry(NamedTuple):
    """What the parser needs to know of a system command; `arguments` are those it requires."""

    id: str
    name: str
    requires_approval: bool
    arguments: tuple[str, ...] = ()


class Interpretation(NamedTuple):
    """The command that a rule found, and how sure the rule is of it."""

    command: Command
    confidence: float
