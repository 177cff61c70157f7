"""Text that is different each time and of about the same length in tokens."""

from __future__ import annotations

import random

_WORDS = (
    "the", "river", "garden", "letter", "winter", "bridge", "captain", "market", "window",
    "silver", "morning", "forest", "kettle", "station", "painter", "village", "harbor", "lantern",
    "mountain", "journey", "teacher", "summer", "orchard", "violin", "evening", "baker", "engine",
    "carpenter", "island", "meadow", "doctor", "thunder", "cabin", "sailor", "library", "valley",
    "blanket", "farmer", "candle", "railway", "stone", "music", "paper", "glass", "northern",
    "quiet", "yellow", "little", "wooden", "walked", "carried", "opened", "painted", "followed",
    "promised", "remembered", "crossed", "repaired", "answered",
)  # fmt: skip
_TOPICS = (
    "a lighthouse keeper", "a lost violin", "the first train", "a garden on a roof",
    "two rival bakers", "a map without roads", "the longest winter", "a clock that runs backward",
    "a sailor's letter", "the bridge over the valley", "an old library", "a painter who saw music",
)  # fmt: skip


def story(number: int) -> str:
    """Return a request for a long answer, about 20 tokens."""
    topic = _TOPICS[number % len(_TOPICS)]
    return f"Number {number}: write a long story about {topic}, with many details."


def text(number: int, tokens: int) -> str:
    """Return a text of about so many tokens, and a question about it at its end.

    Its beginning has the number, so that texts of different numbers share no prefix. Figures keep
    it short enough for the API's limit of 10,000 characters: each digit is a token.
    """
    source = random.Random(number)
    items = [f"{source.choice(_WORDS)} {source.randint(10, 99)}" for _ in range(tokens // 5)]
    lines = [", ".join(items[i : i + 10]).capitalize() + "." for i in range(0, len(items), 10)]
    return f"{number:05d}. {' '.join(lines)}\nWrite a long story with these words."
