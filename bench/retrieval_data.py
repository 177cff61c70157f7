"""Questions with known answers, among texts that answer nothing: what retrieval is judged on.

`data/facts.tsv` was written for this purpose: what somebody might tell an assistant, and a question
about it in other words, each in English and German. The texts around them are sentences of the same
kind, put together from parts.
"""

from __future__ import annotations

import csv
import itertools
import random
from pathlib import Path
from typing import NamedTuple

FACTS = Path(__file__).parent / "data" / "facts.tsv"
DISTRACTORS = 150  # in each language

_ENGLISH = (
    ("Mila", "Our neighbor Tom", "My cousin", "The landlord", "Doctor Brandt", "A colleague"),
    (
        "lost the key to the shed", "baked bread without nuts", "called about the heating",
        "booked seats on a train", "sold an old bicycle", "watered every plant", "moved the piano",
        "paid for the concert", "took the cat along", "painted one wall green", "borrowed a ladder",
        "planned a trip to the island", "asked for the meter reading", "brought honey and cheese",
    ),
    ("on Monday", "last winter", "before the holidays", "at nine in the morning", "twice"),
)  # fmt: skip
_GERMAN = (
    ("Mila", "Unser Nachbar Tom", "Meine Cousine", "Der Vermieter", "Doktor Brandt", "Ein Kollege"),
    ("am Montag", "letzten Winter", "vor den Ferien", "um neun Uhr morgens", "zweimal"),
    (
        "den Schlüssel zum Schuppen verloren", "Brot ohne Nüsse gebacken",
        "wegen der Heizung angerufen", "Plätze im Zug gebucht", "ein altes Fahrrad verkauft",
        "alle Pflanzen gegossen", "das Klavier verschoben", "das Konzert bezahlt",
        "die Katze mitgenommen", "eine Wand grün gestrichen", "eine Leiter geliehen",
        "eine Reise auf die Insel geplant", "nach dem Zählerstand gefragt",
        "Honig und Käse mitgebracht",
    ),
)  # fmt: skip


class Question(NamedTuple):
    """A question and its answer among the texts.

    Attributes:
        language: "English" or "German".
        text: the question.
        answer: index of the text that answers it.
        twin: index of the same answer in the other language, which counts neither way.
    """

    language: str
    text: str
    answer: int
    twin: int


def load() -> tuple[list[str], list[Question]]:
    """All texts, shuffled, and all questions."""
    with FACTS.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.reader(file, "excel-tab") if not row[0].startswith("#")]
    texts = [text for row in rows for text in (row[0], row[2])] + _distractors()
    random.Random(3).shuffle(texts)
    place = {text: index for index, text in enumerate(texts)}
    questions = []
    for english, asked, german, gefragt in rows:
        questions.append(Question("English", asked, place[english], place[german]))
        questions.append(Question("German", gefragt, place[german], place[english]))
    return texts, questions


def _distractors() -> list[str]:
    english = [" ".join(parts) for parts in itertools.product(*_ENGLISH)]
    german = [f"{who} hat {when} {what}" for who, when, what in itertools.product(*_GERMAN)]
    draw = random.Random(7)
    chosen = draw.sample(english, DISTRACTORS) + draw.sample(german, DISTRACTORS)
    return [f"{text}." for text in chosen]
