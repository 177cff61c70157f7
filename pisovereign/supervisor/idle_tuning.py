"""Measuring the engine's settings while nobody needs it, and using what was found unnoticed.

The first start would take a minute longer if it was measured before; so the engine begins with the
defaults. A result that was found beside other work is doubtful: it is measured again after an hour,
as soon as the machine is idle, and counts for a day at most.
"""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Mapping

from pisovereign.engine.tuning.explain import label
from pisovereign.errors import StartError
from pisovereign.supervisor.engine_keeper import EngineKeeper
from pisovereign.supervisor.engine_launcher import EngineLauncher
from pisovereign.supervisor.idle_watch import Idle, IdleWatch, resident_bytes
from pisovereign.supervisor.tuning_results import AGAIN_S, TuningResult

_log = logging.getLogger(__name__)

# Where something always computes, a doubtful result after so long is better than none.
_BUSY_S = 900.0
_UNLOADED_S = 20.0
# Whether memory takes another model, and what is kept, need not be known more often.
_LOOK_S = 10.0
# Between measurements whose results are doubtful: what a machine is like changes little.
_MOST_PAUSE_S = 24 * AGAIN_S


class IdleTuning:
    """Starts the tuner, ends it when somebody asks, and has the engine exchanged.

    Args:
        keeper: looks after the engine.
        launcher: knows what was measured, and how the tuner is started.
        environment: of the tuner.
        after_s: seconds in which nobody has asked.
        watch: tells how long that is.
        now: a clock that only goes forward.
    """

    def __init__(
        self,
        keeper: EngineKeeper,
        launcher: EngineLauncher,
        environment: Mapping[str, str] | None = None,
        *,
        after_s: float,
        watch: IdleWatch | None = None,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._keeper = keeper
        self._launcher = launcher
        self._environment = environment
        self._after_s = after_s
        self._watch = watch or IdleWatch()
        self._now = now
        self._process: subprocess.Popen[bytes] | None = None
        self._ending: list[subprocess.Popen[bytes]] = []
        self._model = ""
        self._due: float | None = None
        self._not_before = 0.0
        self._pause_s = AGAIN_S
        self._found: TuningResult | None = None
        self._exchanging = False

    @property
    def measures(self) -> bool:
        """Return whether the tuner runs."""
        return self._process is not None

    def tend(self) -> None:
        """Go on with what is under way; called a few times a second."""
        self._ending = [process for process in self._ending if process.poll() is None]
        try:
            self._tend()
        except (StartError, OSError) as error:
            self._due = self._now() + AGAIN_S
            _log.warning("the engine's settings cannot be measured now: %s", error)

    def stop(self) -> None:
        """End the tuner; nobody waits for it, as a write to a slow card may delay its end."""
        if self._process is not None:
            self._process.kill()
            self._ending.append(self._process)
            self._process = None

    def _tend(self) -> None:
        model = self._keeper.state.model
        if model != self._model:
            self.stop()
            self._model, self._found, self._exchanging = model, None, False
            self._pause_s = AGAIN_S
            self._plan()
        if self._process is None and self._found is None and self._due is None:
            return  # a sure result is in use
        idle = self._watch.see(self._keeper.pid)
        if self._process is not None:
            self._go_on(idle)
        elif not self._keeper.serves or self._keeper.exchanges or self._ending:
            return
        elif self._found is not None:
            self._use(idle)
        elif self._is_time(idle):
            self._begin()

    def _plan(self) -> None:
        """Decide when to measure, and whether what is kept has yet to be used."""
        kept = self._launcher.kept(self._model)
        self._found = kept
        if kept is None:
            self._due = self._now()
        elif kept.doubts:
            age_s = max(0.0, time.time() - kept.measured_at)
            self._due = self._now() + max(0.0, self._pause_s - age_s)
        else:
            self._due = None

    def _is_time(self, idle: Idle) -> bool:
        now = self._now()
        if self._due is None or now < self._due or idle.unasked_s < self._after_s:
            return False
        if now < self._not_before:
            return False
        self._not_before = now + _LOOK_S
        kept = self._launcher.kept(self._model)
        busy_s = idle.unasked_s - self._after_s
        if idle.unloaded_s < min(_UNLOADED_S, self._after_s) and (
            busy_s < _BUSY_S or kept is not None
        ):
            return False
        if kept is not None and not kept.doubts:  # somebody has measured by hand
            self._plan()
            return False
        return self._launcher.fits_beside(self._model)

    def _begin(self) -> None:
        _log.info("finding the fastest settings for %s while nobody asks", self._model)
        self._process = subprocess.Popen(
            self._launcher.background_argv(self._model),
            env=self._environment,
            start_new_session=True,
        )

    def _go_on(self, idle: Idle) -> None:
        assert self._process is not None, "it was begun"
        if self._keeper.exchanges:
            self.stop()  # it has taken the memory that another model needs
            return
        code = self._process.poll()
        if code is None:
            if idle.unasked_s < 1.0:
                self.stop()
                _log.info("the settings are not found yet: the engine is asked; later again")
            return
        self._process = None
        found = self._launcher.kept(self._model) if code == 0 else None
        if found is None:
            self._due = self._now() + AGAIN_S
            _log.warning("settings were not found; later again")
            return
        for doubt in found.doubts:
            _log.warning("the settings that were found count for a day: %s", doubt)
        self._plan()
        if found.doubts:
            self._pause_s = min(_MOST_PAUSE_S, 4 * self._pause_s)

    def _use(self, idle: Idle) -> None:
        """Exchange the engine, if it is to compute in another way."""
        assert self._found is not None, "something was found"
        choice = self._found.choice
        if choice == self._launcher.in_use(self._model):
            self._found, self._exchanging = None, False
            _log.info("the engine's settings: %s", label(choice, "final"))
            return
        if self._exchanging:  # the other engine did not prove itself
            self._found, self._exchanging = None, False
            self._due = self._now() + AGAIN_S
            return
        # The next question waits for its prompt to be read anew, so there should be none for now.
        paused = idle.unasked_s >= min(_UNLOADED_S, self._after_s)
        now = self._now()
        if not paused or now < self._not_before:
            return
        self._not_before = now + _LOOK_S
        # Else the next start uses it.
        if self._launcher.fits_whole(self._model, resident_bytes(self._keeper.pid)):
            self._exchanging = self._keeper.renew(choice)
