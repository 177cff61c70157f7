"""One connection: what is asked, and the answer."""

from __future__ import annotations

import select
import socket
from collections.abc import Callable

import msgspec

from pisovereign.runner.command_spec import CommandSpec, ExecutionContext
from pisovereign.runner.execution import Execution
from pisovereign.runner.launch import PreparedCommand
from pisovereign.runner.programs import find_program
from pisovereign.runner.session_run import SessionRun
from pisovereign.runner.types import (
    REQUEST_BYTES,
    SESSION_S,
    BadLine,
    RunRequest,
    Started,
    encode_line,
    not_run,
    read_line,
)

REQUEST_S = 5.0
SEND_S = 5.0
# Made once, in the process that all others are forked from.
_REQUESTS = msgspec.json.Decoder(RunRequest)


def serve(
    connection: socket.socket,
    prepared: PreparedCommand,
    context: ExecutionContext,
    begin_session: Callable[[], bool],
) -> None:
    """Execute the one command that is asked for.

    Args:
        connection: The client's.
        prepared: What waits for the command.
        context: What it may use.
        begin_session: Asks for the place of a program that is talked to; whether there is one.

    Raises:
        OSError: the client left, or what was prepared for the command is gone.
    """
    try:
        spec = _spec(read_line(connection, REQUEST_BYTES, REQUEST_S), context)
    except EOFError:
        return
    except BadLine as error:
        _send(connection, not_run(str(error)))
        return
    if spec.session is not None and not begin_session():
        _send(connection, not_run("too many programs are running already"))
        return
    if spec.session is None and _has_left(connection):
        return
    if not _send(connection, Started()):
        return  # who is not told of the start takes it for not begun
    if spec.session is not None:
        SessionRun(spec, prepared, context, connection).talk()
        return
    _send(connection, Execution(spec, prepared, context, connection).run())


def _spec(line: bytes, context: ExecutionContext) -> CommandSpec:
    """Read what is to be executed.

    Raises:
        BadLine: the request is not one, or this runner does not execute it.
    """
    try:
        request = _REQUESTS.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadLine("the request is not understood") from None
    if not request.argv:
        raise BadLine("the command is empty")
    if any("\0" in word for word in request.argv):
        raise BadLine("a command cannot hold NUL characters")
    if request.privileged:
        raise BadLine("this runner has no privileged commands")
    limit = context.limits.timeout_s if request.session is None else SESSION_S
    folders = request.folders if request.session is None else request.session.folders
    if folders is not None and context.isolation == "none":
        raise BadLine("nothing on this machine keeps a program from the files of people")
    if not 0 < request.timeout_s <= limit:
        raise BadLine(f"a command has at most {limit:g} s")
    if not (request.network or context.filtered or context.isolation != "none"):
        raise BadLine("nothing on this machine keeps a command from the network")
    program = find_program(request.argv[0])
    if program is None:
        raise BadLine(f"{request.argv[0]}: there is no such program on this machine")
    return CommandSpec(
        program=program,
        argv=request.argv,
        network=request.network,
        timeout_s=request.timeout_s,
        folders=folders,
        session=request.session,
    )


def _has_left(connection: socket.socket) -> bool:
    poll = select.poll()
    poll.register(connection, select.POLLIN | select.POLLRDHUP)
    return bool(poll.poll(0))


def _send(connection: socket.socket, message: msgspec.Struct) -> bool:
    """Send a message; return whether all of it could be sent."""
    connection.settimeout(SEND_S)
    try:
        connection.sendall(encode_line(message))
    except (TimeoutError, BrokenPipeError, ConnectionResetError):
        return False
    return True
