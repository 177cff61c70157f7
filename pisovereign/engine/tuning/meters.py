"""The processes that measure, one for each way of waiting and form of the weights."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from pisovereign.engine.compute_settings import EngineChoice, WaitPolicy, Weights
from pisovereign.engine.errors import ModelError
from pisovereign.engine.tuning.questions import Answer, Question
from pisovereign.engine.tuning.search import OutOfTime, Unusable
from pisovereign.engine.tuning.trials import Sample
from pisovereign.engine.tuning.workload import Part, Speed, Workload

_STOP_S = 5.0


class Kind(NamedTuple):
    """A kind of process: the properties that it cannot change."""

    wait_policy: WaitPolicy
    weights: Weights


class Meters:
    """Starts them as they are needed.

    Args:
        files: the model file for each form of the weights.
        sequences: how many sequences "all" are.
        most: how many may have the model in memory at once.
        deadline: value of `time.monotonic` after which nothing new is begun.
    """

    def __init__(
        self, files: Mapping[Weights, Path], *, sequences: int, most: int, deadline: float
    ) -> None:
        self._files = files
        self._sequences = sequences
        self._most = most
        self._deadline = deadline
        self._open: dict[Kind, _Meter] = {}

    def file_type(self, choice: EngineChoice) -> int:
        """Return GGUF's number for the format of the weights."""
        return self._meter(choice).file_type

    def probe(self, choice: EngineChoice) -> Speed:
        """Measure very little.

        Raises:
            ModelError: the model cannot be used, at least not to measure.
        """
        answer = self._meter(choice).ask(Question(choice.settings))
        if answer.speed is None:
            raise ModelError(answer.failure)
        return answer.speed

    def measure(self, size: Workload, choice: EngineChoice, parts: Sequence[Part]) -> Sample:
        """Measure parts of the mix.

        Raises:
            Unusable: the model cannot be computed so.
            OutOfTime: it is too late.
            ModelError: a process ended.
        """
        if time.monotonic() >= self._deadline:
            raise OutOfTime
        answer = self._meter(choice).ask(Question(choice.settings, tuple(parts), size))
        if answer.failure:
            raise Unusable(answer.failure)
        return Sample(answer.timings, answer.others)

    def close(self) -> None:
        """End the processes."""
        for meter in self._open.values():
            meter.close()
        self._open.clear()

    def _meter(self, choice: EngineChoice) -> _Meter:
        kind = Kind(choice.wait_policy, choice.weights)
        meter = self._open.pop(kind, None)
        if meter is None:
            while len(self._open) >= self._most:
                self._open.pop(next(iter(self._open))).close()
            meter = _Meter(self._files[kind.weights], kind.wait_policy, self._sequences)
        self._open[kind] = meter  # the last one in the order: it was used last
        return meter


class _Meter:
    """One process."""

    def __init__(self, file: Path, policy: WaitPolicy, sequences: int) -> None:
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "pisovereign.engine.tuning.meter",
                f"--model-file={file}",
                f"--wait-policy={policy}",
                f"--sequences={sequences}",
                f"--parent-pid={os.getpid()}",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.file_type = self._hear().file_type

    def ask(self, question: Question) -> Answer:
        """Have something measured.

        Raises:
            ModelError: the process has ended.
        """
        assert self._process.stdin is not None, "it is a pipe"
        try:
            self._process.stdin.write(msgspec.json.encode(question) + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # what it says last tells why
        return self._hear()

    def close(self) -> None:
        self._process.kill()
        self._process.communicate(timeout=_STOP_S)

    def _hear(self) -> Answer:
        assert self._process.stdout is not None, "it is a pipe"
        line = self._process.stdout.readline()
        if not line.endswith(b"\n"):
            self._process.kill()
            complaint = self._process.communicate(timeout=_STOP_S)[1]
            lines = complaint.decode(errors="replace").strip().splitlines()
            raise ModelError(lines[-1] if lines else f"it ended with {self._process.returncode}")
        return msgspec.json.decode(line, type=Answer)


def most_at_once(wanted: int, model_bytes: int, available: int) -> int:
    """Return how many processes may have a model in memory at once.

    Args:
        wanted: how many there are.
        model_bytes: size of the model.
        available: bytes of memory that are free.
    """
    # Contexts, and what llama.cpp keeps in another order beside the file.
    each = 2 * model_bytes + (300 << 20)
    return max(1, min(wanted, available // each))
