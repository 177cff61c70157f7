"""How long a departed client's work goes on.

    python -m bench.cancel --rounds 20

Each round leaves answers of `/v1/chat/stream` at moments drawn at random: five while the answer is
written, five while its prompt of 1,500 tokens is read, and five while it waits behind others. The
time counts from closing the connection until the engine itself, asked every two milliseconds over
its own socket, no longer has the request.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from pisovereign.config import Config
from pisovereign.runtime import engine_target
from tests.support.server import ALICE_KEY

AIM_MS = 300.0
LIMIT_S = 30.0
POLL_S = 0.002
EACH = 5
PROMPT_WORDS = 1500
# The default model goes on with this for as long as it is let.
COUNT = " Write all numbers from 1 to 1000, one after the other: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,"
MOST_ROUNDS = 200
Health = dict[str, Any]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the client's close to the engine's rest."""

    environment: Environment
    times_ms: dict[str, list[float]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a kind's p99 misses the aim."""
    parser = argparse.ArgumentParser(prog="bench.cancel", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="of fifteen departures each")
    add_output(parser)
    args = parser.parse_args(argv)
    if not 2 <= args.rounds <= MOST_ROUNDS:
        parser.error(f"--rounds must be 2 to {MOST_ROUNDS}")
    environment = describe()
    with running() as server:
        target = engine_target(Config(), server.data_dir)
        times = asyncio.run(_measure(f"{server.url}/v1/chat/stream", target, args.rounds))
    result = Result(environment=environment, times_ms=times)
    publish(result, _table(result), args.output)
    return 0 if all(percentile(row, 0.99) <= AIM_MS for row in times.values()) else 1


async def _measure(url: str, target: str, rounds: int) -> dict[str, list[float]]:
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(target)) as engine_session,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as api_session,
    ):
        clients = _Clients(api_session, url)
        engine = _Engine(engine_session)
        times: dict[str, list[float]] = {"decode": [], "prefill": [], "queued": []}
        for _ in range(rounds):
            times["decode"] += [await _leave_decode(clients, engine) for _ in range(EACH)]
            times["prefill"] += [await _leave_prefill(clients, engine) for _ in range(EACH)]
            times["queued"] += await _leave_queue(clients, engine)
        return times


class _Clients:
    """Opens streams whose messages share no beginning."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.draw = random.Random(5)

    async def open(self, words: int) -> aiohttp.ClientResponse:
        """Return a stream of a long answer to a message of so many tokens, about."""
        message = f"{self.draw.getrandbits(64)}" + " word" * words + COUNT
        return await self._session.post(
            self._url,
            json={"message": message, "max_tokens": 2000, "temperature": 0.0},
            headers={"Authorization": f"Bearer {ALICE_KEY}"},
            timeout=aiohttp.ClientTimeout(total=LIMIT_S),
        )


class _Engine:
    """Asks the engine how busy it is."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def health(self) -> Health:
        """Return what it says about itself."""
        async with self._session.get("http://engine/health") as response:
            health: Health = await response.json()
            return health

    async def until(self, condition: Callable[[Health], bool]) -> None:
        """Wait for a state; at most half a minute."""
        async with asyncio.timeout(LIMIT_S):
            while not condition(await self.health()):  # noqa: ASYNC110 - another process
                await asyncio.sleep(POLL_S)


async def _leave_decode(clients: _Clients, engine: _Engine) -> float:
    stream = await clients.open(0)
    await stream.content.readuntil(b'"delta"')
    await asyncio.sleep(clients.draw.uniform(0.0, 0.5))
    return await _leave(stream.close, engine, lambda health: health["active"] == 0)


async def _leave_prefill(clients: _Clients, engine: _Engine) -> float:
    opening = asyncio.create_task(clients.open(PROMPT_WORDS))
    await engine.until(lambda health: health["active"] == 1)
    # The first half second is before the answer's headers.
    await asyncio.wait([opening], timeout=clients.draw.uniform(0.0, 1.5))
    close = opening.result().close if opening.done() else opening.cancel
    return await _leave(close, engine, lambda health: health["active"] == 0)


async def _leave_queue(clients: _Clients, engine: _Engine) -> list[float]:
    others: list[aiohttp.ClientResponse] = []
    times: list[float] = []
    while len(times) < EACH:
        stream = await clients.open(0)
        await asyncio.sleep(clients.draw.uniform(0.0, 0.2))
        if (await engine.health())["queue"] == 1:
            times.append(await _leave(stream.close, engine, lambda health: health["queue"] == 0))
        else:
            others.append(stream)
    for stream in others:
        stream.close()
    await engine.until(lambda health: health["active"] == 0)
    return times


async def _leave(
    close: Callable[[], object], engine: _Engine, over: Callable[[Health], bool]
) -> float:
    started = time.perf_counter()
    close()
    await engine.until(over)
    return (time.perf_counter() - started) * 1000


def _table(result: Result) -> str:
    rows = [
        [name, len(times), *(percentile(times, share) for share in (0.5, 0.9, 0.99, 1.0))]
        for name, times in result.times_ms.items()
    ]
    return table(["left while, ms", "count", "p50", "p90", "p99", "max"], rows)


if __name__ == "__main__":
    sys.exit(main())
