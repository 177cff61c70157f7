"""What others notice while some ask for three times what there is, and of slow clients.

    python -m bench.overload --seconds 20 --plot overload.svg

One person reads, writes and chats as people do. Meanwhile three others send as many requests as the
API can answer, then three times as many (an open loop), then the same to the engine; then clients
at another address open more connections than they may have, and are slow with headers, with bodies,
with reading answers of a megabyte, or never read their events. What the one person waits is
compared with an idle server; how the rest is refused, and how soon all is as before, is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec
import requests

from bench import openloop
from bench.environment import Environment, describe
from bench.histogram import Latencies
from bench.light_user import KINDS, LightUser
from bench.line_plot import draw
from bench.overload_panels import Span, panels
from bench.program import running
from bench.report import add_output, percentile, publish, table
from bench.resident import KIB_PER_MB, rollup
from bench.slow_clients import SlowClients, Way
from tests.support.server import Server

AIM = 2.0
TIMES = 3
SLOW: dict[Way, int] = {"headers": 400, "body": 400, "reading": 200, "events": 100}
CLOSED_LOOP = 8
SETTLE_S = 6.0
CONNECT_S = 4.0  # until the slow clients are all there
MEMORIES, LARGE = 500, "x" * 1500
KEYS = [f"sk-overload-{number}-0123456789abcdef" for number in range(4)]
LIGHT, *HEAVY = KEYS
_NOTHING: Counter[str] = Counter()
CONFIG = (
    "[security]\nrate_limit_rpm = 1000000\nsign_in_attempts = 1000\n\n[security.api_key_users]\n"
) + "\n".join(
    f'"{key}" = "550e8400-e29b-41d4-a716-44665544010{number}"' for number, key in enumerate(KEYS)
)


class Waits(msgspec.Struct, frozen=True):
    """What the one person waited for one kind of request, in milliseconds."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """One load: what others asked, what became of it, and what the one person noticed.

    `outcomes` counts answers by status, and other ends of connections by name; `refusals` tells of
    some of them what they say. `recovered_s` is how long after the end of the load requests again
    took no longer than on an idle server.
    """

    name: str
    offered_per_s: float
    outcomes: dict[str, int]
    refusals: list[str]
    waits: dict[str, Waits]
    failures: dict[str, dict[str, int]]
    recovered_s: float | None
    memory_mb: dict[str, float]


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Capacities in requests a second, and all phases; the first is the idle server."""

    environment: Environment
    api_per_s: float
    engine_per_s: float
    phases: list[Phase]


