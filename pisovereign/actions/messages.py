"""The words of actions, by the keys that they name, and text of others as it is put into them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

from pisovereign.catalog.types import Execution
from pisovereign.languages import Language
from pisovereign.languages.messages import Messages, load_messages
from pisovereign.text.untrusted import one_line, plain

MOST_LINES = 20
"""Longer lists are cut, and say so."""
_MOST_CHARACTERS = 200
_MOST_OUTPUT_LINES = 60


def messages_in(language: Language) -> Messages:
    """Return the texts of a language."""
    return load_messages(language, "actions")


def quote(text: str) -> str:
    """Return text of others in one line of limited length."""
    return one_line(text, _MOST_CHARACTERS)


def bullets(lines: Sequence[str], messages: Messages, total: int = 0) -> str:
    """Return a list; one that is cut says how many of `total` are left."""
    shown = [f"- {line}" for line in lines[:MOST_LINES]]
    if (left := max(total, len(lines)) - len(shown)) > 0:
        shown.append("- " + messages.say("more", count=left))
    return "\n".join(shown)


def program_output(execution: Execution) -> str:
    """Return what a program printed, indented; columns stay where they are."""
    lines = (execution.stdout + execution.stderr).rstrip().splitlines()
    shown = [plain(line[:_MOST_CHARACTERS].expandtabs()) for line in lines[:_MOST_OUTPUT_LINES]]
    if len(lines) > len(shown) or execution.truncated:
        shown.append("…")
    return "".join(f"\n    {line}".rstrip() for line in shown)


def command_line(execution: Execution) -> str:
    """Return what was executed."""
    return one_line(shlex.join(execution.argv), _MOST_CHARACTERS)
