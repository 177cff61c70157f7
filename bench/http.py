"""The HTTP edge under an open loop: the whole program beside a bare FastAPI echo.

    python -m bench.http --rate 25 50 100 --rounds 5

Every round measures each target once, in alternating order, so that a noisy neighbor meets all of
them. The program is the real one (API, PostgreSQL, supervisor); only the model is a stub that
answers at once. Its rate limit is raised by configuration. Both servers log each request.
"""

from __future__ import annotations

import sys

if not __package__:
    sys.exit("run it from the project's folder as: python -m bench.http")

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.asgi_server import serve
from bench.disk import fdatasync_ms
from bench.environment import describe
from bench.histogram import Latencies
from bench.http_result import CHAT, ECHO, HEALTH, Result, compare, summarize, tables
from bench.openloop import Load, Outcome, run
from bench.program import running
from bench.report import add_output, publish
from bench.resident import of_program
from tests.support.server import ALICE_KEY, Server

BODY = msgspec.json.encode({"message": "Which birds stay here in winter?", "max_tokens": 16})
JSON_HEADERS = {"Content-Type": "application/json", "Authorization": f"Bearer {ALICE_KEY}"}
MOST_SECONDS, MOST_RATE, MOST_ROUNDS = 60.0, 2000.0, 50


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a request failed."""
    args = _arguments(argv)
    environment, disk = describe(), fdatasync_ms()
    with _targets() as (server, loads):
        before = of_program(server)
        rows, ratios = [], []
        for rate in args.rate:
            rounds = [_round(loads, rate, number, args) for number in range(args.rounds)]
            at_rate = [summarize(target, rate, [r[target] for r in rounds]) for target in loads]
            rows += at_rate
            ratios.append(compare(rate, at_rate))
        after = of_program(server)
    result = Result(
        environment=environment,
        fdatasync_ms=disk,
        rounds=args.rounds,
        seconds=args.seconds,
        rows=rows,
        ratios=ratios,
        memory_before=before,
        memory_after=after,
    )
    publish(result, tables(result), args.output)
    return 1 if any(row.failures for row in rows) else 0


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench.http", description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, nargs="+", default=[25.0], help="requests a second")
    parser.add_argument("--rounds", type=int, default=5, help="measurements of each target")
    parser.add_argument("--seconds", type=float, default=4.0, help="length of one measurement")
    parser.add_argument("--warmup", type=float, default=1.0, help="seconds that do not count")
    add_output(parser)
    args = parser.parse_args(argv)
    if not all(0 < rate <= MOST_RATE for rate in args.rate):
        parser.error(f"--rate must be above 0 and at most {MOST_RATE:g}")
    if not (0 < args.seconds <= MOST_SECONDS and 0 <= args.warmup <= MOST_SECONDS):
        parser.error(f"--seconds and --warmup may be at most {MOST_SECONDS:g}")
    if not 1 <= args.rounds <= MOST_ROUNDS:
        parser.error(f"--rounds must be 1 to {MOST_ROUNDS}")
    return args


@contextmanager
def _targets() -> Iterator[tuple[Server, dict[str, Load]]]:
    """Start everything; yields the program and what to send to each target."""
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        log = Path(folder) / "asgi.log"
        with (
            serve("bench.echo:app", log, access_log=True) as echo,
            serve("bench.stub_engine:app", log, access_log=False) as engine,
            running(PISOVEREIGN_INFERENCE__BASE_URL=f"{engine}/v1") as server,
        ):
            yield (
                server,
                {
                    CHAT: _post(f"{server.url}/v1/chat"),
                    ECHO: _post(f"{echo}/echo"),
                    HEALTH: Load(
                        method="GET", url=f"{server.url}/health", rate=1, warmup_s=0, seconds=1
                    ),
                },
            )


def _post(url: str) -> Load:
    return Load(
        method="POST",
        url=url,
        headers=JSON_HEADERS,
        body=BODY.decode(),
        rate=1,
        warmup_s=0,
        seconds=1,
    )


def _round(
    loads: dict[str, Load], rate: float, number: int, args: argparse.Namespace
) -> dict[str, Outcome]:
    """Each target once, with the same arrival times; the order turns around each round."""
    order = list(loads) if number % 2 == 0 else list(reversed(loads))
    outcomes = {}
    for target in order:
        load = msgspec.structs.replace(
            loads[target], rate=rate, warmup_s=args.warmup, seconds=args.seconds, seed=number
        )
        outcomes[target] = run(load)
        p50 = Latencies([outcomes[target].latency]).percentiles().p50_ms
        print(f"{rate:g}/s round {number + 1}: {target} p50 {p50:.2f} ms", file=sys.stderr)
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
