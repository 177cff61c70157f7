"""Two hundred turns that differ in what decides how long they take."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import msgspec

TURNS = 200
_SEED = 31
_COUNTRIES = (
    *("France", "Italy", "Japan", "Canada", "Brazil", "Egypt", "Norway", "Kenya", "Peru"),
    "Greece",
)
_THINGS = (
    *("a bicycle", "a volcano", "honey", "a compass", "glass", "the moon", "bread", "a battery"),
    *("a rainbow", "paper", "a lighthouse", "tea", "a bridge", "an owl", "snow", "a clock"),
)
_GROUPS = (
    *("fruits", "rivers", "planets", "dances", "trees", "colors", "tools", "spices"),
    *("languages", "instruments", "birds", "islands", "metals", "sports", "cheeses"),
)
_WHY = (
    *("do cats purr", "is the sky blue", "do leaves fall in autumn", "does iron rust"),
    *("do we sleep", "is the sea salty", "do bees dance", "does bread rise", "do ships float"),
    *("do stars twinkle", "does ice float", "do onions make us cry", "do we yawn"),
)
_TASKS = (
    *("get red wine out of a carpet", "boil an egg", "plant a tree", "change a tire", "tie a tie"),
    *("make pancakes", "clean a window", "sharpen a knife", "pack a suitcase", "water a cactus"),
)
_SUBJECTS = ("a lighthouse", "a lost dog", "the winter", "an old train", "a garden", "the sea")
_PHRASES = (
    *("Good morning, how are you?", "The train leaves at noon.", "I would like a cup of tea."),
    *("Where is the nearest pharmacy?", "It is raining today.", "The book is on the table."),
)
_AFTER = (
    *("Why is that so?", "Say it in one sentence.", "Tell me more about it.", "Give an example."),
    *("What else should I know?", "Explain it to a child.", "Is that always true?"),
    *("And what is the opposite?", "Name two more.", "Write that as a list."),
)
_WORDS = (
    *("river", "table", "green", "seven", "window", "paper", "night", "garden", "simple"),
    *("winter", "stone", "music", "early", "bread", "market", "letter", "bridge", "summer"),
    *("yellow", "quiet", "street", "forest", "mother", "island", "basket", "corner", "silver"),
    *("harbor", "lantern", "village", "morning", "kitchen", "journey", "mirror", "valley"),
)
_LONG = (
    "What is this text about? Answer in one sentence.",
    "Summarize this.",
    "How many people are in this text?",
    "Write a title for this text.",
)
_LIMITS = (12, 24, 40, 64, 100, 160)


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """A message; `limit` is the tokens that its answer may have, None: as usual."""

    kind: str
    conversation: str
    message: str
    limit: int | None = None


def turns() -> list[list[Turn]]:
    """Return them in the order in which they are sent; those of one group at the same time."""
    chance = random.Random(_SEED)
    first = list(_first(chance))
    chance.shuffle(first)
    told: list[Turn] = []
    for number, turn in enumerate(first):
        told.append(msgspec.structs.replace(turn, conversation=f"c{number}"))
    sent: list[list[Turn]] = []
    waiting: list[Turn] = []
    while told or waiting:
        if waiting and (not told or chance.random() < 0.3):
            sent.append([waiting.pop(0)])
            continue
        size = min(len(told), 1 if chance.random() < 0.8 else chance.randint(2, 4))
        group, told = told[:size], told[size:]
        sent.append(group)
        waiting += _follow_ups(chance, group)
    return _cut(sent)


def _cut(sent: Sequence[list[Turn]]) -> list[list[Turn]]:
    kept: list[list[Turn]] = []
    left = TURNS
    for group in sent:
        kept.append(group[:left])
        left -= len(kept[-1])
        if not left:
            break
    return kept


def _follow_ups(chance: random.Random, group: Sequence[Turn]) -> Iterator[Turn]:
    for turn in group:
        for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
            limit = chance.choice((None, None, None, *_LIMITS))
            message = chance.choice(_AFTER)
            yield Turn(
                kind="follow-up", conversation=turn.conversation, message=message, limit=limit
            )


def _first(chance: random.Random) -> Iterator[Turn]:
    def one(kind: str, message: str, limit: int | None = None) -> Turn:
        return Turn(kind=kind, conversation="", message=message, limit=limit)

    for country in _COUNTRIES:
        yield one("fact", f"What is the capital of {country}?")
        yield one("word", f"Answer in one word: on which continent is {country}?")
    for group in _GROUPS:
        yield one("list", f"Name {chance.choice(('three', 'five', 'ten'))} {group}.")
    for why in _WHY:
        yield one("why", f"Why {why}?")
    for thing in _THINGS:
        yield one("what", f"What is {thing}?")
        yield one("limited", f"Tell me about {thing}.", chance.choice(_LIMITS))
    for task in _TASKS:
        yield one("steps", f"How can I {task}?")
    for subject in _SUBJECTS:
        yield one("story", f"Write a short story about {subject}.")
        yield one("poem", f"Write a poem about {subject}.")
    for phrase in _PHRASES:
        yield one("translation", f"Translate into French: {phrase}")
    for number in range(24):
        words = " ".join(chance.choice(_WORDS) for _ in range(chance.choice((80, 200, 400, 900))))
        limit = chance.choice((None, *_LIMITS))
        yield one("long", f"{chance.choice(_LONG)}\n\n{number} {words}.", limit)
