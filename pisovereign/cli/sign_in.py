"""`pisovereign-cli sign-in`: a link that signs a browser in, once."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from pisovereign.cli.api import add_connection_options, request
from pisovereign.cli.output import add_json_option, show
from pisovereign.supervisor.sign_in_link import PATH, SignInLink, describe


def add_parser(commands: Any) -> None:
    """Add the command."""
    parser = commands.add_parser("sign-in", help="show a link and QR that sign a browser in once")
    add_json_option(parser)
    add_connection_options(parser)
    parser.set_defaults(run=sign_in)


def sign_in(args: argparse.Namespace) -> int:
    """Show a new link; one that was shown before is no longer valid."""
    body = request(args, "POST", PATH)
    show(args, body, lambda data: print(describe(msgspec.convert(data, SignInLink))))
    return 0
