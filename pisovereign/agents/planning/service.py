"""Plans for tasks: by rules, and by the model for requests that no rule understands."""

from __future__ import annotations

import datetime as dt
import logging
from zoneinfo import ZoneInfo

from pisovereign.agents.answering import cache_key
from pisovereign.agents.planning.model_planner import ModelPlanner, merge_plans
from pisovereign.agents.planning.planner import Planner
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.types import Draft
from pisovereign.errors import PiSovereignError
from pisovereign.parsing.service import ParseService

_log = logging.getLogger(__name__)


class PlanningService:
    """Makes plans.

    Args:
        parsing: Reads commands.
        model: Plans what rules do not understand; None: each of that is answered in words.
        zone: Where the user is.
    """

    def __init__(self, parsing: ParseService, model: ModelPlanner | None, zone: ZoneInfo) -> None:
        self._parsing = parsing
        self._model = model
        self._zone = zone

    async def plan(self, running: RunningTask) -> list[Draft]:
        """Return the sub-tasks of a task, at least one."""
        parser = await self._parsing.parser_for(running.job.user)
        planner = Planner(parser.parse, parser.time_phrase, running.language, self._zone)
        plan = planner.plan(running.request.description)
        if self._model is None or not plan.unplanned:
            return plan.drafts
        now = f"{dt.datetime.now(self._zone):%A, %Y-%m-%d %H:%M %z}"
        try:
            planned = await self._model.plan(
                plan.unplanned,
                now,
                lambda text: parser.time_phrase(text) is not None,
                budget=running.budget,
                cache_key=cache_key(running.caller),
            )
        except PiSovereignError as error:  # then each of these is answered in words
            _log.warning("the model does not plan: %s", error.message)
            return plan.drafts
        return merge_plans(plan.drafts, plan.unplanned, planned)
