"""`pisovereign-cli commands list | run | parse`."""

from __future__ import annotations

import argparse
import os
import re
from typing import Any

from pisovereign.cli.api import add_connection_options, error_of, open_session, request
from pisovereign.cli.http_client import Session
from pisovereign.cli.output import add_json_option, print_fields, print_table, printable, show
from pisovereign.errors import StartError
from pisovereign.languages import LANGUAGES

_WHOLE = re.compile(r"-?[0-9]{1,15}")


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser(
        "commands", aliases=["command"], help="give a command, such as briefing"
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show which commands there are")
    add_json_option(listing)
    add_connection_options(listing)
    listing.set_defaults(run=list_commands)
    running = actions.add_parser("run", help="carry out a command")
    running.add_argument("name", help="as `commands list` shows it")
    running.add_argument(
        "arguments", nargs="*", metavar="ARGUMENT=VALUE", help="such as days=3 or location=Köln"
    )
    add_json_option(running)
    add_connection_options(running)
    running.set_defaults(run=run_command)
    parsing = actions.add_parser("parse", help="say which command is in plain words")
    parsing.add_argument("words", nargs="+", help="what somebody might say")
    add_json_option(parsing)
    add_connection_options(parsing)
    parsing.set_defaults(run=parse)


def list_commands(args: argparse.Namespace) -> int:
    """Print each command with its arguments; those in brackets may be left out."""
    session = open_session(args)
    body = _post(session, {"command": "help"})
    show(args, body, _print_commands)
    return 0


def _print_commands(answer: Any) -> None:
    rows = []
    for command in answer["result"]["commands"]:
        schema = command["arguments"]
        shown = [n if n in schema["required"] else f"[{n}]" for n in schema["properties"]]
        rows.append((command["name"], " ".join(shown), command["description"]))
    print_table(("command", "arguments", "what it does"), rows)


def parse(args: argparse.Namespace) -> int:
    """Print the command in the words, without executing it."""
    body = {"input": " ".join(args.words)}
    show(args, request(args, "POST", "/v1/commands/parse", json=body), print_fields)
    return 0


def run_command(args: argparse.Namespace) -> int:
    """Execute a command, and print its result in words."""
    given = _arguments(args.name, args.arguments)
    session = open_session(args)
    body = _post(session, {"command": args.name, "args": given})
    show(args, body, lambda answer: print(printable(answer["text"])))
    return 0


def _arguments(command: str, pairs: list[str]) -> dict[str, object]:
    """Parse `days=3` as a number where the command takes one; the server checks the rest."""
    found: dict[str, object] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise StartError(f"{pair!r} is not an argument; write name=value")
        found[name] = value
    whole = {name for name, value in found.items() if _WHOLE.fullmatch(str(value))}
    numbers = whole & _numbers_of(command) if whole else set()
    return found | {name: int(str(found[name])) for name in numbers}


def _numbers_of(command: str) -> set[str]:
    """Return the arguments of a command that are numbers."""
    # Imported here: all that can be done takes longer to import than to be asked for.
    from pisovereign.actions.registry import COMMANDS  # noqa: PLC0415
    from pisovereign.validation import number_fields  # noqa: PLC0415

    spec = next((spec for spec in COMMANDS if spec.name == command), None)
    return set(number_fields(spec.type)) if spec else set()


def _post(session: Session, body: dict[str, object]) -> bytes:
    headers = {}
    spoken = os.environ.get("LC_ALL", os.environ.get("LANG", "")).partition("_")[0]
    if spoken in LANGUAGES:
        headers["Accept-Language"] = spoken
    with session.open("POST", "/v1/commands", json=body, headers=headers) as response:
        if response.status != 200:
            raise error_of(response)
        return response.read()
