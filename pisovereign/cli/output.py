"""Print answers for people or programs, and end with the exit codes that docs/cli.md lists."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any

import msgspec

from pisovereign.backup.errors import BackupUnreadable
from pisovereign.errors import StartError

_MAX_CELL = 60  # characters of a cell that is not the last
# Characters that move the cursor, change colors or reverse the writing direction, except line ends
# and tabs. Anybody may have written the text of mail, messages and memories.
_CONTROLS = (*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0))
_MARKS = (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_REPLACEMENTS: dict[int, str] = dict.fromkeys((*_CONTROLS, *_MARKS), "\ufffd") | {ord("\r"): ""}


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """Add `--json`."""
    parser.add_argument("--json", action="store_true", help="print the server's own answer")


def show(args: argparse.Namespace, body: bytes, describe: Callable[[Any], None]) -> Any:
    """Print an answer as JSON, or let `describe` print it for a person; return it decoded."""
    answer = decode(body)
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        describe(answer)
    return answer


def decode(body: bytes) -> Any:
    """Decode the JSON of an answer.

    Raises:
        StartError: It is not JSON, so another program listens at that address.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise not_our_server() from None


def not_our_server() -> StartError:
    """Return the error for an answer that cannot be from PiSovereign."""
    return StartError("what answers there is not PiSovereign; see --url and PISOVEREIGN_URL")


def printable(text: str) -> str:
    """Return the text without characters that control a terminal."""
    return text.translate(_REPLACEMENTS)


def confirmed(question: str) -> bool:
    """Return whether a person types yes; ask on stderr, since a program may read stdout."""
    if not sys.stdin.isatty():
        return False
    print(question, end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == "yes"


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table: the head, then each row in one line."""
    cells = [list(head), *([_line(cell) for cell in row] for row in rows)]
    last = len(head) - 1
    for row in cells:
        row[:last] = [
            cell if len(cell) <= _MAX_CELL else f"{cell[:_MAX_CELL]}…" for cell in row[:last]
        ]
    widths = [max(len(row[place]) for row in cells) for place in range(last)]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join((*padded, row[last])).rstrip())


def table(**columns: str | Callable[[Any], object]) -> Callable[[Any], None]:
    """Return what prints entries as a table.

    A column is a field, empty where that is null, or is made of the whole entry. In its head a
    space stands for `_`.
    """
    head = [name.replace("_", " ") for name in columns]

    def cell(entry: Any, column: str | Callable[[Any], object]) -> object:
        value = entry[column] if isinstance(column, str) else column(entry)
        return "" if value is None else value

    def print_entries(entries: Any) -> None:
        print_table(head, [[cell(entry, it) for it in columns.values()] for entry in entries])

    return print_entries


def print_fields(values: dict[str, Any]) -> None:
    """Print one object, a line for each field."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        print(printable(f"{name:<{width}}  {shown}"))


def _line(cell: object) -> str:
    return printable(" ".join(str(cell).split()))


class ExitCode(IntEnum):
    """The exit codes of commands; docs/cli.md explains them."""

    FAILED = 1
    NO_ANSWER = 3
    KEY_REFUSED = 4
    NOT_FOUND = 5
    UNREADABLE = 6
    INTERRUPTED = 130


class NoAnswer(StartError):
    """The server cannot be reached."""


class KeyRefused(StartError):
    """The server does not know the key, or the key may not do this."""


class NotOnServer(StartError):
    """The server has no such object."""


def exit_code(error: Exception) -> ExitCode:
    """Return the exit code for an error."""
    match error:
        case NoAnswer():
            return ExitCode.NO_ANSWER
        case KeyRefused():
            return ExitCode.KEY_REFUSED
        case NotOnServer():
            return ExitCode.NOT_FOUND
        case BackupUnreadable():
            return ExitCode.UNREADABLE
        case _:
            return ExitCode.FAILED
