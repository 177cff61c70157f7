"""How long one person waits for the first token, alone and while another floods.

    python -m bench.fairness
    python -m bench.fairness --flooders 24 --samples 100

Another user keeps `--flooders` requests of long answers going without a pause. Settings are the
usual ones but for the rate limit. The person asks one short question after the other, each in a
conversation of its own.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.first_token import Target, ask_api
from bench.program import running
from bench.report import add_output, percentile, publish, table
from tests.support.server import ALICE_KEY, BOB_KEY, Server

STREAM = "/v1/chat/stream"
SHARES = (0.5, 0.95, 0.99)


class Waits(msgspec.Struct, frozen=True):
    """Times to the first token in seconds, and how many questions were refused."""

    p50: float
    p95: float
    p99: float
    longest: float
    refused: int


class Flood(NamedTuple):
    """What another user does.

    Attributes:
        begun: Whether an answer has come.
        tokens: The longest answer.
        statuses: How often it was answered with each status.
    """

    begun: asyncio.Event
    tokens: int
    statuses: Counter[str]


class Result(msgspec.Struct, frozen=True):
    """The person's waits, and the statuses that the flood was answered with."""

    environment: Environment
    model: str
    flooders: int
    samples: int
    alone: Waits
    flooded: Waits
    flood: dict[str, int]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure whether users get their turns.")
    parser.add_argument("--model", default="smollm2-135m-instruct")
    parser.add_argument("--flooders", type=int, default=24)
    parser.add_argument("--samples", type=int, default=100)
    parser.add_argument("--tokens", type=int, default=128, help="of each answer of the flood")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running(PISOVEREIGN_INFERENCE__MODEL=args.model) as server:
        alone, flooded, flood = asyncio.run(_measure(server, args))
    result = Result(
        environment, args.model, args.flooders, args.samples, alone, flooded, dict(flood)
    )
    publish(result, _table(result), args.output)
    return 0


async def _measure(server: Server, args: argparse.Namespace) -> tuple[Waits, Waits, Counter[str]]:
    flood = Flood(asyncio.Event(), args.tokens, Counter())
    # A connection for each request: one that was kept may end just when it is used again.
    limit = aiohttp.TCPConnector(limit=0, force_close=True)
    async with aiohttp.ClientSession(connector=limit) as session:
        await _waits(session, server, 5)
        alone = await _waits(session, server, args.samples)
        clients = [
            asyncio.create_task(_flood(session, server, number, flood))
            for number in range(args.flooders)
        ]
        await flood.begun.wait()
        flooded = await _waits(session, server, args.samples)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
    return alone, flooded, flood.statuses


async def _waits(session: aiohttp.ClientSession, server: Server, samples: int) -> Waits:
    target = Target(session=session, url=server.url + STREAM, headers=_headers(BOB_KEY))
    times, refused = list[float](), 0
    for number in range(samples):
        body = _body(f"{number}: name a color, please.", 8)
        try:
            times.append((await ask_api(target, body)).seconds)
        except aiohttp.ClientError:
            refused += 1
    if not times:
        return Waits(0.0, 0.0, 0.0, 0.0, refused)
    p50, p95, p99 = (percentile(times, share) for share in SHARES)
    return Waits(p50, p95, p99, max(times), refused)


async def _flood(session: aiohttp.ClientSession, server: Server, number: int, flood: Flood) -> None:
    while True:
        body = _body(f"{number}: tell me a long story.", flood.tokens)
        answer = session.post(server.url + "/v1/chat", data=body, headers=_headers(ALICE_KEY))
        async with answer as response:
            await response.read()
            flood.statuses[str(response.status)] += 1
            flood.begun.set()


def _headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}


def _body(message: str, most: int) -> bytes:
    fields = {"commands": False, "use_memory": False, "learn": False, "max_tokens": most}
    return msgspec.json.encode({"message": message, **fields})


def _table(result: Result) -> str:
    rows = [
        (name, *(1000 * seconds for seconds in (w.p50, w.p95, w.p99, w.longest)), w.refused)
        for name, w in (("alone", result.alone), ("while another floods", result.flooded))
    ]
    head = ("first token in ms", "p50", "p95", "p99", "longest", "refused")
    return f"{table(head, rows)}\n\nthe flood was answered with {result.flood}"


if __name__ == "__main__":
    sys.exit(main())
