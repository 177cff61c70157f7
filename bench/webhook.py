"""How fast WhatsApp's webhook is acknowledged, while the messages are answered beside it.

    python -m bench.webhook --rate 50 --seconds 20

The whole program with a stub in the model's place and Meta's side on the loopback. Each webhook is
signed and holds one message of one of ten people; with `--repeated` all hold the same hundred
messages, again and again. An open loop: each time counts from when the webhook was due.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec

from bench.asgi_server import serve
from bench.environment import Environment, describe
from bench.histogram import Latencies, Percentiles
from bench.openloop import Load, Variant, run
from bench.program import running
from bench.report import add_output, publish, table
from tests.support.graph_api import GraphApi, settings, sign, text_message, webhook

PEOPLE = 10
MOST_RATE, MOST_SECONDS = 500.0, 60.0


class Result(msgspec.Struct, frozen=True):
    """Times of acknowledgment; what was answered until a while after the last webhook."""

    environment: Environment
    rate: float
    seconds: float
    repeated: bool
    acknowledged: Percentiles
    failures: dict[str, int]
    messages: int
    answered: int
    sent_twice: int
    answering_s: float


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a webhook failed, or anything was sent twice."""
    parser = argparse.ArgumentParser(prog="bench.webhook", description=__doc__.partition("\n")[0])
    parser.add_argument("--rate", type=float, default=50.0, help="webhooks a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--repeated", action="store_true", help="the same messages over and over")
    add_output(parser)
    args = parser.parse_args(argv)
    if not (0 < args.rate <= MOST_RATE and 0 < args.seconds <= MOST_SECONDS):
        parser.error(f"at most {MOST_RATE:g} a second for {MOST_SECONDS:g} seconds")
    result = _measure(args.rate, args.seconds, repeated=args.repeated)
    publish(result, _table(result), args.output)
    return 1 if result.failures or result.sent_twice else 0


def _measure(rate: float, seconds: float, *, repeated: bool) -> Result:
    environment = describe()
    count = 100 if repeated else int(2 * rate * (seconds + 1))
    people = [(f"49151{number:07}", str(uuid.uuid4())) for number in range(PEOPLE)]
    senders = [{"phone": phone, "user_id": user} for phone, user in people]
    variants = [_signed(number, people[number % PEOPLE][0]) for number in range(count)]
    with (
        tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder,
        serve("bench.stub_engine:app", Path(folder) / "log", access_log=False) as engine,
        GraphApi() as graph,
        running(
            **settings(graph.url, PISOVEREIGN_WHATSAPP__SENDERS=json.dumps(senders)),
            PISOVEREIGN_INFERENCE__BASE_URL=f"{engine}/v1",
        ) as server,
    ):
        load = Load(
            method="POST",
            url=f"{server.url}/v1/webhooks/whatsapp",
            headers={"Content-Type": "application/json"},
            variants=variants,
            rate=rate,
            warmup_s=1.0,
            seconds=seconds,
        )
        outcome = run(load)
        started = time.perf_counter()
        answered = _quiet(graph)
        answering_s = time.perf_counter() - started
        copies = Counter(message["biz_opaque_callback_data"] for message in graph.sent)
    acknowledged = Latencies([outcome.latency]).percentiles()
    return Result(
        environment=environment,
        rate=rate,
        seconds=seconds,
        repeated=repeated,
        acknowledged=acknowledged,
        failures=outcome.failures,
        messages=min(count, acknowledged.count + round(rate)),
        answered=answered,
        sent_twice=sum(times - 1 for times in copies.values()),
        answering_s=round(answering_s, 1),
    )


def _signed(number: int, phone: str) -> Variant:
    body = json.dumps(webhook(text_message(f"How is it, number {number}?", phone=phone)))
    return Variant(body, {"X-Hub-Signature-256": sign(body.encode())})


def _quiet(graph: GraphApi, pause_s: float = 3.0) -> int:
    """Wait until nothing more is sent for a while; returns how much was."""
    seen, since = len(graph.sent), time.monotonic()
    while time.monotonic() - since < pause_s:
        time.sleep(0.1)
        if len(graph.sent) != seen:
            seen, since = len(graph.sent), time.monotonic()
    return seen


def _table(result: Result) -> str:
    times = result.acknowledged
    rows: list[list[object]] = [
        ["acknowledged", times.count],
        ["p50, ms", times.p50_ms],
        ["p99, ms", times.p99_ms],
        ["longest, ms", times.max_ms],
        ["failures", sum(result.failures.values())],
        ["messages, about", result.messages],
        ["answers sent", result.answered],
        ["sent twice", result.sent_twice],
        ["answering afterwards, s", result.answering_s],
    ]
    return table([f"webhooks at {result.rate:g} a second", ""], rows)


if __name__ == "__main__":
    sys.exit(main())
