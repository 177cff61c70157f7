"""Whether memory grows with use: what each process holds after 50 and after 500 mixed requests.

    python -m bench.growth --steps 50 500

Four clients send what people send: short questions, follow-ups, prompts of 500 tokens, answers that
are left half-way, memories written and searched. Which comes when is drawn from a fixed seed.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
from collections.abc import Sequence

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from bench.resident import Memory, of_engine, of_program
from tests.support.server import ALICE_KEY, Server

CLIENTS = 4
LIMIT_S = 120.0
LONG_WORDS = 480
KINDS = ("short", "follow-up", "long", "left", "memory")
WEIGHTS = (40, 20, 15, 10, 15)


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What the processes hold after so many requests in all."""

    requests: int
    memory: list[Memory]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All steps and what they were measured on."""

    environment: Environment
    steps: list[Step]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="bench.growth", description=__doc__.partition("\n")[0])
    parser.add_argument("--steps", type=int, nargs="+", default=[50, 500])
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running() as server:
        steps = asyncio.run(_measure(server, sorted(args.steps)))
    result = Result(environment=environment, steps=steps)
    publish(result, _table(result), args.output)
    return 0


async def _measure(server: Server, counts: Sequence[int]) -> list[Step]:
    headers = {"Authorization": f"Bearer {ALICE_KEY}"}
    limit = aiohttp.ClientTimeout(total=LIMIT_S)
    steps, done = [], 0
    async with aiohttp.ClientSession(server.url, headers=headers, timeout=limit) as session:
        people = [_Person(session, number) for number in range(CLIENTS)]
        for count in counts:
            shares = [(count - done) // CLIENTS] * CLIENTS
            shares[0] += (count - done) % CLIENTS
            await asyncio.gather(
                *(person.send(share) for person, share in zip(people, shares, strict=True))
            )
            done = count
            steps.append(
                Step(requests=done, memory=[*of_program(server), of_engine(server)]),
            )
    return steps


class _Person:
    """Sends one request after the other."""

    def __init__(self, session: aiohttp.ClientSession, number: int) -> None:
        self._session = session
        self._draw = random.Random(number)
        self._conversation = f"person-{number}"

    async def send(self, count: int) -> None:
        for _ in range(count):
            (kind,) = self._draw.choices(KINDS, WEIGHTS)
            mark = f"{self._draw.getrandbits(32)}"
            if kind == "memory":
                await self._remember(mark)
            elif kind == "left":
                await self._leave(mark)
            elif kind == "long":
                await self._ask(f"{mark}{' word' * LONG_WORDS} How many words?")
            elif kind == "follow-up":
                await self._ask(f"And what about {mark}?", conversation_id=self._conversation)
            else:
                await self._ask(f"What is special about the number {mark}?")

    async def _ask(self, message: str, **fields: str) -> None:
        body = {"message": message, "max_tokens": 24, **fields}
        async with self._session.post("/v1/chat", json=body) as response:
            response.raise_for_status()
            await response.read()

    async def _leave(self, mark: str) -> None:
        body = {"message": f"Count upwards from {mark}.", "max_tokens": 400}
        async with self._session.post("/v1/chat/stream", json=body) as response:
            response.raise_for_status()
            await response.content.readuntil(b'"delta"')
            response.close()

    async def _remember(self, mark: str) -> None:
        body = {"content": f"The locker in room {mark} is blue.", "summary": f"Locker {mark}"}
        async with self._session.post("/v1/memories", json=body) as response:
            response.raise_for_status()
        query = {"q": f"Which locker is in room {mark}?"}
        async with self._session.get("/v1/memories/search", params=query) as response:
            response.raise_for_status()
            await response.read()


def _table(result: Result) -> str:
    head = ["RSS in MB after", *(str(step.requests) for step in result.steps), "growth"]
    rows = []
    for parts in zip(*(step.memory for step in result.steps), strict=True):
        sizes = [part.rss_mb for part in parts]
        rows.append([parts[0].name, *sizes, sizes[-1] / sizes[0]])
    return table(head, rows)


if __name__ == "__main__":
    sys.exit(main())
