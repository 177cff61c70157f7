"""What commands print: tables for people, the server's own words for programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

_WIDEST = 60  # of a cell that is not the last


def add_json_option(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print the server's own answer")


def show(args: argparse.Namespace, body: bytes, tell: Callable[[Any], None]) -> None:
    """Print an answer as it is, or have it told to a person."""
    if args.json:
        sys.stdout.write(body.decode() + "\n")
    else:
        tell(msgspec.json.decode(body))


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
        print(f"{name:<{width}}  {shown}")


def _line(cell: object) -> str:
    return " ".join(str(cell).split())
