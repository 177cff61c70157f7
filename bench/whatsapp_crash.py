"""What is sent over WhatsApp while processes are killed between request and answer.

    python -m bench.whatsapp_crash --kills 1000

Two people write through four clients that repeat each webhook until it is acknowledged, as Meta
does. An API worker, a backend of PostgreSQL or PostgreSQL itself is killed, mostly while a message
is on its way to Meta. At the end everything is left to settle; then Meta's side is asked what it
got, and the program what it thinks it sent. A stub stands in the model's place.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.asgi_server import serve
from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, publish, table
from tests.channels.whatsapp.crash import Outcome, write_through_kills
from tests.support.graph_api import GraphApi, settings


class Result(msgspec.Struct, frozen=True):
    """What became of the messages; the time it took."""

    environment: Environment
    seed: int
    outcome: Outcome
    seconds: float


def main(argv: Sequence[str] | None = None) -> int:
    """Write, kill, count and print; exit code 1 when anything was sent twice, or lost."""
    parser = argparse.ArgumentParser(
        prog="bench.whatsapp_crash", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with (
        tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder,
        serve("bench.stub_engine:app", Path(folder) / "log", access_log=False) as engine,
        GraphApi() as graph,
        running(
            **settings(
                graph.url,
                PISOVEREIGN_WHATSAPP__TIMEOUT_S="1",
                PISOVEREIGN_SERVER__WORKERS="2",
                PISOVEREIGN_INFERENCE__BASE_URL=f"{engine}/v1",
            )
        ) as server,
    ):
        graph.delay_s = 0.1
        started = time.perf_counter()
        outcome = write_through_kills(server, graph, kills=args.kills, seed=args.seed)
        seconds = time.perf_counter() - started
    result = Result(environment, args.seed, outcome, round(seconds, 1))
    publish(result, _table(outcome), args.output)
    return 1 if outcome.sent_twice or outcome.lost or outcome.asked_twice else 0


def _table(outcome: Outcome) -> str:
    kills: list[list[object]] = [[name, count] for name, count in sorted(outcome.kills.items())]
    kills.append(["while a message was on its way", outcome.interrupted])
    counts = msgspec.to_builtins(outcome)
    names = [name for name in counts if name not in ("kills", "interrupted")]
    rows: list[list[object]] = [[name.replace("_", " "), counts[name]] for name in names]
    return "\n\n".join((table(["killed", "times"], kills), table(["messages", "count"], rows)))


if __name__ == "__main__":
    sys.exit(main())
