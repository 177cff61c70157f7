"""Requests and results of the parser."""

from __future__ import annotations

from typing import Annotated, Any, NamedTuple, cast

import msgspec
from msgspec import Meta

from pisovereign.actions.registry import AnyCommand
from pisovereign.actions.types import Command
from pisovereign.validation import no_nul, not_blank

LONGEST_INPUT = 2_000
CLEAR = 0.7
"""The least confidence of a command that is carried out without asking back.

A day that could be two, such as "next Friday" on a Monday, is above it: the answer names the date,
and a model would only pretend to have done something.
"""
ASKED = 0.5
"""The least confidence of an incomplete command whose missing arguments are asked for."""


class ParseRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/commands/parse`."""

    input: Annotated[
        str, Meta(min_length=1, max_length=LONGEST_INPUT, extra={"rules": (not_blank, no_nul)})
    ]
    allow_model: bool = False


class Incomplete(msgspec.Struct, frozen=True):
    """A command whose words do not give everything that it needs.

    Attributes:
        type: The struct of the command.
        known: The arguments that the words give, by their names.
    """

    type: type[msgspec.Struct]
    known: dict[str, Any]

    def completed(self, **arguments: object) -> Command:
        """Return the command with the arguments that were missing.

        Raises:
            TypeError: An argument is still missing.
        """
        return cast("Command", self.type(**self.known, **arguments))


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """The reading of a sentence.

    Attributes:
        parsed: There is a command, complete or not.
        command: The command, with times in UTC; None if it is incomplete.
        confidence: How likely it is that the words are a command and, if one was found, this one.
        requires_approval: A person has to approve it before it is carried out.
        incomplete: What is known of a command that cannot be carried out before more is said.
        missing: The names of the arguments that an incomplete command lacks.
        unsupported: What is asked for and nothing here can do: `lights`, `music`.
    """

    parsed: bool
    command: Command | None
    confidence: float
    requires_approval: bool
    incomplete: Incomplete | None = None
    missing: tuple[str, ...] = ()
    unsupported: str | None = None

    @property
    def is_clear(self) -> bool:
        """Return whether it is to be done, asked back for, or answered, without asking a model."""
        if self.unsupported is not None:
            return True
        # What is not complete is asked for, which changes nothing.
        return self.parsed and self.confidence >= (CLEAR if self.incomplete is None else ASKED)


class ParseResponse(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The response of `POST /v1/commands/parse`.

    `command` leaves out the fields that `missing` names; `missing` and `unsupported` are there only
    if they say something.
    """

    parsed: bool
    command: AnyCommand | None
    confidence: float
    requires_approval: bool
    missing: tuple[str, ...] = ()
    unsupported: str | None = None

    @staticmethod
    def of(parsed: Parsed) -> ParseResponse:
        """Return a result as clients see it."""
        command = parsed.command
        if parsed.incomplete is not None:
            left_out = dict.fromkeys(parsed.missing, msgspec.UNSET)
            command = parsed.incomplete.completed(**left_out)
        return ParseResponse(
            parsed=parsed.parsed,
            command=command,
            confidence=parsed.confidence,
            requires_approval=parsed.requires_approval,
            missing=parsed.missing,
            unsupported=parsed.unsupported,
        )


class CatalogEntry(NamedTuple):
    """The data of a system command that the parser needs; `arguments` are those it requires."""

    id: str
    name: str
    requires_approval: bool
    arguments: tuple[str, ...] = ()


class Interpretation(NamedTuple):
    """The command that a rule found, and how sure the rule is of it."""

    command: Command
    confidence: float
