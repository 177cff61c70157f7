"""Plans for tasks: by rules, and by the model for what is left."""

from __future__ import annotations

from pisovereign.agents.job import Job
from pisovereign.agents.planning.planner import Planner
from pisovereign.agents.types import Draft
from pisovereign.commands.parsing.service import ParseService


class PlanningService:
    """Makes plans.

    Args:
        parsing: Reads commands.
    """

    def __init__(self, parsing: ParseService) -> None:
        self._parsing = parsing

    async def plan(self, job: Job) -> list[Draft]:
        """The sub-tasks of a task, at least one."""
        reader = await self._parsing.reader(job.hold.user)
        planner = Planner(reader.parse, reader.time_phrase, job.language)
        return planner.plan(job.request.description).drafts
