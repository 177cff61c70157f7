"""Seconds that were promised beside those that it took, for 200 turns that differ.

    python -m bench.expected --plot docs/plots/expected.svg

The turns are those of `bench.expected_turns`, over `/v1/chat/stream` of the whole program in a data
folder of its own: four in five alone, the others two to four at once. What is promised is the first
event of the stream, told before the first word, and is held against the clock of the client, from
when it sent the message. The program has seen no answer before: what it learns of lengths it learns
on the way, which is why the second hundred is shown beside all.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import msgspec

from bench.environment import Environment, describe
from bench.expected_plot import draw
from bench.expected_turns import Turn, turns
from bench.program import running
from bench.report import add_output, publish, table
from tests.support.server import ALICE_KEY, Server

WITHIN = 0.25
_ANSWER_S = 300.0


class Kept(msgspec.Struct, frozen=True, kw_only=True):
    """A turn, and how its promise was kept; seconds since the message was sent.

    `said` is what was promised, to the first word and to the end; None: nothing was.
    """

    turn: Turn
    at_once: int
    told_s: float
    said_first_s: float | None
    said_end_s: float | None
    first_s: float
    end_s: float
    prompt: int
    cached: int
    tokens: int


class Result(msgspec.Struct, frozen=True):
    """All turns, and the shares of promises that were right to a quarter."""

    environment: Environment
    first: float
    end: float
    second_half_first: float
    second_half_end: float
    turns: list[Kept]


class Asker:
    """Sends turns to the program."""

    def __init__(self, session: aiohttp.ClientSession, url: str, run: str) -> None:
        self._session = session
        self._url = f"{url}/v1/chat/stream"
        self._run = run

    async def ask(self, turn: Turn, at_once: int) -> Kept:
        """Send one, and take down when its answer comes."""
        # Whether a message is a command is not the question here.
        body: dict[str, Any] = {"message": turn.message, "commands": False, "learn": False}
        body["conversation_id"] = f"{self._run}-{turn.conversation}"
        if turn.limit is not None:
            body["max_tokens"] = turn.limit
        told = first = end = 0.0
        said: dict[str, float] = {}
        tokens: dict[str, int] = {}
        began = time.perf_counter()
        async with self._session.post(self._url, json=body) as response:
            response.raise_for_status()
            async for line in response.content:
                now = time.perf_counter() - began
                if not line.startswith(b"data: {"):
                    continue
                data = msgspec.json.decode(line[6:])
                if "expected_s" in data and not said:
                    said, told = data["expected_s"], now
                if data.get("delta"):
                    first = first or now
                if "tokens" in data:
                    tokens, end = data["tokens"], now
        return Kept(
            turn=turn,
            at_once=at_once,
            told_s=told,
            said_first_s=said.get("first"),
            said_end_s=said.get("end"),
            first_s=first or end,
            end_s=end,
            prompt=tokens.get("prompt", 0),
            cached=tokens.get("cached", 0),
            tokens=tokens.get("completion", 0),
        )


async def ask_all(server: Server, limit_s: float) -> list[Kept]:
    """Send all turns, or as many as there is time for."""
    until = time.monotonic() + limit_s
    headers = {"Authorization": f"Bearer {ALICE_KEY}"}
    timeout = aiohttp.ClientTimeout(total=_ANSWER_S)
    kept: list[Kept] = []
    async with aiohttp.ClientSession(headers=headers, timeout=timeout) as session:
        asker = Asker(session, server.url, f"run-{time.time_ns()}")
        for group in turns():
            if time.monotonic() > until:
                break
            kept += await asyncio.gather(*(asker.ask(turn, len(group)) for turn in group))
            print(f"\r{len(kept)} turns", end="", file=sys.stderr)
    print(file=sys.stderr)
    return kept


def share(kept: Sequence[Kept], ratio: Callable[[Kept], float | None]) -> float:
    """Return the share of turns whose promise was right to a quarter; none is wrong."""
    found = [ratio(each) for each in kept]
    right = [value for value in found if value is not None and abs(value - 1) <= WITHIN]
    return len(right) / len(found) if found else 0.0


def first_ratio(kept: Kept) -> float | None:
    """Return the promised seconds to the first word, by the true ones."""
    return None if kept.said_first_s is None else kept.said_first_s / kept.first_s


def end_ratio(kept: Kept) -> float | None:
    """Return the promised seconds to the end, by the true ones."""
    return None if kept.said_end_s is None else kept.said_end_s / kept.end_s


def points(kept: Sequence[Kept]) -> dict[str, list[tuple[float, float]]]:
    """Return the promised and the true seconds of all that was promised."""
    first = [(k.said_first_s, k.first_s) for k in kept if k.said_first_s is not None]
    end = [(k.said_end_s, k.end_s) for k in kept if k.said_end_s is not None]
    return {"To the first word": first, "To the end": end}


def report(kept: Sequence[Kept]) -> str:
    """Return the shares of each kind of turn, as a table."""
    groups: dict[str, list[Kept]] = {"all": list(kept), "second half": list(kept[len(kept) // 2 :])}
    groups["alone"] = [each for each in kept if each.at_once == 1]
    groups["at once"] = [each for each in kept if each.at_once > 1]
    groups["with a limit"] = [each for each in kept if each.turn.limit is not None]
    for each in kept:
        groups.setdefault(each.turn.kind, []).append(each)
    rows = [
        [name, str(len(some)), f"{share(some, first_ratio):.0%}", f"{share(some, end_ratio):.0%}"]
        for name, some in groups.items()
    ]
    return table(["turns", "number", "first word", "end"], rows)


def main(argv: Sequence[str] | None = None) -> int:
    """Ask, count, print and draw."""
    parser = argparse.ArgumentParser(prog="bench.expected", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=3600.0, help="no turn is begun later")
    parser.add_argument("--plot", type=Path, help="draw the turns into this SVG file")
    add_output(parser)
    args = parser.parse_args(argv)
    with running() as server:
        kept = asyncio.run(ask_all(server, args.seconds))
    half = kept[len(kept) // 2 :]
    result = Result(
        describe(),
        share(kept, first_ratio),
        share(kept, end_ratio),
        share(half, first_ratio),
        share(half, end_ratio),
        kept,
    )
    if args.plot is not None:
        args.plot.write_text(draw(points(kept)), encoding="utf-8")
    publish(result, report(kept), args.output)
    return 0


if __name__ == "__main__":
    sys.exit(main())
