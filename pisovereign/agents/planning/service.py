"""Plans for tasks: by rules, and by the model for requests that no rule understands.

A model that has shown that it calls tools in the user's language plans with them; any other one
under a schema, as far as the user's words bear its plan out.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from typing import NamedTuple

from pisovereign.agents.answering import cache_key
from pisovereign.agents.planning.model_planner import ModelPlanner, SubTaskProposal, merge_plans
from pisovereign.agents.planning.planner import Planner, Unplanned
from pisovereign.agents.planning.tool_planner import ToolPlanner
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.types import Draft
from pisovereign.errors import PiSovereignError
from pisovereign.languages import Language
from pisovereign.locales import Zones
from pisovereign.parsing.service import ParseService

_log = logging.getLogger(__name__)


class Planners(NamedTuple):
    """The two ways in which a model plans.

    Attributes:
        schema: Under a schema.
        tools: With tools.
        calls_tools: Whether the model in use calls tools in a language.
    """

    schema: ModelPlanner
    tools: ToolPlanner
    calls_tools: Callable[[Language], bool]


class PlanningService:
    """Makes plans.

    Args:
        parsing: Reads commands.
        models: Plan what rules do not understand; None: each of that is answered in words.
        zones: Returns where a user is.
    """

    def __init__(self, parsing: ParseService, models: Planners | None, zones: Zones) -> None:
        self._parsing = parsing
        self._models = models
        self._zones = zones

    async def plan(self, running: RunningTask) -> list[Draft]:
        """Return the sub-tasks of a task, at least one."""
        parser = await self._parsing.parser_for(running.job.user)
        zone = self._zones(running.job.user)
        planner = Planner(parser.parse, parser.time_phrase, running.language, zone)
        plan = planner.plan(running.request.description)
        if self._models is None or not plan.unplanned:
            return plan.drafts
        try:
            planned = await self._planned(
                self._models,
                running,
                plan.unplanned,
                lambda text: parser.time_phrase(text) is not None,
            )
        except PiSovereignError as error:  # then each of these is answered in words
            _log.warning("the model does not plan: %s", error.message)
            return plan.drafts
        return merge_plans(plan.drafts, plan.unplanned, planned)

    async def _planned(
        self,
        models: Planners,
        running: RunningTask,
        unplanned: Sequence[Unplanned],
        has_time: Callable[[str], bool],
    ) -> list[SubTaskProposal]:
        now = f"{dt.datetime.now(self._zones(running.job.user)):%A, %Y-%m-%d %H:%M %z}"
        key = cache_key(running.caller)
        if models.calls_tools(running.language):
            return await models.tools.plan(
                unplanned,
                now,
                has_time,
                task=running.id,
                caller=running.caller,
                budget=running.budget,
                cache_key=key,
            )
        return await models.schema.plan(
            unplanned, now, has_time, budget=running.budget, cache_key=key
        )
