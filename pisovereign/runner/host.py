"""Accepts connections and gives each a process of its own, forked from this small one."""

from __future__ import annotations

import contextlib
import gc
import os
import selectors
import signal
import socket
from collections.abc import Callable

from pisovereign.runner import kernel
from pisovereign.runner.processes import descendants, reap

BACKLOG = 16


class Host:
    """The loop of the runner.

    Forking is safe here: the process has one thread, and starts its children itself. It does
    nothing with what a client sends; only the children read that.

    Args:
        listener: the socket.
        serve: what a child does with its connection.
        parallel: how many connections are served at once; others wait.
    """

    def __init__(
        self, listener: socket.socket, serve: Callable[[socket.socket], None], parallel: int
    ) -> None:
        self._listener = listener
        self._serve = serve
        self._parallel = parallel
        self._children: set[int] = set()
        self._stopped = False

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        self._listener.listen(BACKLOG)
        self._listener.setblocking(False)
        # What a killed child leaves behind becomes this process's, and is killed.
        kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
        gc.collect()
        gc.freeze()
        woken, waker = socket.socketpair()
        with woken, waker, selectors.DefaultSelector() as selector:
            waker.setblocking(False)
            woken.setblocking(False)
            signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
            signal.signal(signal.SIGCHLD, lambda *_: None)
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, self._stop)
            selector.register(woken, selectors.EVENT_READ)
            listening = False
            while not self._stopped:
                self._tidy()
                room = len(self._children) < self._parallel
                if room and not listening:
                    selector.register(self._listener, selectors.EVENT_READ)
                elif listening and not room:
                    selector.unregister(self._listener)
                listening = room
                for key, _ in selector.select():
                    if key.fileobj is woken:
                        woken.recv(1024)
                    else:
                        self._accept()

    def _stop(self, *_: object) -> None:
        self._stopped = True

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        parent = os.getpid()
        with connection:
            child = os.fork()
            if child != 0:
                self._children.add(child)
                return
            try:
                self._become_child(parent)
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    self._serve(connection)
            finally:
                os._exit(0)

    def _become_child(self, parent: int) -> None:
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        self._listener.close()

    def _tidy(self) -> None:
        """Forget the children that ended, and kill what one of them could not."""
        ended = reap().keys()
        self._children -= ended
        if not ended:
            return
        for process in descendants(os.getpid()):
            if process.parent == os.getpid() and process.pid not in self._children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
