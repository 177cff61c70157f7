"""The engine of an installation: started again when it ends, and exchanged for another model's.

A model that is switched to is loaded by a process of its own, which has to write an answer before
it gets a client. If memory takes both models, it is loaded beside the one that serves, and the name
of the socket moves to it in one step. Otherwise a socket that nobody reads from takes the name
first; who connects waits there until running answers are complete, the old process has ended, and
the new one serves; should it fail, the old model is loaded again, and serves them.

The choice is written after the proof and before the socket moves, so whatever is killed at whatever
moment, the next start finds a model that has worked.
"""

from __future__ import annotations

import logging
import signal
import socket
import time
from collections.abc import Callable, Generator, Mapping

from pisovereign.engine.compute_settings import EngineChoice
from pisovereign.engine.errors import MODEL_UNUSABLE
from pisovereign.engine.memory import available_memory
from pisovereign.engine_client.switching import EngineState, Stage, SwitchProgress
from pisovereign.errors import StartError
from pisovereign.supervisor.active_model import ActiveModel
from pisovereign.supervisor.child import Backoff
from pisovereign.supervisor.engine_launcher import EngineLauncher
from pisovereign.supervisor.engine_process import EngineProcess, how_it_ended
from pisovereign.supervisor.next_socket import NextSocket

_log = logging.getLogger(__name__)

LOAD_LIMIT_S = 600.0
# Running answers may take this long when a model has to wait for them.
DRAIN_LIMIT_S = 300.0
# A model that ends so often without serving anybody is given up for the configured one.
_MOST_FAILURES = 3
_MOST_UNUSABLE = 2

Steps = Generator[None, None, None]


class SwitchRefused(Exception):
    """No exchange was begun; the text is one line that says why."""


