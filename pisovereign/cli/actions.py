"""Actions of a command, such as `list` and `add`, that ask the API and can print JSON."""

from __future__ import annotations

import argparse
from typing import Any

from pisovereign.cli.api import add_connection_options
from pisovereign.cli.output import add_json_option


def add_action(actions: Any, name: str, text: str, run: Any) -> argparse.ArgumentParser:
    """Add an action with the options that all of them have; returns its parser."""
    parser: argparse.ArgumentParser = actions.add_parser(name, help=text)
    add_json_option(parser)
    add_connection_options(parser)
    parser.set_defaults(run=run)
    return parser
