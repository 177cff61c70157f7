"""Who asks too much is refused cleanly, and others are not."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import aiohttp

from tests.support.server import ALICE_KEY, BOB_KEY, Server

MANY = 200
LIMIT_S = 60.0


async def ask(session: aiohttp.ClientSession, url: str, key: str) -> tuple[int, str | None, Any]:
    headers = {"Authorization": f"Bearer {key}"}
    async with session.get(url, headers=headers) as answer:
        return answer.status, answer.headers.get("Retry-After"), await answer.json()


def test_one_who_asks_for_everything_at_once_leaves_others_alone(server: Server) -> None:
    url = f"{server.url}/v1/memories?limit=100"

    async def scenario() -> tuple[list[tuple[int, str | None, Any]], list[int]]:
        timeout = aiohttp.ClientTimeout(total=LIMIT_S)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as session:
            flood = [asyncio.create_task(ask(session, url, ALICE_KEY)) for _ in range(MANY)]
            others = [(await ask(session, url, BOB_KEY))[0] for _ in range(20)]
            return await asyncio.gather(*flood), others

    flood, others = asyncio.run(scenario())
    assert others == [200] * 20
    counts = Counter(status for status, _, _ in flood)
    assert counts[200] > 0, counts
    assert counts[503] + counts[429] > 0, counts
    assert counts.total() == counts[200] + counts[503] + counts[429], counts
    for status, again, body in flood:
        if status != 200:
            assert again == "1"
            assert body["error"]["code"] in ("SERVICE_UNAVAILABLE", "RATE_LIMITED")
    # And then all is as before.
    assert server.request("GET", "/v1/memories").status_code == 200
