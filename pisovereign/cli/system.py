"""`pisovereign-cli system status | models | metrics`."""

from __future__ import annotations

import argparse
from typing import Any

from pisovereign.cli.api import add_connection_options, ask, run_async
from pisovereign.cli.output import add_json_option, print_fields, print_table, show


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("system", help="see what the server does and takes")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    for name, text, run in (
        ("status", "show model, memory, cache and time", show_status),
        ("models", "show which models answer", show_models),
        ("metrics", "show what was counted", show_metrics),
    ):
        action = actions.add_parser(name, help=text)
        add_json_option(action)
        add_connection_options(action)
        action.set_defaults(run=lambda args, run=run: run_async(run(args)))


async def show_status(args: argparse.Namespace) -> int:
    """Print the state of the system."""
    show(args, await ask(args, "GET", "/v1/system/status"), print_fields)
    return 0


async def show_models(args: argparse.Namespace) -> int:
    """Print one line for each model that may be named in a request."""
    show(args, await ask(args, "GET", "/v1/system/models"), _print_models)
    return 0


async def show_metrics(args: argparse.Namespace) -> int:
    """Print the figures of `/metrics`."""
    show(args, await ask(args, "GET", "/metrics"), print_fields)
    return 0


def _print_models(answer: Any) -> None:
    models = answer["models"] if isinstance(answer, dict) else answer
    head = ("id", "parameters", "context", "default")
    rows = [
        (m["id"], m["parameters"] or "?", m["context_length"], "yes" if m["default"] else "")
        for m in models
    ]
    print_table(head, rows)
