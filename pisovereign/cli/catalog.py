"""`pisovereign-cli catalog list | show | add | delete | run`."""

from __future__ import annotations

import argparse
import sys
from typing import Any
from urllib.parse import quote

from pisovereign.cli.actions import Commands, argument
from pisovereign.cli.api import open_session, request
from pisovereign.cli.http_client import Session
from pisovereign.cli.output import printable, show, table
from pisovereign.errors import StartError
from pisovereign.process.own_program import typed_name

_PATH = "/v1/commands/catalog"


def _found(session: Session, name: str) -> str:
    """Return the id of a command; `default-` may be left out."""
    with session.open("GET", f"{_PATH}/default-{quote(name, safe='')}") as response:
        return f"default-{name}" if response.status == 200 else name


COMMANDS = Commands()

_ID = argument("id", "the command's id; default- may be left out")
_catalog = COMMANDS.group("catalog", "see and execute system commands", named=_ID, find=_found)
_print_commands = table(
    id="id",
    risk=lambda one: "approval" if one["requires_approval"] else one["risk_level"],
    command="command",
)


@_catalog.runs(
    "list",
    "show the commands",
    argument("--search", "only those with all of these words", metavar="WORDS"),
)
def _list(args: argparse.Namespace) -> int:
    path = f"{_PATH}/search" if args.search else _PATH
    query: dict[str, Any] = {"limit": 500} | ({"q": args.search} if args.search else {})
    show(args, request(open_session(args), "GET", path, params=query), _print_commands)
    return 0


_catalog.asks("show", "show one whole", f"GET {_PATH}/{{id}}")
_catalog.asks("delete", "delete one", f"DELETE {_PATH}/{{id}}")
_catalog.asks(
    "add",
    "add a command, such as: add Logs 'ls {what:word}'",
    f"POST {_PATH}",
    argument("name", "what it is called"),
    argument("command", "the command in one argument", metavar="COMMAND"),
    argument("--description", "what it does", default=""),
    tell=lambda made: print(made["id"]),
)


@_catalog.runs(
    "run",
    "execute a command, or ask for its approval",
    _ID,
    argument("arguments", "what it needs", nargs="*", metavar="NAME=VALUE"),
)
def _run(args: argparse.Namespace) -> int:
    body = {"arguments": dict(_pair(text) for text in args.arguments)}
    session = open_session(args)
    path = f"{_PATH}/{quote(_found(session, args.id), safe='')}/execute"
    answer = show(args, request(session, "POST", path, json=body), _print_answer)
    return 0 if answer["status"] == "pending_approval" else execution_code(answer)


def _print_answer(answer: dict[str, Any]) -> None:
    if answer["status"] == "pending_approval":
        program = typed_name("pisovereign-cli")
        print(f"waits for an approval: {program} approvals approve {answer['approval_id']}")
    else:
        print_execution(answer)


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
