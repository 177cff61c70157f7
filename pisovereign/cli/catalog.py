"""`pisovereign-cli catalog list | show | add | delete | run`."""

from __future__ import annotations

import argparse
import sys
from typing import Any
from urllib.parse import quote

from pisovereign.cli.api import add_connection_options, open_session, request, request_in
from pisovereign.cli.http_client import Session
from pisovereign.cli.output import (
    add_json_option,
    decode,
    print_fields,
    print_table,
    printable,
    show,
)
from pisovereign.errors import StartError
from pisovereign.process.own_program import typed_name

CATALOG = "/v1/commands/catalog"


def add_parser(commands: Any) -> None:
    """Add the command and its actions."""
    parser = commands.add_parser("catalog", help="see and execute system commands")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="show the commands")
    add_json_option(listing)
    listing.add_argument("--search", metavar="WORDS", help="only those with all of these words")
    add_connection_options(listing)
    listing.set_defaults(run=show_commands)
    for name, text, run in (
        ("show", "show one whole", show_command),
        ("delete", "delete one", delete_command),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("id", help="the command's id; default- may be left out")
        add_json_option(action)
        add_connection_options(action)
        action.set_defaults(run=run)
    adding = actions.add_parser("add", help="add a command, such as: add Logs 'ls {what:word}'")
    adding.add_argument("name", help="what it is called")
    adding.add_argument("command_line", metavar="COMMAND", help="the command in one argument")
    adding.add_argument("--description", default="", help="what it does")
    add_json_option(adding)
    add_connection_options(adding)
    adding.set_defaults(run=add_command)
    running = actions.add_parser("run", help="execute a command, or ask for its approval")
    running.add_argument("id", help="the command's id; default- may be left out")
    add_json_option(running)
    running.add_argument("arguments", nargs="*", metavar="NAME=VALUE", help="what it needs")
    add_connection_options(running)
    running.set_defaults(run=run_command)


def show_commands(args: argparse.Namespace) -> int:
    """Print one line for each command."""
    path = f"{CATALOG}/search" if args.search else CATALOG
    query: dict[str, Any] = {"limit": 500} | ({"q": args.search} if args.search else {})
    show(args, request(args, "GET", path, params=query), _print_commands)
    return 0


def _print_commands(commands: Any) -> None:
    rows = [
        (one["id"], "approval" if one["requires_approval"] else one["risk_level"], one["command"])
        for one in commands
    ]
    print_table(("id", "risk", "command"), rows)


def show_command(args: argparse.Namespace) -> int:
    """Print every field of one command."""
    session = open_session(args)
    path = f"{CATALOG}/{_find(session, args.id)}"
    show(args, request_in(session, "GET", path), print_fields)
    return 0


def add_command(args: argparse.Namespace) -> int:
    """Add a command, and print its id."""
    fields = {"name": args.name, "command": args.command_line, "description": args.description}
    show(args, request(args, "POST", CATALOG, json=fields), lambda made: print(made["id"]))
    return 0


def delete_command(args: argparse.Namespace) -> int:
    """Delete a command."""
    session = open_session(args)
    request_in(session, "DELETE", f"{CATALOG}/{_find(session, args.id)}")
    print('{"deleted":true}' if args.json else "deleted")
    return 0


def run_command(args: argparse.Namespace) -> int:
    """Run a command, print its output, and return its exit code."""
    body = {"arguments": dict(_pair(text) for text in args.arguments)}
    session = open_session(args)
    path = f"{CATALOG}/{_find(session, args.id)}/execute"
    answered = request_in(session, "POST", path, json=body)
    show(args, answered, _print_answer)
    answer = decode(answered)
    return 0 if answer["status"] == "pending_approval" else execution_code(answer)


def _print_answer(answer: dict[str, Any]) -> None:
    if answer["status"] == "pending_approval":
        program = typed_name("pisovereign-cli")
        print(f"waits for an approval: {program} approvals approve {answer['approval_id']}")
    else:
        print_execution(answer)


def _find(session: Session, name: str) -> str:
    """Return the id of a command; `default-` may be left out."""
    quoted = quote(name, safe="")
    with session.open("GET", f"{CATALOG}/default-{quoted}") as response:
        return f"default-{quoted}" if response.status == 200 else quoted


def print_execution(result: dict[str, Any]) -> None:
    """Print the output of a command: unchanged for programs, made safe for a terminal."""
    for stream, text in ((sys.stdout, result["stdout"]), (sys.stderr, result["stderr"])):
        stream.write(printable(text) if stream.isatty() else text)
        stream.flush()
    if result["truncated"]:
        print("(the output was cut)", file=sys.stderr)
    if result["status"] == "timed_out":
        print("pisovereign-cli: the command took too long", file=sys.stderr)


def execution_code(result: dict[str, Any]) -> int:
    """Return the exit code of an executed command; 1 if it did not end by itself."""
    if result["status"] == "timed_out" or result["exit_code"] is None:
        return 1
    return int(result["exit_code"])


def _pair(text: str) -> tuple[str, str]:
    name, found, value = text.partition("=")
    if not found:
        raise StartError(f"{text}: must be NAME=VALUE")
    return name, value
