"""How orders made of public templates are read: what is right, and what acts wrongly.

    pip install -e .[train]
    python -m bench.household --seed 7 --show

The templates are those of `home-assistant-intents`, filled at random; the same seed gives the same
sentences. The intent model was trained with other sentences of some of these templates, so only
`wrong effects` says how sentences of strangers are read: most templates ask for what nobody here
can do.
"""

from __future__ import annotations

import argparse
import importlib.resources
import json
import random
import sys
import tomllib
from array import array
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from bench.environment import Environment, describe
from bench.parse.cases import CATALOG, NOW, ZONE, has_side_effect
from bench.report import add_output, publish, table
from pisovereign.actions.types import Command
from pisovereign.parsing.intent_model import IntentModel
from pisovereign.parsing.intent_weights import load_weights
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import CLEAR, Parsed
from pisovereign.reading.times.resolution import Moment
from tools.train_intents.sources import values_of
from tools.train_intents.templates import Sampler
from tools.train_intents.vectors import vectors_of

# What each intent of theirs may be read as; all others ask for what nobody here can do.
ACCEPTED: dict[str, tuple[str, ...]] = {
    "HassCancelAllTimers": ("CancelReminders",),
    "HassCancelTimer": ("CancelReminders",),
    "HassGetCurrentDate": ("DateTimeQuestion",),
    "HassGetCurrentTime": ("DateTimeQuestion",),
    "HassGetWeather": ("CurrentWeather",),
    "HassListAddItem": ("AddToList",),
    "HassListCompleteItem": ("RemoveFromList",),
    "HassListRemoveItem": ("RemoveFromList",),
    "HassShoppingListAddItem": ("AddToList",),
    "HassShoppingListCompleteItem": ("RemoveFromList",),
    "HassStartTimer": ("SetTimer",),
    "HassTimerStatus": ("ListReminders",),
}
_LABELS = Path(__file__).parents[2] / "tools" / "train_intents" / "labels.toml"
_LANGUAGES = ("en", "de", "fr")


class Said(NamedTuple):
    """A sentence, and what it was made for."""

    language: str
    intent: str
    text: str


class Row(msgspec.Struct, frozen=True):
    """What was read of the sentences of a language: shares of those that are served here."""

    language: str
    sentences: int
    served: int
    right: float
    wrong_effects: int


class Result(msgspec.Struct, frozen=True):
    """What was measured; `wrong` has the sentences that would change something else."""

    environment: Environment
    seed: int
    rows: list[Row]
    wrong: list[str]


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure how orders of templates are read.")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--each", type=int, default=3, help="sentences of a template")
    parser.add_argument("--most", type=int, default=60, help="sentences of an intent")
    parser.add_argument("--vectors", type=Path, default=Path("build/household-vectors.npz"))
    parser.add_argument("--show", action="store_true", help="print wrong readings")
    add_output(parser)
    args = parser.parse_args(argv)
    said = list(_said(args.seed, args.each, args.most))
    args.vectors.parent.mkdir(parents=True, exist_ok=True)
    read = list(zip(said, _read(said, args.vectors), strict=True))
    rows: list[Row] = []
    for language in _LANGUAGES:
        own = [(s, p) for s, p in read if s.language == language]
        served = [_kind(p) in ACCEPTED[s.intent] for s, p in own if s.intent in ACCEPTED]
        right = round(sum(served) / max(len(served), 1), 4)
        rows.append(Row(language, len(own), len(served), right, sum(map(_acts_wrongly, own))))
    wrong = [
        f"{s.intent}: {s.text} > {_shown(p.command)}" for s, p in read if _acts_wrongly((s, p))
    ]
    result = Result(describe(), args.seed, rows, wrong)
    head = ["language", "sentences", "served", "right", "wrong effects"]
    cells = [[r.language, r.sentences, r.served, r.right, r.wrong_effects] for r in rows]
    publish(result, table(head, cells), args.output)
    if args.show:
        missed = [
            f"{s.intent}: {s.text} > {_kind(p)}"
            for s, p in read
            if s.intent in ACCEPTED and _kind(p) not in ACCEPTED[s.intent]
        ]
        sys.stderr.write("\n".join([*wrong, "", *missed, ""]))
    return 0


def _said(seed: int, each: int, most: int) -> Iterator[Said]:
    fillers_of = tomllib.loads(_LABELS.read_text(encoding="utf-8"))["fillers"]
    folder = importlib.resources.files("home_assistant_intents") / "data"
    for language in _LANGUAGES:
        data = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
        fillers, chance = fillers_of[language], random.Random(f"household {seed} {language}")
        slots = {name: values_of(values, fillers) for name, values in data["lists"].items()}
        sampler = Sampler(data["expansion_rules"], slots, fillers["names"], chance)
        for intent, parts in sorted(data["intents"].items()):
            templates = [t for part in parts["data"] for t in part["sentences"]]
            made = sorted({sampler.sample(t) for t in templates for _ in range(each)})
            texts = [text for text in made if len(text.split()) > 1]
            for text in chance.sample(texts, min(len(texts), most)):
                yield Said(language, intent, text)


def _read(said: Sequence[Said], kept: Path) -> Iterator[Parsed]:
    parser, model = Parser(), IntentModel(load_weights())
    messages = [parser.message(s.text, Moment.of(NOW, ZONE)) for s in said]
    vectors = vectors_of([message.core for message in messages], kept)
    for number, message in enumerate(messages):
        known = {
            name: array("f", rows[number].tolist())
            for name, rows in vectors.items()
            if model.knows(name, message.language)
        }
        yield parser.weigh(message, model.guesses(known), CATALOG)


def _kind(parsed: Parsed) -> str:
    if parsed.command is not None:
        return type(parsed.command).__name__
    if parsed.incomplete is not None:
        return parsed.incomplete.type.__name__
    return f"unsupported {parsed.unsupported}" if parsed.unsupported else "-"


def _acts_wrongly(pair: tuple[Said, Parsed]) -> bool:
    """Return whether something would be changed that nobody asked for."""
    said, parsed = pair
    sure = has_side_effect(parsed.command) and parsed.confidence >= CLEAR
    return sure and _kind(parsed) not in ACCEPTED.get(said.intent, ())


def _shown(command: Command | None) -> str:
    return msgspec.json.encode(command).decode()


if __name__ == "__main__":
    sys.exit(main())
