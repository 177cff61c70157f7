"""The text of a command, split into its argument list once, when it is stored.

Accepted is only what a shell would pass on as it stands, so that the text means to its reader what
it means to the kernel: plain words, '…' and "…". Everything that a shell would do something with is
refused, with the advice to quote it if the character itself is meant.
"""

from __future__ import annotations

import re

from pisovereign.catalog.characters import bad_character
from pisovereign.catalog.placeholders import Placeholder, ValueRefused, parse_placeholder
from pisovereign.catalog.programs import refusal

LONGEST_TEXT = 1000
MOST_WORDS = 64

Word = str | Placeholder
_TOKEN = re.compile(
    r"""(?P<space>[ ]+)
    |(?P<plain>[A-Za-z0-9%+,./:=@_\u00c0-\u017f-]+)
    |'(?P<single>[^']*)'
    |"(?P<double>[^"$`\\]*)"
    |(?P<braces>\{[^ ]*\})
    |(?P<other>.)""",
    re.VERBOSE,
)
_PROGRAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\+?=.*")


class CommandRefused(ValueError):
    """A text that is no command; the message completes "The command …"."""


def parse_command(text: str) -> tuple[Word, ...]:
    """Split a command into its words.

    Raises:
        CommandRefused: a shell would be needed, the program is one that runs others, or a
            placeholder is wrong.
    """
    if found := bad_character(text):
        raise CommandRefused(
            f"cannot hold the character {found}: only printable ASCII and Latin letters"
        )
    words = _split(text)
    if not words:
        raise CommandRefused("cannot be empty")
    if len(words) > MOST_WORDS:
        raise CommandRefused(f"must have at most {MOST_WORDS} words")
    _check_program(words)
    _check_names([word.name for word in words if isinstance(word, Placeholder)])
    return tuple(words)


def command_rule(value: str) -> str | None:
    """Explain why a text is no command; None if it is one."""
    try:
        parse_command(value)
    except CommandRefused as error:
        return str(error)
    return None


def _split(text: str) -> list[Word]:
    words: list[Word] = []
    begun = False  # the last of `words` may still grow
    for token in _TOKEN.finditer(text):
        kind, value = str(token.lastgroup), token[str(token.lastgroup)]
        if kind == "other":
            raise CommandRefused(_explain(value))
        before = words[-1] if begun else ""
        if kind == "space":
            begun = False
            continue
        if isinstance(before, Placeholder) or (kind == "braces" and begun):
            raise CommandRefused("has a placeholder that is only part of a word")
        word = _placeholder(value) if kind == "braces" else before + value
        words[len(words) - begun :] = [word]
        begun = True
    return words


def _placeholder(text: str) -> Placeholder:
    try:
        return parse_placeholder(text)
    except ValueRefused as error:
        raise CommandRefused(str(error)) from None


def _explain(char: str) -> str:
    if char in "'\"":
        return (
            "has a quote that is not closed, or $, ` or \\ between double quotes, which only a"
            " shell would interpret; use single quotes"
        )
    if char in "{}":
        return "has braces that are no placeholder such as {host:hostname}"
    return (
        f"has {char}, which only a shell would interpret, and there is none;"
        " if the character itself is meant, put it in single quotes"
    )


def _check_program(words: list[Word]) -> None:
    program, *rest = words
    if isinstance(program, Placeholder):
        raise CommandRefused("must begin with the name of a program, not with a placeholder")
    if _ASSIGNMENT.fullmatch(program):
        raise CommandRefused(
            "begins with an assignment, which only a shell would interpret, and there is none"
        )
    if "/" in program:
        raise CommandRefused(
            "must name its program without a path; it is looked for in the system's folders"
        )
    if not _PROGRAM.fullmatch(program):
        raise CommandRefused("must begin with the name of a program")
    if reason := refusal(program, [word for word in rest if isinstance(word, str)]):
        raise CommandRefused(reason)


def _check_names(names: list[str]) -> None:
    if len(names) != len(set(names)):
        raise CommandRefused("has two placeholders of one name")
