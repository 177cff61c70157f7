"""What clients see when the engine is killed in the middle of their answers.

    python -m bench.engine_crash --rounds 5

Each round starts the program, opens more streams than there are sequences, and kills the engine
with SIGKILL while some are written and others wait: how long until each client has its `error`
event, and until the next chat is answered.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Sequence

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from tests.support.server import ALICE_KEY, Server

AIM_MS = 1000.0
CLIENTS = 8
MOST_ROUNDS = 50
LIMIT_S = 60.0
HEADERS = {"Authorization": f"Bearer {ALICE_KEY}"}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds from the kill: to each client's error event, and to the next whole answer."""

    environment: Environment
    error_ms: list[float]
    back_ms: list[float]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a client waited for more than a second."""
    parser = argparse.ArgumentParser(
        prog="bench.engine_crash", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=5, help="each with a kill")
    add_output(parser)
    args = parser.parse_args(argv)
    if not 1 <= args.rounds <= MOST_ROUNDS:
        parser.error(f"--rounds must be 1 to {MOST_ROUNDS}")
    environment = describe()
    errors: list[float] = []
    back: list[float] = []
    for _ in range(args.rounds):
        with running() as server:
            told, answered = asyncio.run(_round(server))
        errors += told
        back.append(answered)
    result = Result(environment=environment, error_ms=errors, back_ms=back)
    publish(result, _table(result), args.output)
    return 0 if max(errors) <= AIM_MS else 1


async def _round(server: Server) -> tuple[list[float], float]:
    timeout = aiohttp.ClientTimeout(total=LIMIT_S)
    async with aiohttp.ClientSession(headers=HEADERS, timeout=timeout) as session:
        url = f"{server.url}/v1/chat/stream"
        body = {"message": "Tell a long story.", "max_tokens": 2000}
        streams = await asyncio.gather(*(session.post(url, json=body) for _ in range(CLIENTS)))
        await streams[0].content.readuntil(b'"delta"')
        os.kill(server.child("pisovereign.engine.main"), signal.SIGKILL)
        killed = time.perf_counter()
        errors = await asyncio.gather(*(_error_ms(stream, killed) for stream in streams))
        while not await _answers(session, server.url):  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.01)
        return [ms for ms in errors if ms is not None], (time.perf_counter() - killed) * 1000


async def _error_ms(stream: aiohttp.ClientResponse, killed: float) -> float | None:
    """When the error came; None if the answer was complete before the kill."""
    rest = b""
    async for piece in stream.content.iter_any():
        rest += piece
        if b"event: error" in rest:
            return (time.perf_counter() - killed) * 1000
    if b"event: done" in rest:
        return None
    raise RuntimeError("a stream ended with neither `done` nor `error`")


async def _answers(session: aiohttp.ClientSession, url: str) -> bool:
    body = {"message": "Hello", "max_tokens": 1}
    async with session.post(f"{url}/v1/chat", json=body) as response:
        return response.status == 200


def _table(result: Result) -> str:
    rows = [
        [name, len(times), percentile(times, 0.5), max(times)]
        for name, times in (("error event", result.error_ms), ("next answer", result.back_ms))
    ]
    return table(["ms after the kill", "count", "p50", "max"], rows)


if __name__ == "__main__":
    sys.exit(main())
