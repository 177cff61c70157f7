"""`pisovereign-cli completion`: what a shell needs to complete commands."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any


def add_parser(commands: Any, build: Callable[[], argparse.ArgumentParser]) -> None:
    """Add the command; `build` makes the whole command line."""
    parser = commands.add_parser("completion", help="print a script that completes commands")
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), help="for which shell")
    parser.set_defaults(run=lambda args: run(args, build()))


def run(args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    """Print the script."""
    import shtab  # noqa: PLC0415 - nothing else needs it

    print(shtab.complete(parser, shell=args.shell))
    return 0
