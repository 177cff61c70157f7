"""`pisovereign-cli openapi`: write the OpenAPI document without a server."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from pisovereign.errors import StartError


def add_parser(commands: Any) -> None:
    """Add `openapi`."""
    parser = commands.add_parser("openapi", help="write the OpenAPI document of the API")
    parser.add_argument("--output", type=Path, help="where to; the terminal without it")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Write the document."""
    from pisovereign.assembly.routes import render_document  # noqa: PLC0415 - imports everything

    document = render_document()
    if args.output is None:
        sys.stdout.write(document.decode() + "\n")
        return 0
    try:
        args.output.write_bytes(document + b"\n")
    except OSError as error:
        raise StartError(f"{args.output}: {error.strerror}") from None
    print(f"Wrote {args.output}")
    return 0
