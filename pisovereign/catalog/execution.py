"""Hands commands of the catalog to the runner, and counts them."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from typing import Protocol
from uuid import UUID

import msgspec
from prometheus_client import CollectorRegistry, Counter, Histogram

from pisovereign.catalog.known_programs import is_listed
from pisovereign.catalog.turns import WAIT_S, Turns
from pisovereign.catalog.types import CatalogRun, Execution
from pisovereign.runner.types import RunRequest, RunResult, SharedFolder
from pisovereign.telemetry.timed_status import TimedStatus, timed

# The runner may let a command wait too, and needs some time to end it.
_MARGIN_S = WAIT_S + 60.0
RUN_STATUSES = ("completed", "failed", "timed_out", "refused", "cancelled")
BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)


class CatalogMetrics:
    """System commands that were executed, at once or after an approval."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        runs = Counter(
            "commands_executed",
            "System commands by how they ended",
            ["status"],
            registry=registry,
        )
        self._by_status = {status: runs.labels(status=status) for status in RUN_STATUSES}
        self._seconds = Histogram(
            "commands_execution_seconds",
            "Time that system commands took",
            buckets=BUCKETS_S,
            registry=registry,
        )

    @contextlib.contextmanager
    def run(self) -> Iterator[TimedStatus]:
        """Count one execution."""

        def count(status: str, seconds: float) -> None:
            self._by_status[status].inc()
            self._seconds.observe(seconds)

        with timed("completed", count) as outcome:
            yield outcome


class Runner(Protocol):
    """An executor of argument lists."""

    async def run(self, request: RunRequest) -> RunResult:
        """Execute one command and wait for its end."""


class CatalogRunner:
    """Hands commands to the runner.

    Args:
        runner: What executes them.
        timeout_s: The longest time that one may take.
        turns: Whose command is next.
        network_turns: Of those with the network; the same object if one runner has both.
        meter: Counts each execution.
    """

    def __init__(
        self,
        runner: Runner,
        timeout_s: float,
        turns: Turns,
        network_turns: Turns,
        meter: CatalogMetrics | None = None,
    ) -> None:
        self._runner = runner
        self._turns = turns
        self._network_turns = network_turns
        self._meter = meter or CatalogMetrics()
        self._timeout = timeout_s
        self.limit_s = timeout_s + _MARGIN_S

    async def run(self, user: UUID, command: CatalogRun) -> Execution:
        """Execute a command of a user's exactly as given, when it is their turn.

        Raises:
            ServiceUnavailable: it could not be started.
            UpstreamError: it is not known how it ended.
        """
        request = RunRequest(
            argv=command.argv,
            network=command.network,
            privileged=command.privileged,
            folders=_folders(command),
            timeout_s=self._timeout,
        )
        with self._meter.run() as outcome:
            async with self._turn(user, command):
                started = dt.datetime.now(dt.UTC)
                result = await self._runner.run(request)
            outcome.status = result.status
        return Execution(
            id=command.catalog_id,
            argv=command.argv,
            executed_at=started,
            **msgspec.structs.asdict(result),
        )

    def _turn(
        self, user: UUID, command: CatalogRun
    ) -> contextlib.AbstractAsyncContextManager[None]:
        if command.privileged:  # a restart waits for nobody
            return contextlib.nullcontext()
        turns = self._network_turns if command.network else self._turns
        return turns.take(str(user))


def _folders(command: CatalogRun) -> tuple[SharedFolder, ...] | None:
    """Return what it sees of people's folders; None: all that its account may.

    Asked again, since less may be known than when the command was bound, or approved.
    """
    if command.privileged or (not command.unlisted and is_listed(command.argv)):
        return None
    return tuple(SharedFolder(path=folder) for folder in command.folders)
