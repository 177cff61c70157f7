"""What executing a command through the API takes beside the command's own time.

    python -m bench.commands --rounds 200

Each round executes commands twice, in an order that turns: through
`POST /v1/commands/catalog/{id}/execute`, on a connection that stays open, and directly, as a child
of this process. The difference is taken inside each pair. It holds everything: HTTP, the key, the
catalog, the audit log on the disk, the runner, its namespaces and limits, and the result.
"""

from __future__ import annotations

import argparse
import http.client
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

import msgspec

from bench.environment import Environment, describe
from bench.program import running
from bench.report import add_output, percentile, publish, table
from tests.support.server import ALICE_KEY

AIM_MS = 15.0
COMMANDS = {
    "default-kernel": ("uname", "-a"),
    "default-disk-free": ("df", "-h"),
    "default-uptime": ("uptime",),
    "default-listening": ("ss", "-tuln"),  # one that may use the network
}
WARM_UP = 10


class Times(msgspec.Struct, frozen=True):
    """Milliseconds of each pair."""

    through_api_ms: list[float]
    directly_ms: list[float]

    def added(self) -> list[float]:
        """Return what the API added, pair by pair."""
        return [a - b for a, b in zip(self.through_api_ms, self.directly_ms, strict=True)]


class Result(msgspec.Struct, frozen=True):
    """The times of each command."""

    environment: Environment
    times: dict[str, Times]


class Client:
    """Executes commands on one connection."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)

    def execute(self, command: str) -> float:
        """Milliseconds from the request to its whole answer."""
        started = time.perf_counter()
        self._connection.request(
            "POST",
            f"/v1/commands/catalog/{command}/execute",
            headers={"Authorization": f"Bearer {ALICE_KEY}", "Content-Length": "0"},
        )
        response = self._connection.getresponse()
        body: dict[str, Any] = json.loads(response.read())
        elapsed = (time.perf_counter() - started) * 1000
        assert (response.status, body["status"]) == (200, "completed"), body
        return elapsed


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when the p95 of what is added misses the aim."""
    parser = argparse.ArgumentParser(prog="bench.commands", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with running() as server:
        client = Client(server.url)
        times = {name: _measure(client, name, args.rounds) for name in COMMANDS}
    result = Result(environment, times)
    publish(result, _table(result), args.output)
    return 0 if all(percentile(t.added(), 0.95) <= AIM_MS for t in times.values()) else 1


def _measure(client: Client, name: str, rounds: int) -> Times:
    for _ in range(WARM_UP):
        client.execute(name)
        _directly(COMMANDS[name])
    through, directly = [], []
    for number in range(rounds):
        for which in (0, 1) if number % 2 else (1, 0):
            if which:
                through.append(client.execute(name))
            else:
                directly.append(_directly(COMMANDS[name]))
    return Times(through, directly)


def _directly(argv: Sequence[str]) -> float:
    started = time.perf_counter()
    # Without closing descriptors the child is started by vfork, the cheapest way there is.
    subprocess.run(argv, capture_output=True, check=True, close_fds=False, timeout=60)
    return (time.perf_counter() - started) * 1000


def _table(result: Result) -> str:
    rows: list[list[object]] = []
    for name, times in result.times.items():
        for what, values in (
            ("through the API", times.through_api_ms),
            ("directly", times.directly_ms),
            ("added", times.added()),
        ):
            shares = [percentile(values, share) for share in (0.5, 0.9, 0.95, 0.99)]
            rows.append([f"{' '.join(COMMANDS[name])}: {what}", *shares, max(values)])
    return table(["milliseconds", "p50", "p90", "p95", "p99", "max"], rows)


if __name__ == "__main__":
    sys.exit(main())
