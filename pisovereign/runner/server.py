"""The runner's server: accept connections, and give each to a process that was prepared for it."""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from collections.abc import Set as AbstractSet

from pisovereign.process import syscalls
from pisovereign.process.syscalls import peer_user_id
from pisovereign.runner.processes import descendants, reap

BACKLOG = 16
# Not while the command that was just handed over needs the processor.
PREPARE_AFTER_S = 0.02
Serve = Callable[[socket.socket, Callable[[], bool]], None]
_ASK_S = 5.0
_ASK, _YES, _NO = b"s", b"y", b"n"


class Server:
    """Accepts connections and keeps one prepared process for the next.

    Forking is safe here: the process has one thread, and starts its children itself. It does
    nothing with what a client sends; only the children read that, and each serves one client.

    Args:
        listener: the socket.
        prepare: what a child does before it has a connection; returns what it does with one.
        allowed: the users who may connect.
        parallel: how many connections are served at once; others wait.
        sessions: how many programs may be talked to at once, beside those.
        adopts: whether a child that is killed may leave processes behind.
    """

    def __init__(
        self,
        listener: socket.socket,
        prepare: Callable[[], Serve],
        *,
        allowed: AbstractSet[int],
        parallel: int,
        sessions: int,
        adopts: bool,
    ) -> None:
        self._listener = listener
        self._prepare = prepare
        self._allowed = allowed
        self._parallel = parallel
        self._most_sessions = sessions
        self._sessions: set[int] = set()
        # To each child that has a connection: by it, it asks for the place of a session.
        self._channels: dict[int, socket.socket] = {}
        self._adopts = adopts
        self._busy: set[int] = set()
        self._spare = 0
        self._to_spare: socket.socket | None = None
        self._stopped = False

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        self._listener.listen(BACKLOG)
        self._listener.setblocking(False)
        if self._adopts:
            # What a killed child leaves behind becomes this process's, and is killed.
            syscalls.prctl(syscalls.PR_SET_CHILD_SUBREAPER, 1)
        gc.collect()
        gc.freeze()
        woken, waker = socket.socketpair()
        with woken, waker, selectors.DefaultSelector() as selector:
            self._set_signals(woken, waker)
            selector.register(woken, selectors.EVENT_READ)
            self._serve(selector, woken)
            _ignore_signals()

    def _serve(self, selector: selectors.BaseSelector, woken: socket.socket) -> None:
        listening = False
        while not self._stopped:
            self._tidy()
            room = len(self._busy) < self._parallel
            if room and not listening:
                selector.register(self._listener, selectors.EVENT_READ)
            elif listening and not room:
                selector.unregister(self._listener)
            listening = room
            lacks_spare = room and self._to_spare is None
            events = selector.select(PREPARE_AFTER_S if lacks_spare else None)
            if lacks_spare and not events:
                self._fork()
            for key, _ in events:
                if key.fileobj is woken:
                    woken.recv(1024)
                elif isinstance(key.data, int):
                    self._answer_child(selector, key.data)
                else:
                    self._accept(selector)

    def _answer_child(self, selector: selectors.BaseSelector, child: int) -> None:
        """Give a child the place of a session, if there is one; it frees that of a command."""
        channel = self._channels[child]
        try:
            asked = channel.recv(1)
            if asked == _ASK:
                free = len(self._sessions) < self._most_sessions
                channel.send(_YES if free else _NO)
                if free:
                    self._busy.discard(child)
                    self._sessions.add(child)
                return
        except OSError:
            pass
        selector.unregister(channel)
        self._channels.pop(child).close()

    def _set_signals(self, woken: socket.socket, waker: socket.socket) -> None:
        woken.setblocking(False)
        waker.setblocking(False)
        signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, *_: object) -> None:
        self._stopped = True

    def _accept(self, selector: selectors.BaseSelector) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        with connection:
            # Here, where users have their own numbers: in a user namespace all others have one.
            if peer_user_id(connection) not in self._allowed:
                return
            if self._to_spare is None or not self._hand_over(selector, connection):
                # There is none yet, or it was killed just now.
                self._fork()
                self._hand_over(selector, connection)

    def _hand_over(self, selector: selectors.BaseSelector, connection: socket.socket) -> bool:
        assert self._to_spare is not None
        channel, self._to_spare = self._to_spare, None
        self._busy.add(self._spare)
        try:
            socket.send_fds(channel, [b"c"], [connection.fileno()])
        except OSError:
            channel.close()
            return False
        channel.setblocking(False)
        self._channels[self._spare] = channel
        selector.register(channel, selectors.EVENT_READ, self._spare)
        return True

    def _fork(self) -> None:
        """Fork the child that the next connection will be given to."""
        parent = os.getpid()
        here, there = socket.socketpair()
        child = os.fork()
        if child != 0:
            there.close()
            self._spare, self._to_spare = child, here
            return
        try:
            here.close()
            self._become_child(parent)
            serve = self._prepare()
            _, descriptors, _, _ = socket.recv_fds(there, 1, 1)
            if not descriptors:  # the host ended
                return
            with socket.socket(fileno=descriptors[0]) as connection:
                serve(connection, lambda: _may_begin(there))
        finally:
            # This is the end of the process, so nobody above would tell.
            if sys.exc_info()[0] is not None:
                traceback.print_exc()
            os._exit(0)

    def _become_child(self, parent: int) -> None:
        syscalls.prctl(syscalls.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        self._listener.close()

    def _tidy(self) -> None:
        """Forget the children that ended, and kill what one of them could not."""
        ended = reap().keys()
        self._busy -= ended
        self._sessions -= ended
        if self._spare in ended and self._to_spare is not None:
            self._to_spare.close()
            self._to_spare = None
        if not (ended and self._adopts):
            return
        ours = {*self._busy, *self._sessions, self._spare}
        for process in descendants(os.getpid()):
            if process.parent == os.getpid() and process.pid not in ours:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)


def _may_begin(channel: socket.socket) -> bool:
    """Ask for the place of a session."""
    channel.settimeout(_ASK_S)
    try:
        channel.send(_ASK)
        return channel.recv(1) == _YES
    except OSError:
        return False


def _ignore_signals() -> None:
    """Ignore signals: a handler that runs now could keep the process from ending."""
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
