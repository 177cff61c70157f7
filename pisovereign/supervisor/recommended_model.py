"""A better model for an installation whose configuration names none: fetched, tried and offered."""

from __future__ import annotations

import contextlib
import logging
import os
import subprocess
import sys
from collections.abc import Generator, Mapping
from pathlib import Path

import msgspec

from pisovereign.engine_client.switching import FetchProgress
from pisovereign.errors import StartError
from pisovereign.process.own_program import typed_name
from pisovereign.supervisor.engine_keeper import LOAD_LIMIT_S, EngineKeeper

_log = logging.getLogger(__name__)
_PIECE = 65536
_SHOWN_PERCENT = 10
_STOP_S = 5.0


class RecommendedModel:
    """Has the recommended model fetched by a process of its own, tries it, and offers it.

    Args:
        keeper: looks after the engine.
        models: the folder of the models.
        environment: of the process.
    """

    def __init__(self, keeper: EngineKeeper, models: Path, environment: Mapping[str, str]) -> None:
        self._keeper = keeper
        self._models = models
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._heard = b""
        self._shown = -1
        self._trial: Generator[None, None, str] | None = None
        self.progress: FetchProgress | None = None

    def start(self) -> None:
        """Begin to fetch it."""
        argv = [
            sys.executable,
            "-m",
            "pisovereign.supervisor.recommended_fetch",
            f"--root={self._models}",
            f"--used={self._keeper.state.model}",
            f"--parent-pid={os.getpid()}",
        ]
        self._process = subprocess.Popen(
            argv, env=self._environment, stdout=subprocess.PIPE, start_new_session=True
        )
        assert self._process.stdout is not None, "it is a pipe"
        os.set_blocking(self._process.stdout.fileno(), False)

    def tend(self) -> None:
        """Go on with what is under way; called a few times a second."""
        if self._process is not None and self._process.stdout is not None:
            try:
                piece = os.read(self._process.stdout.fileno(), _PIECE)
            except BlockingIOError:
                return
            self._heard += piece
            *lines, self._heard = self._heard.split(b"\n")
            for line in lines:
                # What libraries may print is no reason to end everything.
                with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError):
                    self._hear(msgspec.json.decode(line, type=FetchProgress))
            if not piece:
                self._ended()
        elif self._trial is not None:
            try:
                next(self._trial)
            except StopIteration as over:
                self._trial = None
                self._tried(over.value)

    def stop(self) -> None:
        """End the fetch, which the next start resumes, or the trial."""
        if self._process is not None:
            self._process.kill()
            # It may be writing to a slow card, and ends once that is done.
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_STOP_S)
            self._process = None
        if self._trial is not None:
            self._trial.close()
            self._trial = None

    def _hear(self, progress: FetchProgress) -> None:
        before, self.progress = self.progress, progress
        model = progress.model
        if progress.stage == "failed":
            _log.warning(
                "%s is recommended for this device, and is not fetched: %s; "
                "later: %s models pull %s",
                model,
                progress.error,
                typed_name("pisovereign-cli"),
                model,
            )
        elif progress.stage == "fetching" and before is None:
            _log.info(
                "fetching %s in the background, which is recommended for this device "
                "(%d MB; --small declines)",
                model,
                progress.total // 10**6,
            )
        elif progress.stage == "fetching":
            percent = 100 * progress.done // max(1, progress.total) // _SHOWN_PERCENT
            if percent > self._shown:
                self._shown = percent
                _log.info("fetching %s: %d %%", model, percent * _SHOWN_PERCENT)

    def _ended(self) -> None:
        """Go on behind the end of the process."""
        if self._process is not None:
            self._process.wait()
            self._process = None
        if self.progress is None or self.progress.stage == "failed":
            return
        if self.progress.stage == "proving":
            self._trial = self._try(self.progress.model)
        else:
            self._hear(FetchProgress(self.progress.model, "failed", error="the fetch has crashed"))

    def _try(self, model: str) -> Generator[None, None, str]:
        """Try the model; returns why it cannot be used, empty if it can, or that is not known."""
        while not self._keeper.serves:
            yield
        try:
            trial = self._keeper.trial(model)
        except (StartError, OSError) as error:
            return str(error)
        if trial is None:
            return ""  # memory takes only one: then it is tried when it is switched to
        try:
            return (yield from trial.until_it_serves(LOAD_LIMIT_S))
        finally:
            trial.kill()
            trial.close()

    def _tried(self, why: str) -> None:
        assert self.progress is not None, "something was tried"
        model = self.progress.model
        if why:
            self._hear(FetchProgress(model, "failed", error=why))
            return
        self.progress = FetchProgress(model, "offered")
        program = typed_name("pisovereign-cli")
        _log.info("%s is there; switch to it with: %s models use %s", model, program, model)
