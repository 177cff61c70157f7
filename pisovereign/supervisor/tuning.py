"""Lets the engine's tuner find the fastest settings once, before the engine starts."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import msgspec

from pisovereign.config import Config
from pisovereign.config_sources import PREFIX
from pisovereign.engine.compute import Choice, ComputeSettings, WaitPolicy
from pisovereign.engine.tuning.board import this_board, this_build
from pisovereign.engine.tuning.report import Report
from pisovereign.engine.tuning.search import StageName
from pisovereign.engine.tuning.workload import Workload
from pisovereign.errors import StartError
from pisovereign.models.store import ModelStore
from pisovereign.supervisor.engine_settings import engine_wishes, untuned, wished_policy
from pisovereign.supervisor.tuned import Subject, Tuned, TunedFiles

_log = logging.getLogger(__name__)

# More sequences and longer contexts than these change nothing in the choice.
_MOST_SEQUENCES, _MOST_CONTEXT = 8, 1024
_STOP_S = 5.0
# Threads that look around take the core from others for a moment, so that has to be worth it.
_ACTIVE_MARGIN = 0.10


class TuningFailed(Exception):
    """There is no result; the text says why."""


class Pass(msgspec.Struct, frozen=True):
    """One process of the tuner.

    Attributes:
        wait_policy: how threads wait.
        stages: what it searches.
        goal_s: time it should take, in seconds, if the board is fast enough.
        limit_s: time after which no measurement begins.
        workload: size of a sample, for results that are to be compared; None: as time allows.
    """

    wait_policy: WaitPolicy
    stages: Sequence[StageName]
    goal_s: float
    limit_s: float
    workload: Workload | None = None


_EVERYTHING: Sequence[StageName] = get_args(StageName)
# A whole search, then a look at the other way of waiting: together within 30 s on a fast board, and
# within three minutes on any.
_GOAL_S, _LIMIT_S = 19.0, 130.0
_SECOND_GOAL_S, _SECOND_LIMIT_S = 7.0, 35.0
# A measurement that has begun in time may end late.
_GRACE_S = 15.0


class Tuner:
    """Tunes the configured model for this board.

    Args:
        config: the configuration.
        data_dir: where results are kept.
        store: the models.

    Raises:
        StartError: settings exclude each other.
    """

    def __init__(self, config: Config, data_dir: Path, store: ModelStore) -> None:
        model = store.model(config.inference.model)
        engine = config.engine
        self._engine = engine
        self._file = store.home(model) / "model.gguf"
        self._files = TunedFiles(data_dir)
        length = engine.context_length or model.context_length
        self.subject = Subject(
            model=model.id,
            sha256=next(file.sha256 for file in model.files if file.name == self._file.name),
            board=this_board(),
            build=this_build(),
            sequences=min(engine.parallel, _MOST_SEQUENCES),
            context=min(length, _MOST_CONTEXT),
            wishes=engine_wishes(engine),
            wait_policy=wished_policy(engine),
        )

    def settle(self) -> Choice:
        """What the engine is to start with: kept, else found now, else the defaults."""
        kept = self.kept()
        if kept is not None:
            return kept.choice
        if self._engine.tune:
            _log.info(
                "finding the fastest settings for %s on this board: once, for about %d seconds, "
                "up to %d on a slow one",
                self.subject.model,
                _GOAL_S + _SECOND_GOAL_S,
                _LIMIT_S + _SECOND_LIMIT_S + _GRACE_S,
            )
            try:
                tuned, _ = self.tune_and_keep()
            except (TuningFailed, StartError) as error:
                _log.warning("settings were not tuned, the defaults are used: %s", error)
            else:
                return tuned.choice
        return untuned(self._engine)

    def kept(self) -> Tuned | None:
        """The result of an earlier run, if there is one."""
        return self._files.load(self.subject)

    def tune_and_keep(self) -> tuple[Tuned, Path]:
        """Measure now, and keep the result; returns it and its file.

        Raises:
            TuningFailed: there is no result.
            StartError: it cannot be kept.
        """
        tuned = self.tune()
        return tuned, self._files.save(tuned)

    def tune(self) -> Tuned:
        """Measure now.

        Raises:
            TuningFailed: there is no result.
        """
        began = time.monotonic()
        wished = self.subject.wait_policy
        single = self.subject.board.cores == 1 or self.subject.wishes.threads == 1
        policy: WaitPolicy = wished or ("passive" if single else "active")
        default = untuned(self._engine).settings
        first = self._run(Pass(policy, _EVERYTHING, _GOAL_S, _LIMIT_S), default)
        reports, choice = [first], first.choice
        if wished:
            waiting = f"{wished}: so it is configured"
        elif _is_single(choice.settings):
            choice = Choice(settings=choice.settings, wait_policy="passive")
            waiting = "passive: there is no second thread to wait for"
        else:
            control = Pass(
                "passive", ("threads", "final"), _SECOND_GOAL_S, _SECOND_LIMIT_S, first.workload
            )
            second = self._run(control, choice.settings)
            reports.append(second)
            choice, waiting = better_waiting(first, second)
        return Tuned(
            subject=self.subject,
            choice=choice,
            waiting=waiting,
            reports=reports,
            seconds=round(time.monotonic() - began, 1),
        )

    def _run(self, run: Pass, start: ComputeSettings) -> Report:
        """Run the tuner's process, and end it whatever happens here."""
        subject = self.subject
        argv = [
            sys.executable,
            "-m",
            "pisovereign.engine.tuning",
            f"--model-file={self._file}",
            f"--start={_json(start)}",
            f"--wishes={_json(subject.wishes)}",
            f"--wait-policy={run.wait_policy}",
            f"--sequences={subject.sequences}",
            f"--context={subject.context}",
            f"--goal-s={run.goal_s}",
            f"--limit-s={run.limit_s}",
            f"--parent-pid={os.getpid()}",
            *([f"--workload={_json(run.workload)}"] if run.workload else []),
            "--stages",
            *run.stages,
        ]
        output = _output(argv, run.limit_s + _GRACE_S)
        try:
            return msgspec.json.decode(output, type=Report)
        except msgspec.MsgspecError as error:
            raise TuningFailed(f"the tuner's result cannot be read: {error}") from None


