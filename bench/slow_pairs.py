"""What slow clients cost others and the API: idle and slow moments in turns, in one run.

    python -m bench.slow_pairs --rounds 3 --seconds 8

What one person waits depends on whatever else the machine does; in pairs both halves have the same
of it. The processor time of the API, for each request of that person that was answered, depends on
it hardly at all.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import msgspec

from bench.environment import Environment, describe
from bench.light_user import KINDS, LightUser
from bench.overload import CONFIG, CONNECT_S, HEAVY, LIGHT, SLOW, prepare
from bench.program import running
from bench.report import add_output, percentile, publish, table
from bench.slow_clients import SlowClients, Way
from tests.support.server import Server

AIM = 2.0
_TICKS = os.sysconf("SC_CLK_TCK")


class Half(msgspec.Struct, frozen=True, kw_only=True):
    """One half of the pairs of a way: what the person waited, and what the API computed."""

    name: str
    read_p50_ms: float
    read_p99_ms: float
    write_p50_ms: float
    write_p99_ms: float
    answered: int
    busy_share: float
    load: float


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All halves: an idle one, and the slow one of the same rounds."""

    environment: Environment
    halves: list[Half]


class _Moments:
    """The moments of one half."""

    def __init__(self, server: Server, light: LightUser) -> None:
        lines = server.descendants().items()
        # Workers have the command line of the process that they were forked from.
        self._worker = max(pid for pid, line in lines if "pisovereign.cli.serve api" in line)
        self._light = light
        self._spans: list[tuple[float, float]] = []
        self._busy_s = 0.0
        self._load = 0.0

    def watch(self, seconds: float) -> None:
        """Let one pass."""
        began, busy = time.monotonic(), self._busy()
        time.sleep(seconds)
        self._busy_s += self._busy() - busy
        self._spans.append((began, time.monotonic()))
        self._load = max(self._load, os.getloadavg()[0])

    def half(self, name: str) -> Half:
        """Return what was in them."""
        waits = {kind: self._waits(kind) for kind in KINDS}
        p50, p99 = (
            [percentile(waits[kind] or [float("nan")], share) for kind in ("read", "write")]
            for share in (0.5, 0.99)
        )
        passed = sum(end - begin for begin, end in self._spans)
        return Half(
            name=name,
            read_p50_ms=round(p50[0], 1),
            read_p99_ms=round(p99[0], 1),
            write_p50_ms=round(p50[1], 1),
            write_p99_ms=round(p99[1], 1),
            answered=sum(map(len, waits.values())),
            busy_share=round(self._busy_s / passed, 3),
            load=round(self._load, 1),
        )

    def _waits(self, kind: str) -> list[float]:
        ends = self._light.ends[kind]
        return [s * 1000 for at, s in ends if any(b <= at < e for b, e in self._spans)]

    def _busy(self) -> float:
        fields = Path(f"/proc/{self._worker}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when a p99 is more than twice that of its idle half."""
    parser = argparse.ArgumentParser(
        prog="bench.slow_pairs", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8, help="of each half of a pair")
    parser.add_argument("--ways", nargs="+", choices=get_args(Way), default=list(SLOW))
    add_output(parser)
    args = parser.parse_args(argv)
    environment, halves = describe(), []
    with running(config=CONFIG) as server, LightUser(server.port, LIGHT, prepare(server)) as light:
        time.sleep(CONNECT_S)
        for way in args.ways:
            idle, slow = _Moments(server, light), _Moments(server, light)
            for _ in range(args.rounds):
                idle.watch(args.seconds)
                with SlowClients(server.port, HEAVY[0], way, SLOW[way]):
                    time.sleep(CONNECT_S)
                    slow.watch(args.seconds)
                time.sleep(CONNECT_S)
            halves += [idle.half("idle"), slow.half(f"slow {way}")]
    publish(Result(environment=environment, halves=halves), _table(halves), args.output)
    pairs = zip(halves[::2], halves[1::2], strict=True)
    return 0 if all(ratio <= AIM for pair in pairs for ratio in _ratios(*pair)) else 1


def _ratios(idle: Half, slow: Half) -> tuple[float, float]:
    return slow.read_p99_ms / idle.read_p99_ms, slow.write_p99_ms / idle.write_p99_ms


def _table(halves: Sequence[Half]) -> str:
    rows = []
    for idle, slow in zip(halves[::2], halves[1::2], strict=True):
        for half in (idle, slow):
            read, write = _ratios(idle, half)
            rows.append(
                [
                    half.name,
                    half.answered,
                    half.read_p50_ms,
                    half.read_p99_ms,
                    read,
                    half.write_p50_ms,
                    half.write_p99_ms,
                    write,
                    half.busy_share,
                    half.load,
                ]
            )
    head = [
        "meanwhile",
        "answered",
        "read p50 ms",
        "p99",
        "/ idle",
        "write p50 ms",
        "p99",
        "/ idle",
    ]
    return table([*head, "API busy", "load"], rows)


if __name__ == "__main__":
    sys.exit(main())
