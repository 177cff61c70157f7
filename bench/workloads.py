"""What the engine is asked to do, and what is counted then.

Every workload makes a dialogue from a number, so that no two rounds say the same, and turns what
was heard into samples: rates in tokens a second, of which more is better, and times in
milliseconds, of which less is.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterable, Sequence

import msgspec

from bench.dialogue import Heard, Phases, Say, tokens_per_second
from bench.phrases import story, text

Script = list[list[Say]]
Samples = dict[str, list[float]]

RATE, FIRST, GAP, LONGEST = "tok/s", "first ms", "gap ms", "longest gap ms"
CACHED = "cached %"
_ANSWER = 64
_GO_ON = "Go on with the story, please."


class Workload(msgspec.Struct, frozen=True):
    """A name, what is said in round `n`, and what is taken from the answers."""

    name: str
    script: Callable[[int], Script]
    samples: Callable[[Phases], Samples]


def all_workloads(clients: Sequence[int]) -> list[Workload]:
    """All of them; the first two kinds once for each number of clients."""
    return [
        *(short(n) for n in clients),
        *(with_context(n, 500) for n in clients),
        first_token(500),
        conversation(),
        interrupted(),
        shared_prompt(),
        storm(),
    ]


def short(clients: int) -> Workload:
    """So many clients ask at once, with a short question each."""

    def script(number: int) -> Script:
        first = number * clients
        return [[_say(first + i, story(first + i), _ANSWER) for i in range(clients)]]

    return Workload(f"short x{clients}", script, lambda phases: _stream(phases[0]))


def with_context(clients: int, tokens: int) -> Workload:
    """Return the same with a text of so many tokens in each conversation, read beforehand."""

    def script(number: int) -> Script:
        names = [1000 + number * clients + i for i in range(clients)]
        read = [_say(name, text(name, tokens), 2) for name in names]
        return [read, [_say(name, _GO_ON, _ANSWER) for name in names]]

    def samples(phases: Phases) -> Samples:
        reading = [1000 * max(heard.first_s for heard in phases[0])]
        return {"all read ms": reading, **_stream(phases[1])}

    return Workload(f"{tokens} tokens x{clients}", script, samples)


def first_token(tokens: int) -> Workload:
    """One client; a text of so many tokens is new, then the conversation goes on four times."""

    def script(number: int) -> Script:
        name = 50_000 + number
        later = [[_say(name, f"{i}: {_GO_ON}", 4)] for i in range(4)]
        return [[_say(name, text(name, tokens), 4)], *later]

    def samples(phases: Phases) -> Samples:
        return {
            "cold first ms": _firsts(phases[0]),
            "warm first ms": _firsts(heard for phase in phases[1:] for heard in phase),
        }

    return Workload(f"first token, {tokens} tokens", script, samples)


def conversation(turns: int = 10) -> Workload:
    """Two conversations of ten turns."""

    def script(number: int) -> Script:
        names = [60_000 + 2 * number, 60_001 + 2 * number]
        return [
            [_say(name, story(1000 * name + turn), 24) for name in names] for turn in range(turns)
        ]

    def samples(phases: Phases) -> Samples:
        later = [heard for phase in phases[1:] for heard in phase]
        return {FIRST: _firsts(later), CACHED: [100 * _reuse(phases)]}

    return Workload(f"{turns} turns x2", script, samples)


def interrupted() -> Workload:
    """Four clients are being answered when a prompt of 2,000 tokens arrives."""

    def script(number: int) -> Script:
        first = 70_000 + 5 * number
        streams = [_say(first + i, story(first + i), 128) for i in range(4)]
        return [[*streams, _say(first + 4, text(first + 4, 2000), 4, at_s=1.0)]]

    def samples(phases: Phases) -> Samples:
        *streams, long = phases[0]
        return {
            LONGEST: [1000 * max(heard.gaps_s) for heard in streams],
            "long prompt first ms": [1000 * long.first_s],
        }

    return Workload("2,000 tokens arrive", script, samples)


def shared_prompt(turns: int = 20) -> Workload:
    """Twenty first turns, four a second, that have only the system prompt in common."""

    def script(number: int) -> Script:
        first = 80_000 + turns * number
        return [[_say(first + i, story(first + i), 8, at_s=i / 4) for i in range(turns)]]

    def samples(phases: Phases) -> Samples:
        later = phases[0][1:]
        cached = sum(heard.cached_tokens for heard in later)
        prompts = sum(heard.prompt_tokens for heard in later)
        return {FIRST: _firsts(later), CACHED: [100 * cached / prompts]}

    return Workload(f"{turns} first turns", script, samples)


def storm() -> Workload:
    """One client is being answered while thirty come and leave within the first second."""

    def script(number: int) -> Script:
        first, source = 90_000 + 31 * number, random.Random(number)
        leaving = [
            _say(
                first + 1 + i,
                text(first + 1 + i, 200),
                64,
                at_s=source.uniform(0.2, 1.5),
                cancel_s=source.uniform(0.05, 0.8),
            )
            for i in range(30)
        ]
        return [[_say(first, story(first), 96), *leaving]]

    def samples(phases: Phases) -> Samples:
        stays = phases[0][0]
        return {LONGEST: [1000 * max(stays.gaps_s)], "end ms": [1000 * stays.end_s]}

    return Workload("cancel storm", script, samples)


def _say(
    name: int, message: str, max_tokens: int, *, at_s: float = 0.0, cancel_s: float = 0.0
) -> Say:
    return Say(
        conversation=str(name),
        message=message,
        max_tokens=max_tokens,
        at_s=at_s,
        cancel_s=cancel_s,
    )


def _stream(phase: Sequence[Heard]) -> Samples:
    gaps = [1000 * gap for heard in phase for gap in heard.gaps_s]
    return {RATE: [tokens_per_second(phase)], FIRST: _firsts(phase), GAP: gaps}


def _firsts(heard: Iterable[Heard]) -> list[float]:
    return [1000 * one.first_s for one in heard]


def _reuse(phases: Phases) -> float:
    """Share of what was there before, prompt and answer, that was not computed again."""
    there = cached = 0
    for before, now in itertools.pairwise(phases):
        for old, new in zip(before, now, strict=True):
            there += old.prompt_tokens + old.tokens
            cached += new.cached_tokens
    return cached / there
