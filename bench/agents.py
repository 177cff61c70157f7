"""Agentic tasks: how soon watchers know, what working in parallel saves, and what chat feels of it.

    python -m bench.agents --rounds 20

Three measurements with the real program and the real engine:

- Tasks begin in an open loop, each with a watcher. An event's latency is the time from its row in
  the database (the beginning of the transaction that writes it) until the watcher has it.
- The same four questions to the model as one task, in a program that works at four sub-tasks at
  once and in one that works at one; in pairs whose order turns.
- The first token of a chat message while a task of such questions is worked at, and while nothing
  is, right after another message; in pairs whose order turns.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import random
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from uuid import UUID

import aiohttp
import msgspec
import psycopg

from bench.environment import Environment, describe
from bench.first_token import Target, ask_api
from bench.openloop import precise_loop
from bench.program import running
from bench.report import add_output, percentile, publish, table
from tests.support.server import ALICE_KEY, Server

LATENCY_AIM_MS, PARALLEL_AIM, CHAT_AIM = 50.0, 0.5, 1.5
TASKS = "/v1/agentic/tasks"
READING = "Show my reminders, and tell me what you can do"
TOPICS = ("tides work", "bread rises", "bees find flowers", "snow forms", "birds sing",
          "glass is made", "leaves change color", "bridges hold", "cheese ripens", "clocks tick",
          "rainbows form", "batteries empty")  # fmt: skip
LIMIT_S = 300.0
SETTINGS = {
    # Each question is answered by the model, and nothing else asks it.
    "PISOVEREIGN_AGENTIC__PLAN_WITH_MODEL": "false",
    "PISOVEREIGN_AGENTIC__MAX_OPEN": "1000",
    "PISOVEREIGN_AGENTIC__MAX_TOKENS": "1000000",
    "PISOVEREIGN_MEMORY__LEARN": "false",
    # It would change the prompt every minute, and so the engine's work.
    "PISOVEREIGN_CHAT__CLOCK": "false",
}


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds of each event, and pairs of seconds: at once and in order, busy and idle."""

    environment: Environment
    event_ms: list[float]
    parallel_s: list[tuple[float, float]]
    chat_s: list[tuple[float, float]]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 when an aim is missed."""
    parser = argparse.ArgumentParser(prog="bench.agents", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="pairs of each of the two ratios")
    parser.add_argument("--rate", type=float, default=4.0, help="tasks a second")
    parser.add_argument("--seconds", type=float, default=30.0, help="how long tasks begin")
    parser.add_argument("--workers", type=int, default=1, help="API processes of the first part")
    parser.add_argument("--no-tune", action="store_true", help="the engine as it is at first")
    add_output(parser)
    args = parser.parse_args(argv)
    environment = describe()
    with asyncio.Runner(loop_factory=precise_loop) as loop:
        with running(**SETTINGS, PISOVEREIGN_SERVER__WORKERS=str(args.workers)) as server:
            event_ms = loop.run(_events(server, args.rate, args.seconds))
        settings = {**SETTINGS, "PISOVEREIGN_ENGINE__TUNE": str(not args.no_tune).lower()}
        settings["PISOVEREIGN_ENGINE__TUNE_AFTER_S"] = "0"
        with ExitStack() as stack:
            together = stack.enter_context(running(**settings))
            one = {"PISOVEREIGN_AGENTIC__MAX_PARALLEL": "1"}
            in_order = stack.enter_context(running(**settings, **one))
            parallel_s = loop.run(_parallel(together, in_order, args.rounds))
            chat_s = loop.run(_chat(together, args.rounds))
    result = Result(
        environment=environment, event_ms=event_ms, parallel_s=parallel_s, chat_s=chat_s
    )
    publish(result, _tables(result), args.output)
    missed = (
        percentile(event_ms, 0.99) > LATENCY_AIM_MS,
        _ratio(parallel_s) > PARALLEL_AIM,
        _ratio(chat_s) > CHAT_AIM,
    )
    return int(any(missed))


async def _events(server: Server, rate: float, seconds: float) -> list[float]:
    """Begin tasks at times drawn beforehand, and compare when events were written and seen."""
    draw, due, times = random.Random(1), 0.0, []
    while (due := due + draw.expovariate(rate)) < seconds:
        times.append(due)
    async with _session(server) as session:
        await _watch(session, await _begin(session, READING))  # the first one loads what all use
        start = time.monotonic()
        watching = []
        for due in times:
            await asyncio.sleep(max(0.0, start + due - time.monotonic()))
            watching.append(asyncio.create_task(_seen(session)))
        seen = [each for some in await asyncio.gather(*watching) for each in some]
    with psycopg.connect(server.owner_dsn()) as connection:
        rows = connection.execute(
            "SELECT stream, id, extract(epoch FROM created_at)::float8 FROM events"
        ).fetchall()
    written = {(task, number): at for task, number, at in rows}
    # What was there before somebody watched was not waited for.
    return [
        (arrived - written[task, number]) * 1e3
        for task, number, began, arrived in seen
        if written[task, number] >= began
    ]


async def _seen(session: aiohttp.ClientSession) -> list[tuple[UUID, int, float, float]]:
    """Of each event of a new task its number, when the watching began, and when it arrived."""
    task = await _begin(session, READING)
    began, events = await _watch(session, task)
    return [(UUID(task), number, began, arrived) for number, _, arrived in events]


async def _parallel(together: Server, in_order: Server, rounds: int) -> list[tuple[float, float]]:
    """Pairs of the time of four sub-tasks at once, and one after the other."""
    asked = _questions()
    async with _session(together) as fast, _session(in_order) as slow:
        await _worked(fast, next(asked)), await _worked(slow, next(asked))
        pairs = []
        for number in range(rounds):
            questions = next(asked)
            taken = {}
            for session in (fast, slow) if number % 2 else (slow, fast):
                taken[session] = await _worked(session, questions)
            pairs.append((taken[fast], taken[slow]))
    return pairs


async def _worked(session: aiohttp.ClientSession, description: str) -> float:
    """Seconds from the plan to the end of a task."""
    _, events = await _watch(session, await _begin(session, description))
    at = {kind: arrived for _, kind, arrived in events}
    assert "task_completed" in at, events[-1]
    return at["task_completed"] - at["plan_created"]


async def _chat(server: Server, rounds: int) -> list[tuple[float, float]]:
    """Pairs of the time to chat's first token: during a task, and without."""
    asked, draw = _questions(), random.Random(2)
    async with _session(server) as session:
        target = Target(
            session=session,
            url=f"{server.url}/v1/chat/stream",
            headers={"Content-Type": "application/json"},
        )
        messages = map(_message, itertools.count())
        await ask_api(target, next(messages))
        pairs = []
        for number in range(rounds):
            taken = {}
            for busy in (True, False) if number % 2 else (False, True):
                taken[busy] = await (
                    _during_a_task(target, next(messages), next(asked), draw.uniform(0.05, 0.5))
                    if busy
                    else _alone(target, messages)
                )
            pairs.append((taken[True], taken[False]))
    return pairs