class Measurement:
    """A server, the one person, and the loads.

    Attributes:
        spans: which load was when, in the order of time.
    """

    def __init__(self, server: Server, light: LightUser, seconds: float) -> None:
        self._server, self._light, self._seconds = server, light, seconds
        self._idle: dict[str, float] = {}
        self.spans: list[Span] = []

    def idle(self) -> Phase:
        """Measure without a load."""
        began = time.monotonic()
        time.sleep(self._seconds)
        phase = self._phase("idle", began, time.monotonic())
        self._idle = {kind: waits.p99_ms for kind, waits in phase.waits.items()}
        return phase

    def overload(self, name: str, target: openloop.Load, rate: float) -> Phase:
        """Measure while three people send `rate` requests a second together."""
        loads = [
            msgspec.structs.replace(
                target,
                headers=target.headers | {"Authorization": f"Bearer {key}"},
                rate=rate / len(HEAVY),
                seed=number,
            )
            for number, key in enumerate(HEAVY)
        ]
        began = time.monotonic()
        with ThreadPoolExecutor(len(loads)) as pool:
            refusals = Refusals(target, self._seconds)
            outcomes = list(pool.map(lambda load: openloop.run(load, niceness=10), loads))
        counts: Counter[str] = Counter()
        for outcome in outcomes:
            counts.update(outcome.failures)
            counts["200"] += Latencies([outcome.latency]).percentiles().count
        ended = began + self._seconds + openloop.START_S
        return self._phase(name, began, ended, offered=rate, outcomes=counts, refusals=refusals())

    def slow(self, way: Way, count: int) -> Phase:
        """Measure while `count` connections are slow in one way."""
        with SlowClients(self._server.port, HEAVY[0], way, count) as clients:
            time.sleep(CONNECT_S)
            began = time.monotonic()
            time.sleep(self._seconds)
            ended = time.monotonic()
            memory = memory_of(self._server)
        return self._phase(
            f"slow {way}",
            began,
            ended,
            offered=count,
            outcomes=clients.closed,
            memory=memory,
        )

    def _phase(
        self,
        name: str,
        began: float,
        ended: float,
        *,
        offered: float = 0.0,
        outcomes: Counter[str] = _NOTHING,
        refusals: Sequence[str] = (),
        memory: dict[str, float] | None = None,
    ) -> Phase:
        self.spans.append(Span(name, began, ended))
        waits = {}
        for kind in KINDS:
            during = [s for b, s in self._light.ends[kind] if began <= b < ended]
            waits[kind] = _waits(during)
        failures = {kind: dict(self._light.failures[kind]) for kind in KINDS}
        for counted in self._light.failures.values():
            counted.clear()
        return Phase(
            name=name,
            offered_per_s=round(offered, 1),
            outcomes=dict(outcomes),
            refusals=list(refusals),
            waits=waits,
            failures=failures,
            recovered_s=self._recovered(ended) if self._idle else None,
            memory_mb=memory or memory_of(self._server),
        )

    def _recovered(self, ended: float) -> float | None:
        """Return how long after the end reads and writes first took no longer than when idle."""
        time.sleep(max(0.0, ended + SETTLE_S - time.monotonic()))
        firsts = []
        for kind in ("read", "write"):
            later = [(b, s) for b, s in self._light.ends[kind] if b >= ended]
            quick = [b + s - ended for b, s in later if s * 1000 <= self._idle[kind]]
            if not quick:
                return None
            firsts.append(quick[0])
        return round(max(firsts), 3)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a p99 of the one person is more than twice the idle."""
    parser = argparse.ArgumentParser(prog="bench.overload", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=20, help="of each load")
    parser.add_argument("--plot", type=Path, help="write the curves to this SVG file")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running(config=CONFIG) as server:
        items = prepare(server)
        listing = _load(server, "GET", "/v1/memories", args.seconds, query="limit=20")
        body = '{"message": "Tell me of the sea", "max_tokens": 16}'
        chatting = _load(server, "POST", "/v1/chat", args.seconds, body=body)
        api, engine = capacity(listing), capacity(chatting)
        with LightUser(server.port, LIGHT, items) as light:
            measured = Measurement(server, light, args.seconds)
            phases = [measured.idle()]
            for name, load, per_s in (("API", listing, api), ("engine", chatting, engine)):
                phases.append(measured.overload(f"{name} x 1", load, per_s))
                phases.append(measured.overload(f"{name} x {TIMES}", load, TIMES * per_s))
            phases += [measured.slow(way, count) for way, count in SLOW.items()]
            phases.append(measured.idle())
    result = Result(environment=environment, api_per_s=api, engine_per_s=engine, phases=phases)
    publish(result, _table(result), args.output)
    if args.plot:
        args.plot.write_text(draw(panels(light.ends, measured.spans)))
    worst = max(ratio(phase, phases[0], kind) for phase in phases for kind in ("read", "write"))
    return 0 if worst <= AIM else 1


def prepare(server: Server) -> str:
    """Store memories of everybody, and return the path of the items of the one person's list."""

    def remember(key: str, number: int) -> None:
        text = LARGE if key == HEAVY[0] else ""
        body = {"content": f"Parcel {number} {text}", "summary": f"Parcel {number}"}
        server.request("POST", "/v1/memories", key=key, json=body).raise_for_status()

    wanted = [(HEAVY[0], n) for n in range(MEMORIES)]
    wanted += [(key, n) for key in KEYS if key != HEAVY[0] for n in range(30)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: remember(*each), wanted))
    made = server.request("POST", "/v1/lists", key=LIGHT, json={"name": "Shopping list"})
    return f"/v1/lists/{made.json()['id']}/items"


def capacity(load: openloop.Load, seconds: float = 6.0) -> float:
    """Return how many requests a second a closed loop of a few clients gets answered."""
    until = time.monotonic() + seconds

    def ask(number: int) -> int:
        answered = 0
        headers = load.headers | {"Authorization": f"Bearer {HEAVY[1 + number % 2]}"}
        url = f"{load.url}?{load.queries[0]}" if load.queries else load.url
        with requests.Session() as session:
            while time.monotonic() < until:
                reply = session.request(load.method, url, data=load.body, headers=headers)
                answered += reply.status_code == 200
        return answered

    with ThreadPoolExecutor(CLOSED_LOOP) as pool:
        return round(sum(pool.map(ask, range(CLOSED_LOOP))) / seconds, 1)


