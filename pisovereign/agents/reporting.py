"""The one answer to a task."""

from __future__ import annotations

from pisovereign.agents.job import Job
from pisovereign.agents.types import Part
from pisovereign.agents.wording import listing


class Reporter:
    """Tells what came of a task's parts."""

    async def report(self, job: Job, parts: list[Part]) -> str:
        """The answer: every result exactly as its tool gave it."""
        return listing(parts, job.language)
