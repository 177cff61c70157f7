"""`pisovereign-cli commands list | run | parse`."""

from __future__ import annotations

import argparse
import os
import re
from typing import Any

from pisovereign.cli.actions import Commands, argument, words
from pisovereign.cli.api import open_session, request
from pisovereign.cli.output import print_table, printable, show
from pisovereign.errors import StartError
from pisovereign.languages import LANGUAGES

_WHOLE = re.compile(r"-?[0-9]{1,15}")

COMMANDS = Commands()

_commands = COMMANDS.group("commands", "give a command, such as briefing", aliases=("command",))


@_commands.runs("list", "show which commands there are")
def _list(args: argparse.Namespace) -> int:
    show(args, _asked(args, {"command": "help"}), _print_commands)
    return 0


def _print_commands(answer: Any) -> None:
    """Print each command with its arguments; those in brackets may be left out."""
    rows = []
    for command in answer["result"]["commands"]:
        schema = command["arguments"]
        shown = [n if n in schema["required"] else f"[{n}]" for n in schema["properties"]]
        rows.append((command["name"], " ".join(shown), command["description"]))
    print_table(("command", "arguments", "what it does"), rows)


@_commands.runs(
    "run",
    "carry out a command",
    argument("name", "as `commands list` shows it"),
    argument("arguments", "such as days=3 or location=Köln", nargs="*", metavar="ARGUMENT=VALUE"),
)
def _run(args: argparse.Namespace) -> int:
    given = _arguments(args.name, args.arguments)
    body = _asked(args, {"command": args.name, "args": given})
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
    from pisovereign.actions import registry  # noqa: PLC0415
    from pisovereign.validation import number_fields  # noqa: PLC0415

    spec = next((spec for spec in registry.COMMANDS if spec.name == command), None)
    return set(number_fields(spec.type)) if spec else set()


def _asked(args: argparse.Namespace, body: dict[str, object]) -> bytes:
    """Give a command, and return the answer, in the language of this terminal."""
    spoken = os.environ.get("LC_ALL", os.environ.get("LANG", "")).partition("_")[0]
    headers = {"Accept-Language": spoken} if spoken in LANGUAGES else {}
    return request(open_session(args), "POST", "/v1/commands", json=body, headers=headers)


_commands.asks(
    "parse",
    "say which command is in plain words",
    "POST /v1/commands/parse",
    words("input", "what somebody might say", metavar="words"),
)
