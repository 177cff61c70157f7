"""Results of tuning, kept in the data folder: one small file for each subject."""

from __future__ import annotations

import hashlib
import logging
import os
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
REVISION = 2


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """What a result is valid for; for anything else it is measured again.

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
        reports: one for each way of waiting that was measured.
        waiting: why threads wait as they do.
        weights: why the weights have their form.
        seconds: time it took.
    """

    subject: Subject
    choice: EngineChoice
    waiting: str
    weights: str
    reports: list[Report]
    seconds: float


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
