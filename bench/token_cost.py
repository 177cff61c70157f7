"""What one streamed token costs beside the model: in microseconds of CPU, and in instructions.

    python -m bench.token_cost --rounds 5
    python -m bench.token_cost --only step

**The API's worker.** A stub streams long and short answers, a token every 4 ms, to several clients
at once; the cost is the difference of the worker's CPU time between the two, over the tokens by
which they differ. So what a request costs as a whole is not in it.

**The budget of a step.** A recorded answer goes through the parts of the engine's step and of the
API's stream, each alone. Where valgrind is there, callgrind counts their instructions, which do not
depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from bench.asgi_server import serve
from bench.callgrind import instructions, is_there
from bench.dialogue import Say, Target
from bench.environment import Environment, describe
from bench.player import play
from bench.program import running
from bench.recorded_answer import RecordedAnswer
from bench.report import add_output, publish, table
from bench.resident import api_worker, cpu_s
from bench.step_parts import OF_STEP, STEP, tokens_of
from tests.support.server import ALICE_KEY

SHORT, LONG = 50, 450


class Cost(msgspec.Struct, frozen=True, kw_only=True):
    """Microseconds of CPU for one token: the median of all rounds, and each of them."""

    clients: int
    median_us: float
    rounds_us: list[float]


class PartCost(msgspec.Struct, frozen=True, kw_only=True):
    """What a part of a step costs for a token.

    Attributes:
        part: its name.
        us: microseconds of CPU; None where it is not known.
        instructions: None where nothing counted them.
    """

    part: str
    us: float | None
    instructions: float | None


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All costs and what they were measured on."""

    environment: Environment
    costs: list[Cost]
    budget: list[PartCost]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="bench.token_cost", description=__doc__.partition("\n")[0]
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 4])
    parser.add_argument("--only", choices=("api", "step"), help="the worker's CPU, or the budget")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    costs = [] if args.only == "step" else _api_costs(args.clients, args.rounds)
    parts = [] if args.only == "api" else _budget()
    result = Result(environment=environment, costs=costs, budget=parts)
    rows = [(cost.clients, cost.median_us, _range(cost.rounds_us)) for cost in costs]
    told = [table(("clients", "µs a token", "rounds"), rows)] if rows else []
    if parts:
        lines = [(part.part, _shown(part.us, 1), _shown(part.instructions, 0)) for part in parts]
        told.append(table(("of one token", "µs", "instructions"), lines))
    publish(result, "\n\n".join(told), args.output)
    return 0


def _api_costs(clients: Sequence[int], rounds: int) -> list[Cost]:
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        log = Path(folder) / "stub.log"
        with (
            serve("bench.slow_stub:app", log, access_log=False) as engine,
            running(PISOVEREIGN_INFERENCE__BASE_URL=f"{engine}/v1") as server,
        ):
            worker = api_worker(server)
            target = Target(
                dialect="pisovereign",
                url=f"{server.url}/v1/chat/stream",
                headers={
                    "Content-Type": "application/json",
                    "Authorization": f"Bearer {ALICE_KEY}",
                },
            )
            return [_cost(target, worker, count, rounds) for count in clients]


def _budget() -> list[PartCost]:
    """Record an answer, and go through the parts with it in processes of their own."""
    with tempfile.TemporaryDirectory(prefix="pisovereign-bench-") as folder:
        file = str(Path(folder) / "answer.npz")
        subprocess.run([sys.executable, "-m", "bench.recorded_answer", file], check=True)
        answer = RecordedAnswer(Path(file))
        parts = ["-m", "bench.step_parts", file]
        done = subprocess.run([sys.executable, *parts], stdout=subprocess.PIPE, check=True)
        times = msgspec.json.decode(done.stdout, type=dict[str, float])
        counted = instructions([*parts, "--marks"], len(times)) if is_there() else []
    each = {name: count / tokens_of(answer) for name, count in zip(times, counted, strict=False)}
    return budget(answer.decode_us, times, each)


def budget(
    decode_us: float, times: Mapping[str, float], counted: Mapping[str, float]
) -> list[PartCost]:
    """Return what each part costs, and what is left of a whole step when its parts are taken away.

    Args:
        decode_us: microseconds of the model's own computation.
        times: microseconds of each part.
        counted: its instructions; empty where nothing counted them.
    """
    costs = [PartCost(part="llama.cpp", us=decode_us, instructions=None)]
    costs += [
        PartCost(part=name, us=us, instructions=counted.get(name)) for name, us in times.items()
    ]
    whole = counted.get(STEP)
    left = None if whole is None else whole - sum(counted[name] for name in OF_STEP)
    left_us = times[STEP] - sum(times[name] for name in OF_STEP)
    rest = PartCost(part="of it: planning and counting", us=left_us, instructions=left)
    at = next(at for at, cost in enumerate(costs) if cost.part == STEP)
    return [*costs[: at + 1], rest, *costs[at + 1 :]]


def _cost(target: Target, worker: int, clients: int, rounds: int) -> Cost:
    def spent(tokens: int) -> float:
        before = cpu_s(worker)
        talk = [
            Say(conversation=str(i), message="Go on.", max_tokens=tokens) for i in range(clients)
        ]
        play(target, [talk])
        return cpu_s(worker) - before

    spent(SHORT)
    costs = [1e6 * (spent(LONG) - spent(SHORT)) / clients / (LONG - SHORT) for _ in range(rounds)]
    return Cost(clients=clients, median_us=statistics.median(costs), rounds_us=costs)


def _shown(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _range(values: Sequence[float]) -> str:
    return f"{min(values):.1f} to {max(values):.1f}"


if __name__ == "__main__":
    sys.exit(main())
