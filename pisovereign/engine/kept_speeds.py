"""How fast this board computed, over a restart: the first prompt after it may be the longest.

Nothing that was computed is left then, so it is just then that it has to be known how long reading
takes. What was measured for another model, board, build or setting is not used.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pisovereign.engine.llama import Context, Entry
from pisovereign.engine.step_times import Measured, Step, StepTimes
from pisovereign.errors import StartError
from pisovereign.files import replace_private

logger = logging.getLogger(__name__)

_NAME = "speeds.json"
_LARGEST = 64 * 1024
_LOOK_S, _AGAIN_S = 30.0, 3600.0
_ENOUGH_STEPS = 20
# Tokens of prompts that are read to find out, where nothing is known: seconds on any board.
_TRIAL = (16, 48)


class _File(msgspec.Struct, frozen=True):
    identity: str
    measured: Measured


class KeptSpeeds:
    """Keeps what was measured in a file.

    Args:
        folder: the engine's own.
        identity: what it is true for.
    """

    def __init__(self, folder: Path, identity: Mapping[str, str]) -> None:
        self._path = folder / _NAME
        self._identity = hashlib.sha256(msgspec.json.encode(dict(identity))).hexdigest()
        self._saved_at: float | None = None

    def recall(self, times: StepTimes) -> bool:
        """Let `times` go on from what was kept; return whether there was something."""
        try:
            data = self._path.read_bytes()[:_LARGEST]
            kept = msgspec.json.decode(data, type=_File)
        except FileNotFoundError:
            return False
        except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
            logger.warning("%s is not used: %s", self._path, error)
            return False
        return kept.identity == self._identity and times.recall(kept.measured)

    def save(self, times: StepTimes) -> None:
        """Write down what is known, if anything is."""
        measured = times.measured()
        if measured is None:
            return
        try:
            replace_private(self._path, msgspec.json.encode(_File(self._identity, measured)))
        except (OSError, StartError) as error:
            logger.warning("the measured speeds are not kept: %s", error)
        self._saved_at = time.monotonic()

    async def go_on(self, times: StepTimes) -> None:
        """Save once enough was seen, and every hour: also a board that is just unplugged knows."""
        while True:
            await asyncio.sleep(_LOOK_S)
            measured = times.measured()
            if measured is None or measured.steps < _ENOUGH_STEPS:
                continue
            if self._saved_at is None or time.monotonic() > self._saved_at + _AGAIN_S:
                await asyncio.to_thread(self.save, times)


def try_out(context: Context, times: StepTimes) -> None:
    """Measure a little with an empty context; leaves nothing in it."""
    for tokens in (count for count in _TRIAL if count <= context.batch_size):
        prompt = [1 + 7 * at % (context.vocabulary - 1) for at in range(tokens)]
        began = time.monotonic()
        try:
            context.decode([Entry(0, 0, prompt, 1)])
            step = Step(tokens, tokens * tokens // 2)
            times.observe_reading(step, time.monotonic() - began)
        finally:
            context.truncate(0, 0)
