"""Results for machines (JSON) and for people (a table)."""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add `--output`."""
    parser.add_argument(
        "--output",
        type=Path,
        help="write the JSON to this file; without it JSON goes to stdout and tables to stderr",
    )


def publish(result: Any, text: str, output: Path | None) -> None:
    """Write the JSON where it was asked for, and the tables beside it."""
    data = msgspec.json.format(msgspec.json.encode(result), indent=2)
    if output is None:
        print(text, file=sys.stderr)
        print(data.decode())
    else:
        output.write_bytes(data + b"\n")
        print(text)


def percentile(values: Sequence[float], share: float) -> float:
    """Return the least of the values that `share` of them, from 0 to 1, do not exceed."""
    return sorted(values)[max(0, math.ceil(len(values) * share) - 1)]


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """Columns of text: the first to the left, numbers to the right, floats with two digits."""
    cells = [list(head), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[i]) for row in cells) for i in range(len(head))]
    lines = [
        "  ".join(
            text.ljust(width) if i == 0 else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in cells
    ]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _cell(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) else str(value)
