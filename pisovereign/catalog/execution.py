"""Having a command of the catalog executed, and counting it."""

from __future__ import annotations

import datetime as dt
from typing import Protocol

import msgspec

from pisovereign.catalog.metrics import CatalogMetrics
from pisovereign.catalog.types import CatalogRun, Execution
from pisovereign.runner.types import RunRequest, RunResult

# The runner may let a command wait, and needs some time to end it.
_BESIDE_S = 60.0


class Runner(Protocol):
    """What executes an argument list."""

    async def run(self, request: RunRequest) -> RunResult:
        """Execute one command and wait for its end."""


class CatalogRunner:
    """Hands commands to the runner.

    Args:
        runner: What executes them.
        timeout_s: The longest time that one may take.
        meter: Counts each execution.
    """

    def __init__(
        self, runner: Runner, timeout_s: float, meter: CatalogMetrics | None = None
    ) -> None:
        self._runner = runner
        self._meter = meter or CatalogMetrics()
        self._timeout = timeout_s
        self.limit_s = timeout_s + _BESIDE_S

    async def run(self, command: CatalogRun) -> Execution:
        """Execute exactly this.

        Raises:
            ServiceUnavailable: it could not be started.
            UpstreamError: it is not known how it ended.
        """
        request = RunRequest(
            argv=command.argv,
            network=command.network,
            privileged=command.privileged,
            timeout_s=self._timeout,
        )
        started = dt.datetime.now(dt.UTC)
        with self._meter.run() as outcome:
            result = await self._runner.run(request)
            outcome.status = result.status
        return Execution(
            id=command.catalog_id,
            argv=command.argv,
            executed_at=started,
            **msgspec.structs.asdict(result),
        )
