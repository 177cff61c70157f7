"""Programs whose arguments are known: what each takes, as data, and whether a command is of that.

A program may be run without further ado only if each of its words is one that is known not to start
another program or to read what to do from a file. Everything else is not listed, however harmless.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Sequence
from importlib import resources
from typing import NamedTuple

import msgspec

from pisovereign.catalog.placeholders import Placeholder, Word

_HOST = r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9.])?|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"
# No colon before the first slash: some programs take that for a place on another machine.
_KINDS = {
    "number": re.compile(r"[+-]?[0-9]+(\.[0-9]+)?[A-Za-z]{0,3}"),
    "word": re.compile(r"[A-Za-z0-9_][A-Za-z0-9._+@:,%-]*"),
    "columns": re.compile(r"[+-]?[A-Za-z0-9_%][A-Za-z0-9_%:,+-]*"),
    "host": re.compile(_HOST),
    "unit": re.compile(r"[A-Za-z0-9][A-Za-z0-9:_.@-]*"),
    "path": re.compile(r"/.*|[^-+/:@][^/:]*(/.*)?"),
    "pattern": re.compile(r"[^-].*"),
    "address": re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]+)?(/[A-Za-z0-9._~%/?&=+,;:-]*)?"),
}
_FITS = {
    "hostname": {"host", "pattern"},
    "ip": {"host", "pattern"},
    "int": {"number", "word", "columns", "pattern"},
    "unit": {"unit", "word", "pattern"},
    "path": {"path", "pattern"},
    "word": {"word", "pattern"},
}


class _Program(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The arguments that a program takes, in a file of `grammars/`.

    `flags` are options alone, `values` options with the kind of what follows, as `-n=number`; both
    between white space. `forms` are what else may stand there: words as they are, and kinds as
    `<path>`, the last with `*` for any number or `?` for at most one. Unless `long`, flags of one
    letter may be written together.
    """

    flags: str = ""
    values: str = ""
    forms: tuple[str, ...] = ("",)
    long: bool = False


class _Grammar(NamedTuple):
    flags: frozenset[str]
    values: dict[str, str]
    forms: tuple[tuple[str, ...], ...]
    letters: bool


def is_listed(words: Sequence[Word]) -> bool:
    """Return whether a command runs a known program with words that are all known.

    A placeholder counts as every value that it may be given.
    """
    program, *rest = words
    grammar = _grammars().get(program) if isinstance(program, str) else None
    if grammar is None:
        return False
    operands = _operands(grammar, rest)
    return operands is not None and any(_has_form(form, operands) for form in grammar.forms)


def _operands(grammar: _Grammar, words: list[Word]) -> list[Word] | None:
    """Return the words that are no options; None when an option is unknown."""
    operands: list[Word] = []
    wanted: str | None = None
    for word in words:
        if wanted is not None:
            if not _fits(word, wanted):
                return None
            wanted = None
        elif isinstance(word, Placeholder):
            operands.append(word)
        elif word in grammar.flags:
            continue
        elif word in grammar.values:
            wanted = grammar.values[word]
        elif word.startswith("-"):
            found, wanted = _option(grammar, word)
            if not found:
                return None
        else:
            operands.append(word)
    return None if wanted is not None else operands


def _option(grammar: _Grammar, word: str) -> tuple[bool, str | None]:
    """Return whether an option is known that is more than a name, and the kind of its value.

    It holds the value, or is several letters; None: no word follows that is the value.
    """
    name, equals, value = word.partition("=")
    if equals and name.startswith("--"):
        kind = grammar.values.get(name)
        return kind is not None and _fits(value, kind), None
    if word.startswith("--") or not grammar.letters:
        return False, None
    for place, letter in enumerate(word[1:], start=1):
        kind = grammar.values.get(f"-{letter}")
        if kind is not None:
            rest = word[place + 1 :]
            return not rest or _fits(rest, kind), None if rest else kind
        if f"-{letter}" not in grammar.flags:
            return False, None
    return len(word) > 1, None


def _has_form(form: tuple[str, ...], operands: list[Word]) -> bool:
    for place, wanted in enumerate(form):
        kind = wanted.strip("<>*?")
        if wanted.endswith("*"):
            return all(_fits(word, kind) for word in operands[place:])
        if wanted.endswith("?") and len(operands) == place:
            return True
        if place >= len(operands):
            return False
        word = operands[place]
        if not (_fits(word, kind) if wanted.startswith("<") else word == wanted):
            return False
    return len(operands) == len(form)


def _fits(word: Word, kind: str) -> bool:
    if isinstance(word, Placeholder):
        return kind in _FITS[word.kind]
    return _KINDS[kind].fullmatch(word) is not None


@functools.cache
def _grammars() -> dict[str, _Grammar]:
    folder = resources.files("pisovereign.catalog") / "grammars"
    result: dict[str, _Grammar] = {}
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        programs = msgspec.toml.decode(file.read_bytes(), type=dict[str, _Program])
        result.update({name: _read(program) for name, program in programs.items()})
    return result


def _read(program: _Program) -> _Grammar:
    values = dict(each.rsplit("=", 1) for each in program.values.split())
    forms = tuple(tuple(form.split()) for form in program.forms)
    kinds = {word.strip("<>*?") for form in forms for word in form if word.startswith("<")}
    assert kinds | set(values.values()) <= _KINDS.keys()
    return _Grammar(frozenset(program.flags.split()), values, forms, not program.long)
