"""Which memories fit a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.memory.fit import (
    ENGLISH_ONLY,
    FOREIGN_THRESHOLD,
    MULTILINGUAL,
    AnswerRule,
    FitRule,
    SureAnswerRule,
)
from pisovereign.search_index.terms import Stemmer

STEMMER = Stemmer()


def admits(message: str, memory: str, cosine: float | None) -> bool:
    cosines = {} if cosine is None else {ENGLISH_ONLY: cosine}
    return FitRule(message, 0.4, STEMMER).accepts(memory, cosines)


def test_english_goes_by_meaning() -> None:
    assert admits("When was the heating maintained?", "The boiler was serviced", 0.41)
    assert not admits("When was the heating maintained?", "The heating was maintained", 0.39)


def test_german_goes_by_words() -> None:
    assert not admits("Warum ist der Himmel blau?", "Der Ofen ist aus", FOREIGN_THRESHOLD - 0.01)
    assert admits("Warum ist der Himmel blau?", "Der Ofen ist aus", FOREIGN_THRESHOLD)
    assert admits("Wann ist der Zahnarzttermin?", "Der Zahnarzt erwartet Jonas", 0.1)
    assert admits("Ist Minka geimpft?", "Minka ist eine Katze", None)
    assert not admits("Ist Minka gegen Tollwut geimpft?", "Minka ist eine Katze", None)


def test_one_word_of_many_is_not_enough() -> None:
    message = "Welche Farbe hatte eigentlich das Fahrrad unserer Nachbarin?"
    assert not admits(message, "Die Nachbarin backt gern", 0.3)
    assert admits(message, "Das Fahrrad der Nachbarin ist rot", 0.3)


def test_without_a_vector_words_decide_in_any_language() -> None:
    assert admits("When was the boiler serviced?", "The boiler was serviced in May", None)
    assert not admits("When was the heating maintained?", "The boiler was serviced", None)


@given(st.text(max_size=80))
def test_no_words_are_never_shared(memory: str) -> None:
    assert not admits("", memory, None)
    assert not admits("?! …", memory, None)


@given(st.text(max_size=80), st.text(max_size=80), st.floats(0, 1), st.floats(0, 1))
def test_more_similar_is_never_less_fitting(
    message: str, memory: str, one: float, two: float
) -> None:
    rule = FitRule(message, 0.4, STEMMER)
    for model in (ENGLISH_ONLY, MULTILINGUAL, "my-own"):
        more, less = ({model: cosine} for cosine in (max(one, two), min(one, two)))
        assert rule.accepts(memory, more) >= rule.accepts(memory, less)


@pytest.mark.parametrize(
    ("message", "memory"),
    [
        ("Wann wurde die Heizung geprüft?", "The boiler was serviced"),
        ("When was the heating maintained?", "Der Kessel wurde gewartet"),
        ("Quand la chaudière a-t-elle été révisée ?", "Der Kessel wurde gewartet"),
    ],
)
def test_the_multilingual_model_decides_across_languages(message: str, memory: str) -> None:
    rule = FitRule(message, 0.4, STEMMER)
    assert rule.accepts(memory, {ENGLISH_ONLY: 0.2, MULTILINGUAL: 0.41})
    assert not rule.accepts(memory, {ENGLISH_ONLY: 0.2, MULTILINGUAL: 0.39})


@pytest.mark.parametrize(
    ("question", "fact", "cosine", "answers"),
    [
        ("What is my wife's name?", "My wife is called Anna.", 0.4, True),
        ("What is my husband's name?", "My wife is called Anna.", 0.45, False),
        ("What is my husband's name?", "My wife's name is Anna.", 0.45, False),
        ("What is my husband's name?", "I am married to Tom.", 0.55, True),
        ("Wie heißt meine Frau?", "My wife is called Anna.", 0.4, True),
        ("Wo ist mein Pass?", "I parked on level 3.", 0.22, False),
    ],
)
def test_what_answers_a_question(question: str, fact: str, cosine: float, answers: bool) -> None:
    rule = AnswerRule(question, 0.4, STEMMER)
    assert rule.accepts(fact, {MULTILINGUAL: cosine}) is answers


@pytest.mark.parametrize(
    ("question", "fact", "beside", "cosine", "answers"),
    [
        ("Where did I park?", "I parked on level 3.", [], 0.35, True),
        ("Where did I park?", "I parked on level 3.", [], 0.3, False),
        ("Where is the park?", "I parked on level 3.", [], 0.45, False),
        ("What does Katrin like?", "She likes olives.", ["My wife is called Katrin."], 0.55, True),
        ("What does Katrin like?", "She likes olives.", [], 0.55, False),
        ("Where is the Eiffel tower?", "The key is in the tower.", [], 0.6, False),
        ("Was trinke ich nicht?", "Ich trinke keinen Kaffee.", [], 0.53, True),
    ],
)
def test_what_certainly_answers_a_question(
    question: str, fact: str, beside: list[str], cosine: float, answers: bool
) -> None:
    rule = SureAnswerRule(question, STEMMER)
    assert rule.accepts(fact, beside, {MULTILINGUAL: cosine}) is answers
    assert not rule.accepts(fact, beside, {})


@pytest.mark.parametrize(
    ("question", "fact", "answers"),
    [
        ("What am I allergic to?", "Ich vertrage kein Penicillin.", True),
        ("Was vertrage ich nicht?", "I am allergic to penicillin.", True),
        ("Wogegen bin ich allergisch?", "Je ne supporte pas la pénicilline.", True),
        ("À quoi suis-je allergique ?", "Ich bin allergisch gegen Penicillin.", True),
        ("Qu'est-ce que je ne supporte pas ?", "I can't tolerate penicillin.", True),
        ("What is my wifi password?", "Mein WLAN-Passwort ist Sonnenblume.", True),
        ("What is my wifi password?", "Das Passwort meiner Bank ist Sonnenblume.", False),
        ("What is my wife cooking?", "My wife's name is Anna.", False),
        ("What is the wifi password of the café?", "Mein WLAN-Passwort ist Sonne.", False),
        ("What am I allowed to eat?", "I am allergic to penicillin.", False),
    ],
)
def test_one_thing_goes_by_several_names(question: str, fact: str, answers: bool) -> None:
    rule = SureAnswerRule(question, STEMMER)
    assert rule.accepts(fact, [], {MULTILINGUAL: 0.1}) is answers
