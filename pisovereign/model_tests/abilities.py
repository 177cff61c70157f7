"""Abilities of the model in use: asked by whoever would let it act, tested in the background.

A model is tested once, when it is first in use: by one worker, at low priority. Until then, it may
do nothing but talk. The result belongs to the file, not to its name.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from functools import partial

from pisovereign.errors import NotFound
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.model_tests.self_test import Interrupted, SelfTest
from pisovereign.model_tests.store import TestStore
from pisovereign.model_tests.types import UNTESTED, Capabilities, summary

LOOK_S = 10.0  # the pause between two looks for a result that another worker may have
AWAY_S = 60.0  # the pause after a test that could not be ended
_log = logging.getLogger(__name__)


class ModelAbilities:
    """The abilities of models, remembered in this process.

    Args:
        store: Where results are kept.
        test: Tests a model.
        current: Returns the id of the model in use.
        identify: Returns what a model's results are kept under, given its id.
        automatic: Whether a model is tested when it is first in use.
    """

    def __init__(
        self,
        store: TestStore,
        test: SelfTest,
        current: Callable[[], str],
        identify: Callable[[str], str],
        *,
        automatic: bool = True,
    ) -> None:
        self._store = store
        self._test = test
        self._current = current
        self._identify = identify
        self._automatic = automatic
        self._asked_for: set[str] = set()
        self._known: dict[str, Capabilities] = {}
        self._task = PeriodicTask(self._look, "the test of the model")

    def of(self, model: str) -> Capabilities:
        """Return what a model may do; nothing, as long as that is not known."""
        return self._known.get(self._identify(model), UNTESTED)

    async def test_again(self, model: str) -> None:
        """Forget what is known of the model in use, and test it.

        Raises:
            NotFound: It is another one.
        """
        if model != self._current():
            raise NotFound("Only the model in use can be tested")
        identity = self._identify(model)
        self._asked_for.add(identity)
        await self._store.forget(identity)
        self._known.pop(identity, None)
        self._task.wake()

    def wake(self) -> None:
        """Look now: another model may be in use."""
        self._task.wake()

    def start(self) -> None:
        """Begin to look for results, and to test what has none."""
        self._task.start()

    async def stop(self) -> None:
        """End; a test that goes on is left to the next start."""
        await self._task.stop()

    async def _look(self) -> float:
        """Learn what the model in use may do; return the seconds until the next look."""
        model = self._current()
        identity = self._identify(model)
        found = await self._store.get(identity)
        if isinstance(found, Capabilities):
            self._learn(model, identity, found)
            return LOOK_S
        self._known.pop(identity, None)
        if not (self._automatic or identity in self._asked_for):
            return LOOK_S
        if not await self._store.claim(identity):
            return LOOK_S
        try:
            result = await self._test.run(model, partial(self._goes_on, model, identity))
        except Interrupted:
            await self._store.release(identity)
            return AWAY_S
        except asyncio.CancelledError:
            # The process ends in the middle of a question: whoever is next need not wait for it.
            await self._store.release(identity)
            raise
        await self._store.finish(identity, result)
        self._asked_for.discard(identity)
        self._learn(model, identity, result)
        return LOOK_S

    async def _goes_on(self, model: str, identity: str) -> bool:
        wanted = not self._task.ending and model == self._current()
        return wanted and await self._store.still_testing(identity)

    def _learn(self, model: str, identity: str, result: Capabilities) -> None:
        if self._known.get(identity) != result:
            self._known[identity] = result
            _log.info("model %s: %s", model, summary(result))
