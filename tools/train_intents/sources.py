"""Labeled sentences from public data, and from the examples of each language."""

from __future__ import annotations

import importlib.resources
import json
import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from pisovereign.languages import LANGUAGES
from pisovereign.languages.actions import load_examples
from tools.train_intents.templates import Sampler

NOTHING = "none"
_LABELS = tomllib.loads((Path(__file__).parent / "labels.toml").read_text(encoding="utf-8"))
_EACH_TEMPLATE = 2
_EACH_INTENT = 40
_TALK = {"english": 900, "german": 300, "french": 200, "spanish": 100, "italian": 100, "dutch": 60}


class Labeled(NamedTuple):
    """A sentence and its intent.

    Attributes:
        intent: One of ours.
        row: The unit of the model that learns it; several may stand for one intent.
        text: The sentence.
        weight: How much it counts.
        source: Where it is from.
        language: What the program takes its language for.
    """

    intent: str
    row: str
    text: str
    weight: float
    source: str
    language: str = ""


def hwu64(path: Path) -> Iterator[Labeled]:
    """Yield the sentences of a file of HWU64: label, tab, sentence."""
    parts = [(p["label"], re.compile(p["pattern"]), p["intent"]) for p in _LABELS["hwu64_parts"]]
    for line in path.read_text(encoding="utf-8").splitlines():
        label, text = line.split("\t", 1)
        intent = NOTHING if label.startswith("general_") else _LABELS["hwu64"][label]
        for of, pattern, instead in parts:
            if of == label and pattern.search(text.lower()):
                intent = instead
                break
        # What shares an intent is learned apart: one plane cannot tell jokes and recipes at once
        # from everything else.
        apart = intent == NOTHING or intent.startswith("unsupported.")
        yield Labeled(intent, f"{intent}/{label}" if apart else intent, text, 1.0, "hwu64")


def examples() -> Iterator[Labeled]:
    """Yield the examples of each language."""
    for language in LANGUAGES:
        for intent, texts in load_examples(language).items():
            for text in texts:
                yield Labeled(intent, intent, text, 2.0, f"examples {language}")


def home_assistant(seed: int) -> Iterator[Labeled]:
    """Yield sentences made of the templates of `home-assistant-intents`."""
    folder = importlib.resources.files("home_assistant_intents") / "data"
    for language, fillers in _LABELS["fillers"].items():
        data = json.loads((folder / f"{language}.json").read_text(encoding="utf-8"))
        chance = random.Random(f"{seed} {language}")
        slots = {name: values_of(values, fillers) for name, values in data["lists"].items()}
        sampler = Sampler(data["expansion_rules"], slots, fillers["names"], chance)
        for name, intent in _LABELS["home_assistant"].items():
            templates = [
                template
                for group in data["intents"].get(name, {"data": []})["data"]
                for template in group["sentences"]
            ]
            chance.shuffle(templates)
            made = {sampler.sample(t) for t in templates for _ in range(_EACH_TEMPLATE)}
            texts = sorted(text for text in made if len(text.split()) > 1)
            for text in chance.sample(texts, min(len(texts), _EACH_INTENT)):
                yield Labeled(intent, intent, text, 0.5, f"home-assistant {language}")


def values_of(values: dict[str, Any], fillers: dict[str, list[str]]) -> list[str]:
    """Return what may stand for a slot of a template."""
    if "range" in values:
        return fillers["numbers"]
    if "values" in values:
        texts = [v["in"] if isinstance(v, dict) else v for v in values["values"]]
        return [re.sub(r"[\[\]()<>{}|]", " ", text) for text in texts]
    return fillers["items"]


def talk(seed: int) -> Iterator[Labeled]:
    """Yield ordinary talk, from `chatterbot-corpus`."""
    folder = importlib.resources.files("chatterbot_corpus") / "data"
    for language, most in _TALK.items():
        lines: set[str] = set()
        for file in sorted((folder / language).iterdir(), key=lambda f: f.name):
            data = yaml.safe_load(file.read_text(encoding="utf-8"))
            for conversation in data["conversations"]:
                lines |= {str(line) for line in conversation if 2 < len(str(line)) < 120}
        chance = random.Random(f"{seed} {language}")
        for text in chance.sample(sorted(lines), min(len(lines), most)):
            yield Labeled(NOTHING, f"{NOTHING}/talk", text, 0.7, f"talk {language}")