class Refusals:
    """Asks now and then; called, it returns the different ways in which that was refused."""

    def __init__(self, target: openloop.Load, seconds: float) -> None:
        self._target, self._seconds = target, seconds
        self._found: Counter[str] = Counter()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def __call__(self) -> list[str]:
        """Wait for the end, and return the ways, the most frequent first."""
        self._thread.join()
        return [f"{count} x {what}" for what, count in self._found.most_common()]

    def _run(self) -> None:
        until = time.monotonic() + self._seconds
        headers = self._target.headers | {"Authorization": f"Bearer {HEAVY[0]}"}
        while time.monotonic() < until:
            time.sleep(0.1)
            try:
                reply = requests.request(
                    self._target.method,
                    self._target.url,
                    data=self._target.body,
                    headers=headers,
                    timeout=30,
                )
            except requests.RequestException as error:
                self._found[type(error).__name__] += 1
                continue
            if reply.status_code != 200:
                code = reply.json()["error"]["code"]
                again = reply.headers.get("Retry-After", "none")
                self._found[f"{reply.status_code} {code}, Retry-After {again}"] += 1


def memory_of(server: Server) -> dict[str, float]:
    """Return the proportional share of memory of each part, in MB."""
    parts = {"serve api": "API", "engine.main": "engine", "runner.main": "runner"}
    sizes: Counter[str] = Counter()
    for pid, line in server.descendants().items():
        name = next((name for part, name in parts.items() if part in line), "PostgreSQL")
        with contextlib.suppress(OSError):  # it has ended meanwhile
            sizes[name] += rollup(pid)["Pss"]
    return {name: round(kb / KIB_PER_MB, 1) for name, kb in sizes.items()}


def ratio(phase: Phase, idle: Phase, kind: str) -> float:
    """Return how much longer than on an idle server the slowest hundredth waited."""
    return phase.waits[kind].p99_ms / idle.waits[kind].p99_ms


def _load(
    server: Server, method: str, path: str, seconds: float, *, query: str = "", body: str = ""
) -> openloop.Load:
    return openloop.Load(
        method=method,
        url=server.url + path,
        queries=[query] if query else [],
        headers={"Content-Type": "application/json"},
        body=body,
        rate=1,
        warmup_s=0,
        seconds=seconds,
        connections=64,
    )


def _waits(seconds: list[float]) -> Waits:
    ms = [each * 1000 for each in seconds] or [float("nan")]
    shares = [percentile(ms, share) for share in (0.5, 0.9, 0.99)]
    return Waits(len(seconds), *(round(each, 1) for each in (*shares, max(ms))))


def _table(result: Result) -> str:
    idle = result.phases[0]
    rows = [
        [
            f"{phase.name}: {kind}",
            phase.waits[kind].count,
            phase.waits[kind].p50_ms,
            phase.waits[kind].p90_ms,
            phase.waits[kind].p99_ms,
            phase.waits[kind].max_ms,
            ratio(phase, idle, kind),
            sum(phase.failures[kind].values()),
        ]
        for phase in result.phases
        for kind in KINDS
    ]
    ends = [
        [
            phase.name,
            phase.offered_per_s,
            " ".join(f"{k}:{v}" for k, v in sorted(phase.outcomes.items())) or "-",
            "; ".join(phase.refusals) or "-",
            "-" if phase.recovered_s is None else phase.recovered_s,
            " ".join(f"{k} {v:g}" for k, v in sorted(phase.memory_mb.items())),
        ]
        for phase in result.phases
    ]
    head = ["one person", "count", "p50 ms", "p90", "p99", "max", "p99 / idle", "failed"]
    others = ["load", "per s", "outcomes", "some refusals", "recovered s", "memory MB"]
    capacities = f"capacity: API {result.api_per_s} /s, engine {result.engine_per_s} chats/s"
    return "\n\n".join((capacities, table(head, rows), table(others, ends)))


if __name__ == "__main__":
    sys.exit(main())
