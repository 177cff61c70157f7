"""The jobs that wait for a slot, and which of them gets the next one.

Owners take turns (`admission/fair_queue.py`). Among the jobs of one owner it is first come, first
served; but a prompt that is much shorter than the one in front comes before it, as long as none
waits that was passed over `MOST_PASSED` times.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from pisovereign.admission.fair_queue import FairQueue
from pisovereign.engine.jobs import Job

# How many times shorter than the prompt in front one must be to be read beside it. Prompts of about
# the same length go one after the other: the next one then finds their common front computed.
SHORTER = 4
# So many prompts that are much shorter may be admitted before one that waits.
MOST_PASSED = 4


class WaitingJobs:
    """Jobs that wait, of all owners; `Job.cache_key` tells one owner from another.

    Args:
        limit: Most jobs that may wait, but for the places that each owner has.
    """

    def __init__(self, limit: int) -> None:
        self._jobs: FairQueue[Job] = FairQueue(limit, lambda job: job.cache_key)

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def is_interactive(self) -> bool:
        """Return whether a job of usual priority waits."""
        return any(not job.low_priority for job in self._jobs)

    def add(self, job: Job, free: int) -> None:
        """Let a job wait.

        Args:
            job: The job.
            free: How many slots have none: as many may come on top of the limit.

        Raises:
            fair_queue.Full: The queue is at its limit.
        """
        self._jobs.add(job, free)

    def before(self, job: Job) -> list[Job]:
        """Return those that come before a job, as far as their turns can be told."""
        return [each for each in self._jobs if job.low_priority or not each.low_priority]

    def take(self, running: Iterable[Job]) -> Job:
        """Return the job that is admitted next, and count it for those it passes.

        Interactive jobs come before those of low priority.

        Args:
            running: What has a slot.
        """
        waiting = [job for job in self._jobs if not job.low_priority] or list(self._jobs)
        busy = Counter(job.cache_key for job in running if not job.low_priority)
        owner = self._jobs.next_owner(waiting, busy)
        chosen = _first([job for job in waiting if job.cache_key == owner])
        self._jobs.serve(chosen)
        return chosen

    def drop(self, job: Job) -> None:
        """Take a job out, if it is there, so that its place is free at once."""
        self._jobs.drop(job)


def _first(waiting: Sequence[Job]) -> Job:
    """Return which job of one owner comes first, and count it for those it passes."""
    chosen = next((job for job in waiting if job.passed >= MOST_PASSED), None)
    if chosen is None:
        shortest = min(waiting, key=lambda job: len(job.prompt))
        short = SHORTER * len(shortest.prompt) <= len(waiting[0].prompt)
        chosen = shortest if short else waiting[0]
    for job in waiting[: waiting.index(chosen)]:
        job.passed += 1
    return chosen