def better_waiting(active: Report, passive: Report) -> tuple[Choice, str]:
    """The better one of two results, and why."""
    if active.cost is None or passive.cost is None:
        return passive.choice, "passive: there was no time to compare"
    gain = 1 - active.cost / passive.cost
    told = (
        f"the mix takes {active.cost:.2f} s with active, {passive.cost:.2f} s with passive waiting"
    )
    if gain >= _ACTIVE_MARGIN:
        return active.choice, f"active: {told}"
    return passive.choice, f"passive: {told}, and active has to save {_ACTIVE_MARGIN:.0%}"


def _is_single(settings: ComputeSettings) -> bool:
    return settings.threads == settings.batch_threads == 1


def _json(value: msgspec.Struct) -> str:
    return msgspec.json.encode(value).decode()


def _output(argv: list[str], limit_s: float) -> bytes:
    """What a process prints.

    Raises:
        TuningFailed: it cannot be started, fails, or takes too long.
    """
    # Settings may hold keys; the engine's processes may know none.
    bare = {k: v for k, v in os.environ.items() if not k.startswith(PREFIX)}
    try:
        process = subprocess.Popen(
            argv, env=bare, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )
    except OSError as error:
        raise TuningFailed(f"the tuner cannot be started: {error.strerror}") from None
    try:
        output, complaint = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        raise TuningFailed(f"the tuner did not end within {limit_s:g} s") from None
    finally:
        # Also when Ctrl-C arrives here.
        if process.poll() is None:
            process.kill()
            process.wait(_STOP_S)
    if process.returncode != 0:
        lines = complaint.decode(errors="replace").strip().splitlines()
        raise TuningFailed(lines[-1] if lines else f"the tuner ended with {process.returncode}")
    return output
