"""Look after the engine: tune it while idle, exchange its model, and pass on its signs of life."""

from __future__ import annotations

import os
import signal
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pisovereign.engine_client.switching import switch_socket
from pisovereign.errors import StartError
from pisovereign.files import private_folder
from pisovereign.logs import set_up_logging
from pisovereign.process.child_signals import child_signals
from pisovereign.process.notify import Notifier
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.engine_command import EngineOptions
from pisovereign.supervisor.engine_keeper import LOAD_LIMIT_S, EngineKeeper
from pisovereign.supervisor.engine_launcher import EngineLauncher, drop_missing
from pisovereign.supervisor.idle_tuning import IdleTuning
from pisovereign.supervisor.switch_socket import switch_socket_at

_LOOK_S = 0.2
_STOP_S = 10.0
_LONGEST = 64
_CREDENTIALS = struct.Struct("3i")  # process, user and group, as the kernel knows them
_MOST = 64


def keep_engine(
    options: EngineOptions,
    *,
    models: Path,
    state: Path,
    socket: Path,
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Run the engine until SIGTERM.

    Args:
        options: The settings.
        models: The folder of the models, which is only read.
        state: The folder of the engine.
        socket: The socket to listen on.
        environ: The environment of this process.

    Raises:
        StartError: Settings contradict each other, or a model is missing.
    """
    set_up_logging(options.telemetry.log_level, options.telemetry.log_format)
    notifier = Notifier.from_environment()
    launcher = EngineLauncher(
        options,
        models=models,
        data_dir=private_folder(state),
        state_dir=private_folder(state / "prompt"),
        socket=socket,
        # Only the engine has this account, so its group can mean: who may use the engine.
        more=["--group-socket", f"--parent-pid={os.getpid()}"],
    )
    active = ActiveModel(state, options.model)
    drop_missing(active, launcher)
    if missing := launcher.missing(active.model):
        ids = " ".join(missing)
        raise StartError(f"not in {models}: {ids}; get it with: pisovereign-cli models pull {ids}")
    launcher.settle(active.model)
    stopping = _stop_on_signals()
    with ExitStack() as stack:
        signs = stack.enter_context(_engine_signs(socket.with_name("notify")))
        engine_environment = {**environ, **signs.environment(notifier.watchdog_s)}
        keeper = EngineKeeper(launcher, active, engine_environment, group=True)
        stack.callback(keeper.stop, _STOP_S)
        keeper.start()
        switching = stack.enter_context(
            switch_socket_at(switch_socket(socket), keeper.use, lambda: keeper.state, group=True)
        )
        tuning = None
        if options.engine.tunes_while_idle:
            tuning = IdleTuning(keeper, launcher, environ, after_s=options.engine.tune_after_s)
            stack.callback(tuning.stop)
        watch = _Watch(keeper, signs, notifier)
        ends = stack.enter_context(child_signals())
        while not stopping():
            keeper.tend()
            switching.tend()
            if tuning is not None:
                tuning.tend()
            watch.tend()
            ends.wait(_LOOK_S)


class _Watch:
    """Tells systemd that the engine serves, and that it still works."""

    def __init__(self, keeper: EngineKeeper, signs: _EngineSigns, notifier: Notifier) -> None:
        self._keeper = keeper
        self._signs = signs
        self._notifier = notifier
        self._ready = False
        self._last_served = time.monotonic()

    def tend(self) -> None:
        """Pass on signs of life; while none can be given, as a model is loaded, give some."""
        keeper, now = self._keeper, time.monotonic()
        if keeper.serves:
            self._last_served = now
            if not self._ready:
                self._ready = True
                self._notifier.ready()
            if keeper.pid in self._signs.alive():
                self._notifier.alive()
        elif now - self._last_served < LOAD_LIMIT_S:
            self._notifier.alive_if_due()


def _stop_on_signals() -> Callable[[], bool]:
    """Return what tells whether this process was told to end."""
    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    return lambda: bool(told)


class _EngineSigns:
    """Reads what processes say to a socket of ours, as if we were systemd.

    Args:
        inbox: the socket.
        path: where it is.
    """

    def __init__(self, inbox: socket.socket, path: Path) -> None:
        self._inbox = inbox
        self._path = path
        inbox.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        inbox.setblocking(False)

    def environment(self, watchdog_s: float) -> dict[str, str]:
        """Return the variables with which an engine gives signs of life.

        Args:
            watchdog_s: the time in which one is expected; 0: none is.
        """
        return {"NOTIFY_SOCKET": str(self._path), "WATCHDOG_USEC": str(int(watchdog_s * 1e6))}

    def alive(self) -> set[int]:
        """Return the ids of processes that have given a sign since this was asked last."""
        found = set()
        for _ in range(_MOST):
            try:
                words, extra, _, _ = self._inbox.recvmsg(
                    _LONGEST, socket.CMSG_SPACE(_CREDENTIALS.size)
                )
            except BlockingIOError:
                break
            for level, kind, data in extra:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS) and (
                    words == b"WATCHDOG=1"
                ):
                    found.add(_CREDENTIALS.unpack(data)[0])
        return found


@contextmanager
def _engine_signs(path: Path) -> Iterator[_EngineSigns]:
    """Listen at a path, and remove the socket afterwards."""
    path.unlink(missing_ok=True)
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(str(path))
        path.chmod(0o600)
        try:
            yield _EngineSigns(inbox, path)
        finally:
            path.unlink(missing_ok=True)
