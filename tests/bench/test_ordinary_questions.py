"""No two rounds ask the same, so that nothing of a question is computed already."""

from __future__ import annotations

import pytest

from bench.closed_loop import dealt
from bench.dialogue import Say
from bench.ordinary_questions import WORDS, OrdinaryQuestions

QUESTIONS = OrdinaryQuestions.load()
_BEGINNING = 40  # characters


def test_there_are_thirty_in_three_languages() -> None:
    first = QUESTIONS.short(0)
    assert len(first) == len(set(first)) == 30


def test_no_question_is_repeated_in_the_same_words() -> None:
    asked = [text for number in range(QUESTIONS.most_rounds) for text in QUESTIONS.short(number)]
    assert len(asked) == len(set(asked)) == 30 * QUESTIONS.most_rounds


def test_there_is_an_end_of_rounds() -> None:
    with pytest.raises(ValueError, match="the openings last"):
        QUESTIONS.short(QUESTIONS.most_rounds)


def test_long_prompts_begin_with_a_text_each() -> None:
    asked = [text for number in range(QUESTIONS.most_rounds) for text in QUESTIONS.long(number)]
    assert len({text[:_BEGINNING] for text in asked}) == len(asked)
    assert all(len(text.rpartition("\n\n")[0].split()) == WORDS for text in asked)


def test_clients_get_about_as_many_questions_each() -> None:
    says = [Say(conversation=str(at), message="", max_tokens=1) for at in range(30)]
    hands = dealt(says, 8)
    assert sorted(len(hand) for hand in hands) == [3, 3, 4, 4, 4, 4, 4, 4]
    assert {say.conversation for hand in hands for say in hand} == set(map(str, range(30)))
