"""Messages in sentences."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.languages.sentences import MASK, asks_with_question_word, split_sentences

MARKED = st.text(
    st.sampled_from("ab \n.?!;:,\"'’‘`“”„«»>|…12Dr ") | st.characters(codec="utf-8"), max_size=120
)


def texts(message: str) -> list[str]:
    return [sentence.text for sentence in split_sentences(message)]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("One. Two! Three", ["One", "Two", "Three"]),
        ("Dr. Brandt lives at St. Anna. Fine.", ["Dr. Brandt lives at St. Anna", "Fine"]),
        ("Am 3. März im 2. Stock.", ["Am 3. März im 2. Stock"]),
        ("I am 34. I live here.", ["I am 34", "I live here"]),
        ("It costs 3.50 euros, z.B. today.", ["It costs 3.50 euros, z.B. today"]),
        ("a\nb\n\nc", ["a", "b", "c"]),
        ("I am vegetarian, what can I cook?", ["I am vegetarian", "what can I cook"]),
        ("", []),
        (" \n ", []),
    ],
)
def test_where_sentences_end(message: str, expected: list[str]) -> None:
    assert texts(message) == expected


@pytest.mark.parametrize(
    "quoted",
    [
        '"I am a doctor"',
        "“I am. Here”",
        "„Ich bin“",
        "«I am»",
        "'I am here'",
        "`I am`",
        "‚Ich bin‘",
    ],
)
def test_quotations_are_masked_and_do_not_end_sentences(quoted: str) -> None:
    (sentence,) = split_sentences(f"He said {quoted} and left")
    assert sentence.text == f"He said {quoted} and left"
    assert sentence.masked == f"He said {MASK * len(quoted)} and left"


@pytest.mark.parametrize("message", ["> I am quoted", "```\nI am code\n```", '"I am not closed'])
def test_what_is_quoted_whole(message: str) -> None:
    assert not any(
        set(sentence.masked.strip(" \n")) - {MASK} for sentence in split_sentences(message)
    )


def test_an_apostrophe_quotes_nothing() -> None:
    (sentence,) = split_sentences("I'm at my sister's, the girls' home, and don't mind")
    assert MASK not in sentence.masked


def test_questions_and_what_leads_to_something() -> None:
    found = list(split_sentences("Is it? It is. This is it:\nx"))
    assert [sentence.is_question for sentence in found] == [True, False, False, False]
    assert [sentence.ends_with_colon for sentence in found] == [False, False, True, False]


def test_what_asks_with_a_question_word() -> None:
    for message in ("Hello! Which cheese melts?", "Warum weint sie?", "Pourquoi le ciel ?"):
        assert asks_with_question_word(message)
    for message in ("Can you call her?", "Make tea!", "I know why.", "When I go, ring"):
        assert not asks_with_question_word(message)


@given(MARKED)
def test_sentences_are_pieces_of_the_message_in_order(message: str) -> None:
    at = 0
    for sentence in split_sentences(message):
        assert len(sentence.text) == len(sentence.masked)
        at = message.index(sentence.text, at) + len(sentence.text)
