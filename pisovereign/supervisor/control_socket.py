"""The socket on which the API asks for a new start, or for a restore that ends in one."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from pisovereign.backup.restore_state import UNDER_WAY, begin_state, read_state, try_to_note
from pisovereign.backup.switch import is_pending
from pisovereign.errors import StartError
from pisovereign.process.control import ControlRequest, RestoreOrder
from pisovereign.process.line_socket import Begun, LineSocket
from pisovereign.process.unix_socket import listening

_STOP_S = 10.0
_log = logging.getLogger(__name__)


class ControlSocket:
    """Takes requests, and runs the program that prepares a restore.

    Attributes:
        restart_wanted: everything is to be ended and started again.
    """

    def __init__(self, listener: socket.socket, data_dir: Path) -> None:
        self.restart_wanted = False
        self._data_dir = data_dir
        self._lines = LineSocket(listener, self._reply)
        self._restoring: subprocess.Popen[bytes] | None = None

    def tend(self) -> None:
        """Answer requests, and notice the end of a program; called a few times a second."""
        self._lines.tend()
        if self._restoring is None or (code := self._restoring.poll()) is None:
            return
        self._restoring = None
        # Whatever became of the program: once it has decided, the next start completes the restore.
        if code == 0 or is_pending(self._data_dir):
            _log.info("a backup was restored beside this installation, and takes its place now")
            self.restart_wanted = True
        elif (state := read_state(self._data_dir)) and state.stage in UNDER_WAY:
            self._failed(f"it ended with {code}; nothing was changed")

    def _reply(self, line: bytes) -> bytes:
        try:
            refusal = self._refusal(msgspec.json.decode(line, type=ControlRequest))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            refusal = "the request cannot be read"
        return msgspec.json.encode(Begun(refusal))

    def stop(self) -> None:
        """End a program that prepares a restore; if it has decided, the next start completes it."""
        if self._restoring is not None:
            self._restoring.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._restoring.wait(_STOP_S)
            self._restoring.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._restoring.wait(_STOP_S)
            self._restoring = None

    def _refusal(self, request: ControlRequest) -> str:
        if self.restart_wanted:
            return "everything is about to be started again"
        if self._restoring is not None:
            return "a backup is being restored"
        if request.restore is not None:
            return self._begin(request.restore)
        self.restart_wanted = True
        return ""

    def _begin(self, order: RestoreOrder) -> str:
        argv = [
            *(sys.executable, "-m", "pisovereign.backup.prepare_program", order.file),
            f"--parent-pid={os.getpid()}",
            *([] if order.with_config else ["--without-config"]),
        ]
        try:
            begin_state(self._data_dir, Path(order.file).name)
        except StartError as error:
            return str(error)
        try:
            self._restoring = subprocess.Popen(argv, stdin=subprocess.PIPE, start_new_session=True)
            assert self._restoring.stdin is not None
            with contextlib.suppress(BrokenPipeError), self._restoring.stdin as pipe:
                pipe.write(order.passphrase.encode())  # far less than a pipe holds
        except OSError as error:
            why = f"it cannot be started: {error.strerror}"
            self._failed(why)
            return why
        return ""

    def _failed(self, why: str) -> None:
        _log.warning("a restore failed: %s", why)
        try_to_note(self._data_dir, "failed", error=why)


@contextlib.contextmanager
def control_socket_at(path: Path, data_dir: Path) -> Iterator[ControlSocket]:
    """Listen at a path, and remove the socket afterwards.

    Raises:
        StartError: it cannot be had.
    """
    with listening(path) as listener:
        control = ControlSocket(listener, data_dir)
        try:
            yield control
        finally:
            control.stop()
