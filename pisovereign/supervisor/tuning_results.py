"""Results of tuning, kept in the data folder: one small file for each subject."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

from pisovereign.engine.compute_settings import EngineChoice, PinnedSettings, WaitPolicy
from pisovereign.engine.machine import Board, Build
from pisovereign.engine.tuning.report import Report
from pisovereign.errors import StartError
from pisovereign.files import private_folder, replace_private

_log = logging.getLogger(__name__)

# To be raised when results of older programs are not to be used any more.
REVISION = 3
# A choice that is doubtful counts as long, in seconds.
DAY_S = 86400.0
# After so many seconds it is measured again, once nobody asks.
AGAIN_S = 3600.0


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """The conditions that a result is valid for; for any others it is measured again.

    Attributes:
        sequences: answers at once, and `context` tokens, as far as they were measured.
        wait_policy: what the configuration says, None if nothing; so does `weights`.
    """

    model: str
    sha256: str
    board: Board
    build: Build
    sequences: int
    context: int
    wishes: PinnedSettings
    wait_policy: WaitPolicy | None
    weights: Literal["auto", "file", "q8_0"]
    revision: int = REVISION


class TuningResult(msgspec.Struct, kw_only=True):
    """A result.

    Attributes:
        reports: of the settings, then of the weights if both forms were compared.
        weights: why the weights have their form.
        doubts: why it may be wrong, a line each; none: it is sure.
        measured_at: seconds since the epoch.
        seconds: time it took.
    """

    subject: Subject
    choice: EngineChoice
    weights: str
    reports: list[Report]
    doubts: list[str] = []
    measured_at: float
    seconds: float

    def is_over(self, now: float) -> bool:
        """Return whether it counts no more: a doubtful one does for a day, a sure one always.

        Where the clock was set back since, nobody knows how old it is.
        """
        return bool(self.doubts) and not 0 <= now - self.measured_at < DAY_S


def how_sure(tuned: TuningResult) -> Iterator[str]:
    """Say whether a result is sure, why not, and when it is measured again, in lines of text."""
    when = dt.datetime.fromtimestamp(tuned.measured_at, dt.UTC)
    if not tuned.doubts:
        yield f"It is sure: measured at {when:%Y-%m-%d %H:%M} UTC, and kept until the model, the"
        yield "board, llama.cpp or a setting changes."
        return
    again = when + dt.timedelta(seconds=AGAIN_S)
    over = when + dt.timedelta(seconds=DAY_S)
    yield "It is doubtful:"
    for doubt in tuned.doubts:
        yield f"- {doubt}"
    yield f"With engine.tune it is measured again after {again:%Y-%m-%d %H:%M} UTC, as soon as"
    yield f"nobody asks, and counts until {over:%Y-%m-%d %H:%M} UTC."


class TuningResults:
    """The results of one installation.

    Args:
        data_dir: its data folder.
    """

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "tuning"

    def path(self, subject: Subject) -> Path:
        """Return where the result for a subject is kept."""
        digest = hashlib.sha256(msgspec.json.encode(subject)).hexdigest()[:16]
        return self._folder / f"{subject.model}-{digest}.json"

    def load(self, subject: Subject) -> TuningResult | None:
        """Return the kept result; None, with a warning, if the file cannot be used."""
        path = self.path(subject)
        try:
            tuned = msgspec.json.decode(path.read_bytes(), type=TuningResult)
        except FileNotFoundError:
            return None
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            _log.warning("%s is not used: %s", path, error)
            return None
        settings = tuned.choice.settings
        if tuned.subject != subject or subject.wishes.apply(settings) != settings:
            _log.warning("%s is not used: it was measured for something else", path)
            return None
        return tuned

    def prepare(self) -> None:
        """Find out whether results can be kept, before minutes are spent on one.

        Raises:
            StartError: they cannot.
        """
        private_folder(self._folder)
        if not os.access(self._folder, os.W_OK):
            raise StartError(f"{self._folder}: cannot be written to")

    def save(self, tuned: TuningResult) -> Path:
        """Keep a result, and return its file.

        Raises:
            StartError: it cannot be written.
        """
        self.prepare()
        path = self.path(tuned.subject)
        replace_private(path, msgspec.json.format(msgspec.json.encode(tuned)) + b"\n")
        return path

    def remove(self, subject: Subject) -> None:
        """Keep the result for a subject no longer."""
        with contextlib.suppress(OSError):
            self.path(subject).unlink(missing_ok=True)
