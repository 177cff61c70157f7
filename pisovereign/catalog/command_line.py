"""The text of a command: split into words when it is stored, and bound to values when it is run.

Accepted is only what a shell would pass on as it stands, so that the text means to its reader what
it means to the kernel: plain words, '…' and "…". Everything that a shell would do something with is
refused, with the advice to quote it if the character itself is meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pisovereign.catalog.placeholders import (
    Placeholder,
    ValueRefused,
    Word,
    bad_character,
    fill,
    has_long_blank,
    parse_placeholder,
)
from pisovereign.catalog.programs import refusal
from pisovereign.errors import FieldError, ValidationFailed
from pisovereign.text.canonical import MOST_BLANKS

LONGEST_TEXT = 1000
MOST_WORDS = 64
_MOST_NAMED = 50  # of unknown arguments

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
    if has_long_blank(text):
        raise CommandRefused(f"cannot hold more than {MOST_BLANKS} blanks in a row")
    words = _split(text)
    if not words:
        raise CommandRefused("cannot be empty")
    if len(words) > MOST_WORDS:
        raise CommandRefused(f"must have at most {MOST_WORDS} words")
    _check_program(words)
    _check_names([word.name for word in words if isinstance(word, Placeholder)])
    return tuple(words)


def command_rule(value: str) -> str | None:
    """Return why a text is no command; None if it is one."""
    try:
        parse_command(value)
    except CommandRefused as error:
        return str(error)
    return None


def bind(words: Sequence[Word], values: Mapping[str, str]) -> tuple[str, ...]:
    """Return the exact argument list: each placeholder becomes one argument.

    Raises:
        ValidationFailed: A value is missing, unknown or not of its kind; names all of them.
    """
    wanted = {word.name for word in words if isinstance(word, Placeholder)}
    unknown = [name for name in values if name not in wanted][:_MOST_NAMED]
    errors = [_argument_error(name[:100], "is not an argument of this command") for name in unknown]
    argv: list[str] = []
    for word in words:
        if isinstance(word, str):
            argv.append(word)
        elif word.name not in values:
            errors.append(_argument_error(word.name, "is required"))
        else:
            try:
                argv.append(fill(word, values[word.name]))
            except ValueRefused as error:
                errors.append(_argument_error(word.name, str(error)))
    # A harmless-looking word may be what makes a program run another one.
    if not errors and (reason := refusal(argv[0], argv[1:])):
        errors.append({"field": "arguments", "error": f"cannot be these: the command {reason}"})
    if errors:
        raise ValidationFailed(errors)
    return tuple(argv)


def _split(text: str) -> list[Word]:
    words: list[Word] = []
    open_word = False  # the last of `words` may still grow
    for token in _TOKEN.finditer(text):
        kind, value = str(token.lastgroup), token[str(token.lastgroup)]
        if kind == "other":
            raise CommandRefused(_explain(value))
        before = words[-1] if open_word else ""
        if kind == "space":
            open_word = False
            continue
        if isinstance(before, Placeholder) or (kind == "braces" and open_word):
            raise CommandRefused("has a placeholder that is only part of a word")
        word = _placeholder(value) if kind == "braces" else before + value
        words[len(words) - open_word :] = [word]
        open_word = True
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


def _argument_error(name: str, text: str) -> FieldError:
    return {"field": f"arguments.{name}", "error": text}
