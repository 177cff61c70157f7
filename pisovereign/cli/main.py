"""`pisovereign-cli`: everything a person does at the terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from pisovereign import __version__
from pisovereign.cli import (
    approvals,
    audit,
    backup,
    catalog,
    chat,
    command,
    completion,
    config,
    engine,
    integrations,
    keys,
    memories,
    models,
    openapi,
    status,
    system,
)
from pisovereign.cli.exits import INTERRUPTED, exit_code
from pisovereign.cli.output import printable
from pisovereign.errors import PiSovereignError, StartError


def build_parser() -> argparse.ArgumentParser:
    """The command line; each command's own file adds its part and its `run` function."""
    parser = argparse.ArgumentParser(
        prog="pisovereign-cli", description="Talk to PiSovereign and look after it."
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    everything = (
        status,
        system,
        chat,
        command,
        catalog,
        approvals,
        audit,
        integrations,
        memories,
        models,
        engine,
        keys,
        config,
        openapi,
        backup,
    )
    for module in everything:
        module.add_parser(commands)
    completion.add_parser(commands, build_parser)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 on success, 2 when it was asked wrongly, else as in `exits.py`."""
    args = build_parser().parse_args(argv)
    try:
        return int(args.run(args))
    except (StartError, PiSovereignError) as error:
        print(printable(f"pisovereign-cli: {error}"), file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # the reader of our output left, as `head` does
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
