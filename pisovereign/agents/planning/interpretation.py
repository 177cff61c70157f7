"""How a clause of a request is interpreted: by the command parser, or as a memory search."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import Command
from pisovereign.agents.planning.wording import compiled, phrases
from pisovereign.agents.types import MEMORY
from pisovereign.languages import Language
from pisovereign.languages.patterns import groups_of
from pisovereign.parsing.types import Parsed

LEAST_CONFIDENCE = 0.5

# Words that people put before what they want: "find out what is in my calendar".
_LEAD = compiled(r"{search_lead}\s*,?\s+")
_ABOUT = compiled("{memory_question}[?.!]*")


class Interpretation(msgspec.Struct, frozen=True):
    """A tool with its arguments; `command` is there unless it is the memory search."""

    tool: str
    command: Command | None
    query: str = ""


class Reader(NamedTuple):
    """How texts of one user are read, at one moment.

    Attributes:
        parse: The command parser.
        phrase: Returns the phrase about time in a text, if there is one.
        language: What the request is in.
        zone: Where days begin and end.
    """

    parse: Callable[[str], Parsed]
    phrase: Callable[[str], str | None]
    language: Language
    zone: ZoneInfo


def interpret(text: str, reader: Reader) -> Interpretation | None:
    """Return what a clause asks for; None if no tool does that."""
    if match := _ABOUT.fullmatch(text):
        return Interpretation(MEMORY, None, groups_of(match)["query"].strip(" '\"„“”"))
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead else ""
    for variant in [text, *(phrases("shown", rest) if rest else ())]:
        parsed = reader.parse(variant)
        if parsed.command is not None and parsed.confidence >= LEAST_CONFIDENCE:
            return Interpretation(spec_of(parsed.command).name, parsed.command)
    return None
