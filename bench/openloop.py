"""The load generator: an open loop, in a process of its own.

Requests leave at times that were drawn beforehand, whatever the answers do, and each latency counts
from its scheduled time. So a server that stalls is charged for every request that the stall delayed
(a closed loop would politely wait, and hide it: "coordinated omission").

`python -m bench.openloop` reads a `Load` from stdin and writes an `Outcome` to stdout, both JSON;
`run` does that from another process.
"""

from __future__ import annotations

import asyncio
import gc
import itertools
import random
import selectors
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import aiohttp
import msgspec

from bench.histogram import Latencies

REQUEST_LIMIT_S = 10.0
MOST_REQUESTS = 200_000
START_S = 0.1  # until the first request


class Variant(msgspec.Struct, frozen=True):
    """What differs from request to request."""

    body: str
    headers: dict[str, str]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What to send: `rate` requests a second; those due in the first `warmup_s` do not count.

    With `queries`, what follows the `?`, each request has the next one of them; with `variants` the
    next body and further headers.
    """

    method: str
    url: str
    queries: list[str] = []
    headers: dict[str, str] = {}
    body: str = ""
    variants: list[Variant] = []
    rate: float
    warmup_s: float
    seconds: float
    connections: int = 128
    seed: int = 0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came back.

    `latency` holds successful requests, from the scheduled time to the last byte; `lateness` how
    far the generator itself was behind its schedule; both in HdrHistogram's encoding.
    """

    latency: str
    lateness: str
    failures: dict[str, int]
    per_second: float


def arrivals(load: Load) -> Iterator[float]:
    """Due times in seconds: a Poisson process, as of many people who know nothing of each other."""
    source = random.Random(load.seed)
    due = 0.0
    for _ in range(MOST_REQUESTS):
        due += source.expovariate(load.rate)
        if due > load.warmup_s + load.seconds:
            return
        yield due


class Generator:
    """Sends one load."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._latency, self._lateness = Latencies(), Latencies()
        self._failures: Counter[str] = Counter()
        self._answered = itertools.count()
        self._urls = itertools.cycle([f"{load.url}?{q}" for q in load.queries] or [load.url])
        self._variants = itertools.cycle(load.variants or [Variant(load.body, {})])

    async def run(self) -> Outcome:
        """Send everything, and wait for the answers that are still out."""
        loop = asyncio.get_running_loop()
        connector = aiohttp.TCPConnector(limit=self._load.connections, keepalive_timeout=60)
        timeout = aiohttp.ClientTimeout(total=REQUEST_LIMIT_S)
        async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
            start = loop.time() + START_S
            counting_from = start + self._load.warmup_s
            tasks = []
            for offset in arrivals(self._load):
                due = start + offset
                await asyncio.sleep(max(0.0, due - loop.time()))
                tasks.append(loop.create_task(self._send(session, due, due >= counting_from)))
            await asyncio.gather(*tasks)
            seconds = loop.time() - counting_from
        return Outcome(
            latency=self._latency.encode(),
            lateness=self._lateness.encode(),
            failures=dict(self._failures),
            per_second=next(self._answered) / seconds,
        )

    async def _send(self, session: aiohttp.ClientSession, due: float, counts: bool) -> None:
        load, clock = self._load, asyncio.get_running_loop().time
        variant = next(self._variants)
        headers = load.headers | variant.headers
        sent = clock()
        try:
            async with session.request(
                load.method, next(self._urls), data=variant.body or None, headers=headers
            ) as response:
                await response.read()
                problem = "" if response.status == 200 else str(response.status)
        except (aiohttp.ClientError, TimeoutError) as error:
            problem = type(error).__name__
        done = clock()
        if problem:
            self._failures[problem] += 1
        elif counts:
            next(self._answered)
            self._latency.record(done - due)
            self._lateness.record(sent - due)


def run(load: Load, *, niceness: int = 0) -> Outcome:
    """Send `load` from a new process and return what came back; `niceness` is that of nice(1)."""
    limit = load.warmup_s + load.seconds + 2 * REQUEST_LIMIT_S + 10
    done = subprocess.run(
        ["nice", f"-n{niceness}", sys.executable, "-m", "bench.openloop"],
        input=msgspec.json.encode(load),
        stdout=subprocess.PIPE,
        check=True,
        timeout=limit,
    )
    return msgspec.json.decode(done.stdout, type=Outcome)


def precise_loop() -> asyncio.AbstractEventLoop:
    """Make an event loop on select(2); epoll, and so every other loop, rounds timers up to 1 ms."""
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


def main() -> None:
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    # Bounded in time and count, so nothing needs to be collected; a collection would be a stall.
    gc.freeze()
    gc.disable()
    with asyncio.Runner(loop_factory=precise_loop) as runner:
        outcome = runner.run(Generator(load).run())
    sys.stdout.buffer.write(msgspec.json.encode(outcome))


if __name__ == "__main__":
    main()
