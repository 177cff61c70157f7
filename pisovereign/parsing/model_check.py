"""Whether a model may be asked what somebody wants: it has to pass a short test first.

Small models name a command for almost everything, and small talk becomes an event. So a model is
asked only if the manifest does not rule it out, and it read the sentences of each language's
`model_check.toml` as they are meant: at most one command wrongly, and no talk as a command.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import NamedTuple
from uuid import UUID

from pisovereign.languages import LANGUAGES, load_data
from pisovereign.parsing.belief import NOTHING

# Nobody's: the test is not about what a user said.
_TESTER = UUID(int=0)
_MOST_WRONG = 1
_PAUSE_S = 300.0
_log = logging.getLogger(__name__)

Ask = Callable[[UUID, str], Awaitable[str | None]]
"""Returns the name of the command that the model reads, `none` for talk; None: it is away."""


class CheckSentence(NamedTuple):
    """A sentence of the test, and the name of the command that it is."""

    text: str
    command: str


def load_check_sentences() -> list[CheckSentence]:
    """Return the sentences of all languages."""
    return [
        CheckSentence(text, command)
        for language in LANGUAGES
        for command, texts in load_data(language, "model_check").items()
        for text in texts
    ]


class ModelCheck:
    """The test of one model, made in the background when the model is first needed.

    Args:
        sentences: What it is tested with.
        ruled_out: The manifest says that this model does not read commands.
        pause_s: Seconds between two tests of a model that was away.
    """

    def __init__(
        self, sentences: list[CheckSentence], *, ruled_out: bool, pause_s: float = _PAUSE_S
    ) -> None:
        self._sentences = sentences
        self._pause_s = pause_s
        self._passed: bool | None = False if ruled_out else None
        self._running: asyncio.Task[None] | None = None
        self._not_before = 0.0

    def passed(self, ask: Ask) -> bool:
        """Return whether the model passed; begin the test if it was not made."""
        busy = self._running is not None and not self._running.done()
        if self._passed is None and not busy and time.monotonic() >= self._not_before:
            self._not_before = time.monotonic() + self._pause_s
            self._running = asyncio.create_task(self._run(ask))
        return bool(self._passed)

    async def close(self) -> None:
        """Stop the test, if it is going on."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self, ask: Ask) -> None:
        """Ask for each sentence; a model that is away is tested anew some minutes later."""
        wrong = 0
        for sentence in self._sentences:
            read = await ask(_TESTER, sentence.text)
            if read is None:
                return
            wrong += read != sentence.command
            if wrong > _MOST_WRONG or (sentence.command == NOTHING and read != NOTHING):
                self._passed = False
                _log.info("the model does not read commands, and is not asked for any")
                return
        self._passed = True
        _log.info("the model reads commands")
