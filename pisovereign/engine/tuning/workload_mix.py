"""The work that settings are judged by: what an assistant of a household does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

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
    """Seconds that these parts of the mix take; all of it is the score of settings."""
    return sum(MIX[part] * timings[part] for part in parts)
