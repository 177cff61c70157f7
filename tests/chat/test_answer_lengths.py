"""How long an answer will become."""

from __future__ import annotations

import pytest

from pisovereign.chat.answer_lengths import AnswerLengths, Asked

MOST = 2048


def taught() -> AnswerLengths:
    lengths = AnswerLengths()
    for thing in ("snow", "tea", "glass", "honey", "bread", "paper", "wool", "sand"):
        lengths.learn(Asked(f"Write a story about {thing}.", [], MOST), 400, cut=False)
        lengths.learn(Asked(f"What color is {thing}?", [], MOST), 10, cut=False)
    return lengths


def test_before_the_first_answer_something_is_expected() -> None:
    assert 1 <= AnswerLengths().expect(Asked("Hello", [], MOST)) <= MOST


def test_it_depends_on_what_is_asked() -> None:
    lengths = taught()
    story = lengths.expect(Asked("Write a story about iron.", [], MOST))
    color = lengths.expect(Asked("What color is iron?", [], MOST))
    assert story == pytest.approx(400, rel=0.3)
    assert color == pytest.approx(10, rel=0.4)


def test_no_answer_is_longer_than_it_may_be() -> None:
    lengths = taught()
    assert lengths.expect(Asked("Write a story about iron.", [], 50)) == 50
    assert lengths.expect(Asked("Write a story about iron.", [], 1)) == 1


def test_an_answer_that_was_cut_makes_none_shorter() -> None:
    lengths = taught()
    asked = Asked("Write a story about iron.", [], MOST)
    before = lengths.expect(asked)
    for _ in range(10):
        lengths.learn(asked._replace(most=20), 20, cut=True)
    assert lengths.expect(asked) >= 0.9 * before


def test_it_follows_a_model_that_answers_otherwise_now() -> None:
    lengths = taught()
    asked = Asked("What color is iron?", [], MOST)
    for _ in range(40):
        lengths.learn(asked, 80, cut=False)
    assert lengths.expect(asked) == pytest.approx(80, rel=0.25)
