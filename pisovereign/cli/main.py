"""`pisovereign-cli`: the commands for people at a terminal."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from pisovereign import __version__
from pisovereign.cli import (
    approvals,
    backup,
    bench,
    catalog,
    chat,
    commands,
    config,
    documents,
    engine,
    memories,
    models,
    openapi,
    sign_in,
    system,
    tls,
    update,
)
from pisovereign.cli.output import ExitCode, exit_code, printable
from pisovereign.errors import PiSovereignError, StartError


def build_parser() -> argparse.ArgumentParser:
    """Build the command line; the module of each command adds its part and its `run` function."""
    parser = argparse.ArgumentParser(
        prog="pisovereign-cli", description="Talk to PiSovereign and look after it."
    )
    parser.add_argument("--version", action="version", version=__version__)
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    everything = (
        system,
        chat,
        commands,
        catalog,
        approvals,
        documents,
        memories,
        models,
        engine,
        bench,
        config,
        sign_in,
        openapi,
        backup,
        update,
        tls,
    )
    for module in everything:
        module.add_parser(subparsers)
    _add_completion(subparsers)
    return parser


def _add_completion(subparsers: Any) -> None:
    completion = subparsers.add_parser("completion", help="print a script that completes commands")
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="for which shell")
    completion.set_defaults(run=_print_completion)


def _print_completion(args: argparse.Namespace) -> int:
    import shtab  # noqa: PLC0415 - nothing else needs it

    print(shtab.complete(build_parser(), shell=args.shell))
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return 0 on success, 2 for wrong arguments, else a code of `output.py`."""
    given = list(sys.argv[1:] if argv is None else argv)
    if given[:2] == ["backup", "restore"]:  # as people look for it beside `backup`
        del given[0]
    args = build_parser().parse_args(given)
    try:
        return int(args.run(args))
    except (StartError, PiSovereignError) as error:
        print(printable(f"pisovereign-cli: {error}"), file=sys.stderr)
        return exit_code(error)
    except KeyboardInterrupt:
        return ExitCode.INTERRUPTED
    except BrokenPipeError:  # the reader of our output has ended, as `head` does
        sys.stderr.close()
        return 0


if __name__ == "__main__":
    sys.exit(main())
