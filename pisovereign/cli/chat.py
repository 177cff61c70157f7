"""`pisovereign-cli chat`: a conversation in the terminal."""

from __future__ import annotations

import argparse
import sys
import uuid
from typing import Any

from pisovereign.cli.actions import Commands, argument
from pisovereign.cli.api import error_of, open_session, request
from pisovereign.cli.http_client import READ_S, Session
from pisovereign.cli.output import decode, not_our_server, printable
from pisovereign.errors import StartError
from pisovereign.locales import NOWHERE, host_zone_name, terminal_language
from pisovereign.process.own_program import typed_name

_WHOLE_ANSWER_S = 600.0
"""A whole answer comes at once, when its last word is there."""

COMMANDS = Commands()


@COMMANDS.runs(
    "chat",
    "chat; reads lines until the end of input",
    argument("message", "one message; without it, a conversation", nargs="*"),
    argument("--conversation", "continue this conversation"),
)
def _chat(args: argparse.Namespace) -> int:
    """Send one message, or each line that is typed, and stream the answers.

    With `--json` each answer is printed as one line of JSON, when it is complete.
    """
    conversation = args.conversation or str(uuid.uuid4())
    session = open_session(args, read_s=_WHOLE_ANSWER_S if args.json else READ_S)
    _tell_of_terminal(session)
    say = _ask if args.json else _say
    if args.message:
        say(session, conversation, " ".join(args.message))
        return 0
    while (line := _read_line()) is not None:
        if line.strip():
            say(session, conversation, line)
    if sys.stdin.isatty():
        program = typed_name("pisovereign-cli")
        print(
            f"\nContinue with: {program} chat --conversation {conversation}",
            file=sys.stderr if args.json else sys.stdout,
        )
    return 0


def _tell_of_terminal(session: Session) -> None:
    """Let the server know language and time zone of this terminal, if they have chosen none yet."""
    with session.open("GET", "/v1/profile") as response:
        if response.status != 200 or response.content_type != "application/json":
            return  # the message fails in the same way, and says why
        known = decode(response.read())
    own = {"language": terminal_language(), "time_zone": host_zone_name()}
    new = {name: value for name, value in own.items() if value and not known.get(name)}
    if new.get("time_zone") in NOWHERE:
        del new["time_zone"]
    if new:
        with session.open("PATCH", "/v1/profile", json=new) as response:
            response.read()  # a name that the server does not know is no reason to say nothing


def _read_line() -> str | None:
    try:
        return input("you> " if sys.stdin.isatty() else "")
    except EOFError:
        return None


def _ask(session: Session, conversation: str, message: str) -> None:
    """Print the whole answer as the server gives it."""
    body = {"message": message, "conversation_id": conversation}
    answer = request(session, "POST", "/v1/chat", json=body)
    decode(answer)
    print(answer.decode(), flush=True)


def _say(session: Session, conversation: str, message: str) -> None:
    body = {"message": message, "conversation_id": conversation}
    with session.open("POST", "/v1/chat/stream", json=body) as response:
        if response.status != 200:
            raise error_of(response)
        if response.content_type != "text/event-stream":
            raise not_our_server()
        name = ""
        for raw in response.lines():
            field, _, value = raw.decode().rstrip("\n").partition(": ")
            if field == "event":
                name = value
            elif field == "data":
                _show(name, decode(value.encode()))


def _show(name: str, data: dict[str, Any]) -> None:
    if name == "message":
        print(printable(data["delta"]), end="", flush=True)
    elif name == "tool_call":
        print(printable(f"[{data['name']}]"), file=sys.stderr, flush=True)
    elif name == "done":
        print()
    elif name == "error":
        print()
        raise StartError(str(data["message"]))