async def _alone(target: Target, messages: Iterator[bytes]) -> float:
    await ask_api(target, next(messages))
    return (await ask_api(target, next(messages))).seconds


async def _during_a_task(target: Target, message: bytes, asked: str, after_s: float) -> float:
    task = await _begin(target.session, asked)
    await asyncio.sleep(after_s)
    answer = await ask_api(target, message)
    async with target.session.get(f"{TASKS}/{task}") as response:
        status = (await response.json())["status"]
    assert status in ("planning", "running"), "the task was over before the answer began"
    async with target.session.post(f"{TASKS}/{task}/cancel") as response:
        assert response.status == 200
    await asyncio.sleep(0.5)
    return answer.seconds


def _session(server: Server) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(
        server.url,
        headers={"Authorization": f"Bearer {ALICE_KEY}"},
        connector=aiohttp.TCPConnector(limit=500),
        timeout=aiohttp.ClientTimeout(total=LIMIT_S),
        raise_for_status=True,
    )


async def _begin(session: aiohttp.ClientSession, description: str) -> str:
    async with session.post(TASKS, json={"description": description}) as response:
        return str((await response.json())["task_id"])


async def _watch(
    session: aiohttp.ClientSession, task: str
) -> tuple[float, list[tuple[int, str, float]]]:
    """When the watching began, and of each event its number, its kind and when it arrived."""
    async with session.get(f"{TASKS}/{task}/stream") as response:
        began, events, fields = time.time(), [], {}
        async for raw in response.content:
            name, _, value = raw.decode().rstrip("\n").partition(": ")
            if name and value:
                fields[name] = value
            elif "event" in fields:
                events.append((int(fields["id"]), fields["event"], time.time()))
                fields = {}
    return began, events


def _questions() -> Iterator[str]:
    """Tasks of four questions, no two of which begin alike for the engine."""
    topics = itertools.cycle(TOPICS)
    for number in itertools.count():
        four = [next(topics) for _ in range(4)]
        yield " ".join(f"Explain to guest {number} how {topic}." for topic in four)


def _message(number: int) -> bytes:
    body = {
        "message": f"{number:04d}: which birds stay here in winter?",
        "temperature": 0.0,
        "max_tokens": 4,
        "commands": False,
    }
    return msgspec.json.encode(body)


def _ratio(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the median of the ratios inside of the pairs."""
    return statistics.median(one / other for one, other in pairs)


def _tables(result: Result) -> str:
    latency = [
        (f"{len(result.event_ms)} events, ms", *_summary(result.event_ms)),
    ]
    ratios: list[list[object]] = []
    for name, aim, pairs in (
        ("four at once / one after the other", PARALLEL_AIM, result.parallel_s),
        ("chat's first token, busy / idle", CHAT_AIM, result.chat_s),
    ):
        each = sorted(one / other for one, other in pairs)
        medians = [statistics.median(side) for side in zip(*pairs, strict=True)]
        ratios.append([name, *medians, each[0], _ratio(pairs), each[-1], aim])
    head = ("pairs", "s", "s", "least ratio", "median", "most", "aim")
    return "\n\n".join((table(("latency", "p50", "p99", "most"), latency), table(head, ratios)))


def _summary(values: Sequence[float]) -> tuple[float, float, float]:
    return percentile(values, 0.5), percentile(values, 0.99), max(values)


if __name__ == "__main__":
    sys.exit(main())
