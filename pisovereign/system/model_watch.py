"""Noticing that another model is in use, also while nobody asks for anything."""

from __future__ import annotations

from collections.abc import Callable

from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.system.served_models import ServedModels

# A look is a question to the kernel: which socket is it? The engine is asked only if it is new.
LOOK_S = 2.0


class ModelWatch:
    """Looks every two seconds.

    Args:
        models: What is kept up to date.
        changed: Is called when another model is in use.
    """

    def __init__(self, models: ServedModels, changed: Callable[[], None]) -> None:
        self._models = models
        self._changed = changed
        task = PeriodicTask(self._look, "the model in use")
        self.start, self.stop = task.start, task.stop

    async def _look(self) -> float:
        before = self._models.last_known
        if await self._models.active() != before:
            self._changed()
        return LOOK_S
