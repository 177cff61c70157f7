"""A periodic task goes on, whatever one run ends with."""

from __future__ import annotations

import asyncio

import pytest

from pisovereign.errors import ServiceUnavailable
from pisovereign.jobs.periodic import PeriodicTask
from tests.support.patience import PATIENCE_S


@pytest.mark.parametrize("error", [ServiceUnavailable("away"), ValueError("a secret")])
def test_a_run_that_fails_is_not_the_last(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def course() -> None:
        again = asyncio.Event()
        begun = 0

        async def work() -> float:
            nonlocal begun
            begun += 1
            if begun == 1:
                raise error
            again.set()
            return 60.0

        periodic = PeriodicTask(work, "it waits")
        periodic.start()
        async with asyncio.timeout(PATIENCE_S):
            await again.wait()
        await periodic.stop()

    asyncio.run(course())
    told = "it waits" if isinstance(error, ServiceUnavailable) else type(error).__name__
    assert told in caplog.text
    assert "secret" not in caplog.text
