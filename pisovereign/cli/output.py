"""What commands print: tables for people, the server's own words for programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from pisovereign.errors import StartError

_WIDEST = 60  # of a cell that is not the last
# What moves a terminal's cursor, changes its colors or turns the direction of writing; not line
# ends and tabs. The text of mail, messages and memories is anybody's.
_CONTROLS = (*range(9), *range(0x0B, 0x20), *range(0x7F, 0xA0))
_MARKS = (0x061C, 0x200E, 0x200F, *range(0x2028, 0x202F), *range(0x2066, 0x206A))
_HARMLESS: dict[int, str] = dict.fromkeys((*_CONTROLS, *_MARKS), "\ufffd") | {ord("\r"): ""}


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print the server's own answer")


def show(args: argparse.Namespace, body: bytes, tell: Callable[[Any], None]) -> None:
    """Print an answer as it is, or have it told to a person."""
    answer = decode(body)
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        tell(answer)


def decode(body: bytes) -> Any:
    """What an answer says.

    Raises:
        StartError: it is not JSON, so something else listens at that address.
    """
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise not_ours() from None


def not_ours() -> StartError:
    """The error for an answer that cannot be the server's."""
    return StartError("what answers there is not PiSovereign; see --url and PISOVEREIGN_URL")


def printable(text: str) -> str:
    """The text without what a terminal would obey instead of showing it."""
    return text.translate(_HARMLESS)


def confirmed(question: str) -> bool:
    """Whether a person types yes; they are asked on stderr, since stdout may be for a program."""
    if not sys.stdin.isatty():
        return False
    print(question, end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip() == "yes"


def print_table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print rows below their head, each in one line."""
    cells = [list(head), *([_line(cell) for cell in row] for row in rows)]
    last = len(head) - 1
    for row in cells:
        row[:last] = [cell if len(cell) <= _WIDEST else f"{cell[:_WIDEST]}…" for cell in row[:last]]
    widths = [max(len(row[place]) for row in cells) for place in range(last)]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=False)]
        print("  ".join((*padded, row[last])).rstrip())


def print_fields(values: dict[str, Any]) -> None:
    """Print one thing, a line for each field."""
    width = max(map(len, values), default=0)
    for name, value in values.items():
        shown = value if isinstance(value, str) else msgspec.json.encode(value).decode()
        print(printable(f"{name:<{width}}  {shown}"))


def _line(cell: object) -> str:
    return printable(" ".join(str(cell).split()))
