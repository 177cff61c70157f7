"""What the parser takes and gives."""

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
    """What a sentence says.

    Attributes:
        parsed: there is a command.
        command: the command, with times in UTC.
        confidence: how likely it is that the words are a command and, if one was found, this one.
        requires_approval: a person has to approve it before it happens.
    """

    parsed: bool
    command: Command | None
    confidence: float
    requires_approval: bool


class CatalogEntry(NamedTuple):
    """What the parser needs to know of a system command; `arguments` are those it has to have."""

    id: str
    name: str
    requires_approval: bool
    arguments: tuple[str, ...] = ()


class Reading(NamedTuple):
    """A command that a rule found; `certainty` is the rule's own, before it is calibrated."""

    command: Command
    certainty: float
