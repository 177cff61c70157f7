"""Plans for tasks: by rules, and by a model for requests that no rule understands."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from pisovereign.agents.planning.interpretation import Reader
from pisovereign.agents.planning.proposals import ModelPlanner, Requests, merge_plans, unplanned
from pisovereign.agents.planning.rule_planner import RulePlanner
from pisovereign.agents.running_task import RunningTask
from pisovereign.agents.types import Draft
from pisovereign.errors import PiSovereignError
from pisovereign.languages import Language
from pisovereign.locales import Zones
from pisovereign.parsing.service import ParseService

_log = logging.getLogger(__name__)


class PlanningService:
    """Makes plans.

    Args:
        parsing: Reads commands.
        model: Returns the planner of the model in use for a language; None: what rules do not
            understand is answered in words.
        zones: Returns where a user is.
    """

    def __init__(
        self,
        parsing: ParseService,
        model: Callable[[Language], ModelPlanner] | None,
        zones: Zones,
    ) -> None:
        self._parsing = parsing
        self._model = model
        self._zones = zones

    async def plan(self, running: RunningTask) -> list[Draft]:
        """Return the sub-tasks of a task, at least one."""
        parser = await self._parsing.parser_for(running.job.user)
        zone = self._zones(running.job.user)
        reader = Reader(parser.parse, parser.time_phrase, running.language, zone)
        drafts = RulePlanner(reader).plan(running.request.description)
        requests = Requests(
            list(unplanned(drafts).values()),
            f"{dt.datetime.now(zone):%A, %Y-%m-%d %H:%M %z}",
            lambda text: parser.time_phrase(text) is not None,
        )
        if self._model is None or not requests.texts:
            return drafts
        try:
            proposals = await self._model(running.language).plan(requests, running)
        except PiSovereignError as error:  # then each of these is answered in words
            _log.warning("the model does not plan: %s", error.message)
            return drafts
        return merge_plans(drafts, proposals)
