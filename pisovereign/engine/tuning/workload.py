"""The work that settings are judged by, and how much of it is measured.

The mix is what an assistant of a household does; a sample is as large as the time allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

Part = Literal["reading", "one_short", "one_long", "all_short", "all_long"]
# Seconds for one token of a prompt, or one step of an answer (a token for each sequence).
Timings = Mapping[Part, float]

# How much of each there is: tokens read at the end of a prompt of 500, and steps with one sequence
# and with all of them, at the start of a conversation (32 tokens) and after 500 tokens. With one
# thread on the x86-64 machine where this was chosen (5.1, 11, 14, 33 and 45 ms) they take 25, 20,
# 20, 15 and 20 % of the time. It is fixed, so that a board that reads slowly feels it.
MIX: Mapping[Part, int] = {
    "reading": 270,
    "one_short": 100,
    "one_long": 80,
    "all_short": 25,
    "all_long": 25,
}
PARTS = tuple(MIX)
# Parts whose steps are of one token: other threads compute them.
SINGLE: tuple[Part, ...] = ("one_short", "one_long")
BATCHED: tuple[Part, ...] = ("reading", "all_short", "all_long")


def cost(timings: Timings, parts: tuple[Part, ...] = PARTS) -> float:
    """Return seconds that these parts of the mix take; all of it is the score of settings."""
    return sum(MIX[part] * timings[part] for part in parts)


# A search measures about so often, and it fills one KV cache for each of four forms.
_SAMPLES, _FILLS = 45, 8


class Workload(msgspec.Struct, frozen=True):
    """Size of one sample.

    Attributes:
        context: tokens of a conversation that has gone on for a while.
        read: tokens at the end of it that are read to measure reading.
        steps: steps of each kind of writing.
        short: tokens of a conversation that begins.
    """

    context: int
    read: int
    steps: int
    short: int = 32

    @property
    def wide(self) -> int:
        """Return tokens to read where only reading is measured: enough to tell micro-batches."""
        return min(2 * self.read, self.context)

    @property
    def length(self) -> int:
        """Return tokens that a sequence has to hold."""
        return self.context + self.steps


class Speed(msgspec.Struct, frozen=True):
    """Seconds for one token of a prompt, for a step of one sequence, and of all."""

    token: float
    one: float
    all: float


# The richest first. The last ones are lean, for slow boards. Many small samples are better than few
# large ones: what else a machine does changes within seconds.
_SIZES = (
    Workload(512, 128, 6),
    Workload(512, 128, 4),
    Workload(512, 64, 3),
    Workload(256, 64, 2),
    Workload(128, 32, 2),
)
_LEAN = 3


def sample_s(size: Workload, speed: Speed) -> float:
    """Return seconds that one sample takes."""
    return size.read * speed.token + 2 * size.steps * (speed.one + speed.all)


def search_s(size: Workload, speed: Speed) -> float:
    """Return seconds that a whole search takes, about."""
    return _SAMPLES * sample_s(size, speed) + _FILLS * (size.context - size.read) * speed.token


def choose_workload(speed: Speed, *, goal_s: float, limit_s: float, context: int) -> Workload:
    """Return the richest workload with a long context that a search within `goal_s` has time for.

    If a board is too slow for that, the richest lean one that `limit_s` has time for, else the
    smallest. No workload but that has more tokens than `context`.
    """
    sizes = [size for size in _SIZES if size.length <= context] or [_SIZES[-1]]
    for size in sizes:
        if size.context == sizes[0].context and search_s(size, speed) <= goal_s:
            return size
    for size in sizes[-_LEAN:]:
        if search_s(size, speed) <= limit_s:
            return size
    return sizes[-1]
