"""The labeled set: what is remembered, what is asked, and which memory answers.

Everything is made from `topics.toml` and `own.toml`, always the same: which language and wording a
memory has depends on a checksum of topic and name. No question repeats the words of its memory,
but for the name, as people do not.
"""

from __future__ import annotations

import csv
import tomllib
import zlib
from pathlib import Path
from typing import Any, Literal

import msgspec

from bench.retrieval_data import FACTS

Language = Literal["en", "de"]
FOLDER = Path(__file__).parent
QUESTIONS_PER_TOPIC = 12


class Question(msgspec.Struct, frozen=True):
    """A question and the index of the one memory that answers it.

    `crossed`: the memory is in the other language. `style` is "questions", "hints" or "facts".
    """

    text: str
    answer: int
    language: Language
    crossed: bool
    style: str
    topic: str


class Dataset(msgspec.Struct, frozen=True):
    """All memories, and the questions about some of them."""

    memories: list[str]
    questions: list[Question]


def load() -> Dataset:
    """Make the set."""
    memories: list[str] = []
    questions: list[Question] = []
    tables = tomllib.loads((FOLDER / "topics.toml").read_text(encoding="utf-8"))
    for topic in tables["topics"]:
        order = sorted(tables["names"], key=lambda name: _pick(topic["id"], name, 1 << 30))
        asked = set(order[:QUESTIONS_PER_TOPIC])
        for name in tables["names"]:
            language: Language = "de" if _pick("language", topic["id"] + name, 2) else "en"
            memories.append(_memory(topic, name, language))
            if name in asked:
                # One in six is asked in the other language.
                crossed = order.index(name) >= QUESTIONS_PER_TOPIC * 5 // 6
                asked_in = language if not crossed else ("en" if language == "de" else "de")
                style = "hints" if order.index(name) % 2 else "questions"
                wordings = topic[f"{style}_{asked_in}"]
                text = wordings[_pick("question", topic["id"] + name, len(wordings))]
                questions.append(
                    Question(
                        text.format(name=name),
                        len(memories) - 1,
                        asked_in,
                        crossed,
                        style,
                        topic["id"],
                    )
                )
    own = tomllib.loads((FOLDER / "own.toml").read_text(encoding="utf-8"))["own"]
    for number, entry in enumerate(own):
        memories.append(entry["memory"])
        at = len(memories) - 1
        english = number < len(own) - 20
        questions.append(
            Question(entry["same"], at, "en" if english else "de", False, "questions", "own")
        )
        questions.append(
            Question(entry["other"], at, "de" if english else "en", True, "questions", "own")
        )
    return Dataset(memories, questions)


def load_facts() -> Dataset:
    """Another set, of another purpose: facts, each in one language, among the memories of `load`.

    Its questions are in other words than the facts, without names that would tell.
    """
    memories = load().memories
    questions = []
    with FACTS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, "excel-tab") if not row[0].startswith("#")]
    for number, (english, asked, german, gefragt) in enumerate(rows):
        told: Language = "de" if number % 2 else "en"
        memories.append(german if told == "de" else english)
        at = len(memories) - 1
        questions.append(Question(asked, at, "en", told != "en", "facts", "facts"))
        questions.append(Question(gefragt, at, "de", told != "de", "facts", "facts"))
    return Dataset(memories, questions)


def _memory(topic: dict[str, Any], name: str, language: Language) -> str:
    wordings = topic[f"memories_{language}"]
    value = topic["values"][_pick("value", topic["id"] + name, len(topic["values"]))]
    text: str = wordings[_pick("wording", topic["id"] + name, len(wordings))]
    filled = text.format(name=name, value=value[0 if language == "en" else 1])
    return filled[0].upper() + filled[1:]


def _pick(kind: str, of: str, count: int) -> int:
    return (zlib.crc32(f"{kind}/{of}".encode()) >> 3) % count