class EngineKeeper:
    """Looks after the engine.

    Args:
        launcher: makes its command lines.
        active: remembers which model is in use.
        environment: the engine's; None: this process's own.
        group: whether the socket's group may connect too.
        available: tells the bytes of memory that are free.
    """

    def __init__(
        self,
        launcher: EngineLauncher,
        active: ActiveModel,
        environment: Mapping[str, str] | None = None,
        *,
        group: bool = False,
        available: Callable[[], int] = available_memory,
    ) -> None:
        self._launcher = launcher
        self._active = active
        self._environment = environment
        self._available = available
        self._socket = launcher.socket
        self._next = NextSocket(launcher.socket, "engine.next", group=group)
        # An engine may end, and be started again, while the next model's has its socket already.
        self._again = NextSocket(launcher.socket, "engine.again", group=group)
        self._current: EngineProcess | None = None
        self._candidate: EngineProcess | None = None
        self._leaving: list[EngineProcess] = []
        self._held: socket.socket | None = None
        self._backoff = Backoff()
        self._not_before = 0.0
        self._failures = 0
        self._steps: Steps | None = None
        self._progress: SwitchProgress | None = None
        self._renewing = False
        self._wanted: str | None = None

    @property
    def exchanges(self) -> bool:
        """Return whether one engine is being exchanged for another."""
        return self._steps is not None

    @property
    def state(self) -> EngineState:
        """Return which model is in use, and how the last exchange went."""
        now = self._active
        return EngineState(now.model, now.configured, now.earlier, self._progress)

    @property
    def serves(self) -> bool:
        """Return whether an engine answers its clients."""
        return self._current is not None and self._current.report() == ""

    @property
    def pid(self) -> int:
        """Return the process id of the engine in use; 0: there is none."""
        return self._current.pid if self._current else 0

    def start(self) -> None:
        """Start the engine.

        Raises:
            StartError: the model is not there, or settings exclude each other.
        """
        self._next.remove()
        self._again.remove()
        self._current = self._start(self._active.model)

    def use(self, model: str) -> None:
        """Begin to exchange the model; `tend` goes on with it.

        Raises:
            SwitchRefused: an exchange is under way, or the model cannot be had.
        """
        loading = self._wanted or (self._progress and self._steps and not self._renewing)
        if loading and self._progress:
            raise SwitchRefused(f"{self._progress.model} is being loaded; try again later")
        try:
            if not self._launcher.is_for_chat(model):
                raise SwitchRefused(f"{model} is not for chat")
            self._launcher.require(model)
        except StartError as error:
            raise SwitchRefused(str(error)) from None
        if model == self._active.model:
            self._progress = None
            return
        self._progress = SwitchProgress(model, "loading", "")
        if self._renewing:
            self._wanted = model  # in a moment: nobody knows of the exchange that is under way
        else:
            self._steps = self._switch(model)

    def renew(self, choice: EngineChoice) -> bool:
        """Begin to exchange the engine for one of the same model with another choice.

        Nobody is told: running answers are completed, and if the new one does not prove itself, the
        old one serves on. Returns False if an exchange is under way already.
        """
        if self._steps is not None or self._current is None:
            return False
        self._launcher.adopt(self._active.model, choice)
        self._renewing = True
        self._steps = self._switch(self._active.model)
        return True

    def trial(self, model: str) -> EngineProcess | None:
        """Return a process that tries a model and gets no client; None: memory does not take it.

        Raises:
            StartError: the model is not there.
        """
        if self._steps is not None or not self._fits_beside(model):
            return None
        with self._next.listen() as listener:
            trial = self._start(model, listener, prove=True)
        self._next.remove()
        return trial

    def tend(self) -> None:
        """Go on with what is under way; called a few times a second."""
        self._restart_ended()
        if self._steps is not None:
            try:
                next(self._steps)
            except StopIteration:
                self._steps, self._renewing = None, False
                if self._wanted is not None:
                    self._steps, self._wanted = self._switch(self._wanted), None
        for process in [process for process in self._leaving if process.returncode is not None]:
            process.close()
            self._leaving.remove(process)

    def stop(self, limit_s: float) -> None:
        """Ask all processes to end, and enforce it after `limit_s`."""
        processes = [*filter(None, (self._candidate, self._current)), *self._leaving]
        for process in processes:
            process.ask_to_stop()
        for process in processes:
            process.wait_stopped(limit_s)
        self._release()
        self._socket.unlink(missing_ok=True)

    def _start(
        self, model: str, listener: socket.socket | None = None, *, prove: bool = False
    ) -> EngineProcess:
        argv = [*self._launcher.argv(model), *(["--probe"] if prove else [])]
        return EngineProcess(argv, self._environment, listener=listener, expendable=prove)

    def _restart_ended(self) -> None:
        if self._current is None:
            if self._held is None and time.monotonic() >= self._not_before:
                self._start_again()
            return
        if (code := self._current.returncode) is None:
            return
        if self.serves:
            # It can start. Pauses are for one that cannot; in them clients would be refused.
            self._backoff, self._failures = Backoff(), 0
        else:
            self._failures += 1
            if code != -signal.SIGKILL:  # which says nothing about the weights
                self._launcher.doubt(self._active.model)
        pause = self._backoff.next_pause(time.monotonic() - self._current.started)
        _log.warning("engine ended with %d; starting it again in %g s", code, pause)
        self._current.close()
        self._current, self._not_before = None, time.monotonic() + pause
        # One that cannot be used is tried once more: its converted weights may be damaged.
        most = _MOST_UNUSABLE if code == MODEL_UNUSABLE else _MOST_FAILURES
        given_up = self._failures >= most
        if given_up and self._active.model != self._active.configured:
            self._active.forget("it cannot be used any more")
        if not pause and self._held is None:
            self._start_again()

    def _start_again(self) -> None:
        """Start the engine with a socket that has the name already: who connects waits for it."""
        try:
            with self._again.listen() as listener:
                self._current = self._start(self._active.model, listener)
                self._again.take_name()
        except (StartError, OSError) as error:
            pause = self._backoff.next_pause(0.0)
            self._not_before = time.monotonic() + pause
            _log.error("engine: %s; trying again in %g s", error, pause)

    def _switch(self, model: str) -> Steps:
        """Exchange the model; each step ends where something is waited for."""
        # Of three engines at once none would get on.
        yield from self._wait_for_leaving()
        try:
            if self._fits_beside(model):
                _log.info("loading %s beside %s", model, self._active.model)
                yield from self._beside(model)
            else:
                _log.info("loading %s: memory does not take two models", model)
                yield from self._in_turn(model)
        except (StartError, OSError) as error:
            self._fail(model, str(error))
        finally:
            self._release()

    def _fits_beside(self, model: str) -> bool:
        return self._launcher.fits_beside(model, self._available())

    def _beside(self, model: str) -> Steps:
        with self._next.listen() as listener:
            candidate = self._start_candidate(model, listener, prove=True)
        if why := (yield from candidate.until_it_serves(LOAD_LIMIT_S)):
            self._fail(model, why)
            return
        # One that was started again meanwhile has clients that wait for it.
        while candidate.returncode is None and self._current is not None and not self.serves:
            if time.monotonic() - self._current.started > LOAD_LIMIT_S:
                break
            yield
        if (code := candidate.returncode) is not None:
            self._fail(model, how_it_ended(code))
            return
        self._choose(model)
        self._next.take_name()
        self._leave()
        self._promote(model)

    def _in_turn(self, model: str) -> Steps:
        """Load a model where the old one was; who connects meanwhile waits."""
        before = self._active.model
        self._tell(model, "waiting")
        self._held = held = self._next.listen()
        self._next.take_name()
        self._leave()
        yield from self._wait_for_leaving()
        for process in self._leaving:
            process.kill()
        self._tell(model, "loading")
        try:
            candidate = self._start_candidate(model, held, prove=True)
            why = yield from candidate.until_it_serves(LOAD_LIMIT_S)
            if not why:
                self._choose(model)
                self._promote(model)
                return
        except (StartError, OSError) as error:
            why = str(error)
        self._fail(model, why)
        former = self._start_candidate(before, held, prove=False)
        if why := (yield from former.until_it_serves(LOAD_LIMIT_S)):
            self._discard_candidate()
            _log.error("%s does not serve again: %s", before, why)
        else:
            self._current, self._candidate = former, None

    def _start_candidate(
        self, model: str, listener: socket.socket, *, prove: bool
    ) -> EngineProcess:
        self._candidate = self._start(model, listener, prove=prove)
        return self._candidate

    def _leave(self) -> None:
        """Have the engine that served until now answer its clients and end."""
        if self._current is not None:
            self._current.retire()
            self._leaving.append(self._current)
            self._current = None

    def _choose(self, model: str) -> None:
        if not self._renewing:
            self._active.choose(model)

    def _promote(self, model: str) -> None:
        assert self._candidate is not None, "only what was proven is promoted"
        self._candidate.keep()
        self._current, self._candidate = self._candidate, None
        self._backoff, self._failures = Backoff(), 0
        if self._renewing:
            _log.info("%s computes with other settings now", model)
            return
        self._tell(model, "done")
        _log.info("the model is %s now", model)

    def _wait_for_leaving(self) -> Steps:
        """Wait until the answers of earlier engines are complete, as far as they ever end."""
        until = time.monotonic() + DRAIN_LIMIT_S
        while any(process.returncode is None for process in self._leaving):
            if time.monotonic() > until:
                return
            yield

    def _release(self) -> None:
        if self._held is not None:
            self._held.close()
            self._held = None
        self._next.remove()

    def _tell(self, model: str, stage: Stage, why: str = "") -> None:
        if not self._renewing:
            self._progress = SwitchProgress(model, stage, why)

    def _fail(self, model: str, why: str) -> None:
        self._launcher.doubt(model)
        self._discard_candidate()
        if self._renewing:
            self._launcher.withdraw(model)
            _log.warning("%s keeps its settings: with others, %s", model, why)
            return
        self._tell(model, "failed", why)
        _log.error("%s cannot be used: %s; %s serves on", model, why, self._active.model)

    def _discard_candidate(self) -> None:
        if self._candidate is not None:
            self._candidate.kill()
            self._candidate.close()
            self._candidate = None
