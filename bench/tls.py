"""What TLS costs: the same requests with and without it, in pairs, against one running program.

    python -m bench.tls --rounds 200

Measured over connections that stay open: `GET /health`, and the time to the first token of a
streamed answer of a real small model. A last row opens a connection for each request, so that it
holds the handshake.
"""

from __future__ import annotations

import sys

if not __package__:
    sys.exit("run it from the project's folder as: python -m bench.tls")

import argparse
import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.first_token import Target, ask_api
from bench.program import running
from bench.report import add_output, percentile, publish, table
from pisovereign.tls.authority import Authority
from pisovereign.tls.own_certificate import authority_file
from tests.support.server import ALICE_KEY, Server, free_port

_JSON = {"Content-Type": "application/json", "Authorization": f"Bearer {ALICE_KEY}"}
Ask = Callable[[str], Awaitable[float]]


class Row(msgspec.Struct, frozen=True):
    """One kind of request: medians in milliseconds, and the median of the pairs' differences."""

    what: str
    pairs: int
    plain_p50_ms: float
    tls_p50_ms: float
    difference_p50_ms: float


class Result(msgspec.Struct, frozen=True):
    """All rows, and where they were measured."""

    environment: Environment
    rows: list[Row]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.tls", description=__doc__)
    parser.add_argument("--rounds", type=int, default=200, help="pairs of each kind")
    parser.add_argument("--answers", type=int, default=20, help="pairs of streamed answers")
    add_output(parser)
    args = parser.parse_args(argv)
    environment, port = describe(), free_port()
    settings = {
        "PISOVEREIGN_TLS__MODE": "own-ca",
        "PISOVEREIGN_TLS__PORT": str(port),
        "PISOVEREIGN_INFERENCE__MODEL": "smollm2-135m-instruct",
        "PISOVEREIGN_MEMORY__LEARN": "false",
    }
    with running(**settings) as server:
        rows = asyncio.run(_measure(server, port, args.rounds, args.answers))
    head = ("", "pairs", "without, ms", "with TLS, ms", "difference, ms")
    cells = [(r.what, r.pairs, r.plain_p50_ms, r.tls_p50_ms, r.difference_p50_ms) for r in rows]
    publish(Result(environment, rows), table(head, cells), args.output)
    return 0


async def _measure(server: Server, port: int, rounds: int, answers: int) -> list[Row]:
    stored = authority_file(server.data_dir).read_bytes()
    context = ssl.create_default_context(cadata=Authority.load(stored).pem.decode())
    plain, secure = server.url, f"https://localhost:{port}"
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:

        async def health(url: str) -> float:
            started = time.perf_counter()
            async with session.get(f"{url}/health", raise_for_status=True) as response:
                await response.read()
            return time.perf_counter() - started

        async def anew(url: str) -> float:
            started = time.perf_counter()
            connector = aiohttp.TCPConnector(ssl=context, force_close=True)
            async with (
                aiohttp.ClientSession(connector=connector) as fresh,
                fresh.get(f"{url}/health", raise_for_status=True) as response,
            ):
                await response.read()
            return time.perf_counter() - started

        async def first_token(url: str) -> float:
            body = msgspec.json.encode({"message": "Which birds stay?", "max_tokens": 4})
            target = Target(session=session, url=f"{url}/v1/chat/stream", headers=_JSON)
            return (await ask_api(target, body)).seconds

        return [
            await _pairs("GET /health, open connection", health, plain, secure, rounds),
            await _pairs("first token, open connection", first_token, plain, secure, answers),
            await _pairs("GET /health, new connection", anew, plain, secure, rounds),
        ]


async def _pairs(what: str, ask: Ask, plain: str, secure: str, count: int) -> Row:
    """Measure both one after the other, each first in every other pair."""
    await ask(plain)
    await ask(secure)
    found: list[tuple[float, float]] = []
    for number in range(count):
        if number % 2:
            with_tls = await ask(secure)
            found.append((await ask(plain), with_tls))
        else:
            without = await ask(plain)
            found.append((without, await ask(secure)))
    return Row(
        what,
        count,
        percentile([a for a, _ in found], 0.5) * 1000,
        percentile([b for _, b in found], 0.5) * 1000,
        percentile([b - a for a, b in found], 0.5) * 1000,
    )


if __name__ == "__main__":
    sys.exit(main())
