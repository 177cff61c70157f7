"""`pisovereign-cli openapi`: write the OpenAPI document without a server."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from pisovereign.cli.actions import LOCAL, Commands, argument
from pisovereign.errors import StartError

COMMANDS = Commands(options=LOCAL)


@COMMANDS.runs(
    "openapi",
    "write the OpenAPI document of the API",
    argument("--output", "where to; the terminal without it", type=Path),
)
def _openapi(args: argparse.Namespace) -> int:
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
