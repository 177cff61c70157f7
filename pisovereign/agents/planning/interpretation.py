"""How a clause of a request is interpreted: by the command parser, or as a memory search."""

from __future__ import annotations

import re
from typing import Protocol

import msgspec

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import Command
from pisovereign.agents.types import MEMORY
from pisovereign.parsing.types import Parsed

LEAST_CONFIDENCE = 0.5

# Words that people put before what they want: "find out what is in my calendar".
_LEAD = re.compile(
    r"(?:(?:find|figure|look|check)(?:\s+out)?|see|get|fetch|look\s+up|have\s+a\s+look(?:\s+at)?"
    r"|finde?(?:\s+heraus)?|ermittle|schau(?:\s+nach)?|sieh(?:\s+nach)?|prüfe?|hole?"
    r"|stelle?\s+fest|informiere?\s+mich(?:\s+darüber)?|sag\s+mir)\s*,?\s+",
    re.IGNORECASE,
)
_SHOWN = (("", ""), ("show ", ""), ("show me ", ""), ("zeig mir ", ""), ("zeig ", " an"))
_ABOUT = re.compile(
    r"""(?:please\s+|bitte\s+)?(?:
      (?:what\s+do\s+you\s+(?:know|remember)|tell\s+me\s+what\s+you\s+(?:know|remember))\s+about
    | (?:search|look\s+(?:through|in)|check)\s+(?:my|your)\s+(?:memor(?:y|ies)|notes)
        \s+(?:for|about)
    | (?:recall|find|look\s+up)\s+what\s+(?:i\s+(?:said|told\s+you)|you\s+(?:know|remember))\s+about
    | was\s+(?:weißt|weisst)\s+du\s+(?:noch\s+)?(?:über|von|zu)
    | was\s+habe?\s+ich\s+dir\s+(?:über|von)
    | (?:such|suche|schau|sieh)\s+in\s+(?:meinen|deinen)\s+(?:erinnerungen|notizen)\s+nach
    | woran\s+erinnerst\s+du\s+dich\s+(?:zu|bei)
    )\s+(?P<query>.+?)(?:\s+(?:erzählt|gesagt))?[?.!]*""",
    re.VERBOSE | re.IGNORECASE,
)


class Interpretation(msgspec.Struct, frozen=True):
    """A tool with its arguments; `command` is there unless it is the memory search."""

    tool: str
    command: Command | None
    query: str = ""


class ParseText(Protocol):
    """The command parser, for one user at one moment."""

    def __call__(self, text: str) -> Parsed:
        """Return the command that a text is, if it is one."""
        ...


def interpret(text: str, parse: ParseText) -> Interpretation | None:
    """Return what a clause asks for; None if no tool does that."""
    if match := _ABOUT.fullmatch(text):
        return Interpretation(MEMORY, None, match["query"].strip(" '\"„“”"))
    for variant in _variants(text):
        parsed = parse(variant)
        if parsed.command is not None and parsed.confidence >= LEAST_CONFIDENCE:
            return Interpretation(spec_of(parsed.command).name, parsed.command)
    return None


def _variants(text: str) -> list[str]:
    lead = _LEAD.match(text)
    if lead is None or lead.end() >= len(text):
        return [text]
    rest = text[lead.end() :]
    return [text, *(f"{before}{rest}{after}" for before, after in _SHOWN)]
