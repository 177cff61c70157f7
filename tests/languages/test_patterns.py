"""Patterns that are made of each other."""

from __future__ import annotations

import re

import pytest

from pisovereign.languages.patterns import PatternExpander, either, in_one_line


def test_a_name_stands_for_another_pattern() -> None:
    expander = PatternExpander({"day": ("monday", "{short}"), "short": "tue?"})
    assert expander.expand("on {day}s") == "on (?:monday|(?:tue?))s"
    assert expander.expand(r"\d{1,2}") == r"\d{1,2}"


@pytest.mark.parametrize("pattern", ["{missing}", "{itself}", "{first}"])
def test_a_name_that_stands_for_nothing_is_refused(pattern: str) -> None:
    expander = PatternExpander({"itself": "a{itself}", "first": "{second}", "second": "{first}"})
    with pytest.raises(ValueError, match="stands for no pattern"):
        expander.expand(pattern)


def test_groups_of_one_name_are_numbered() -> None:
    pattern = PatternExpander({}).expand(("(?P<a>x)", "(?P<a>y)"))
    match = re.fullmatch(pattern, "y")
    assert match is not None
    assert match.groupdict() == {"a1": None, "a2": "y"}


def test_indentation_does_not_count_and_blanks_do() -> None:
    assert in_one_line("    a\n      |b ?\n c") == "a|b ?c"
    assert in_one_line(" ?to") == " ?to"


def test_the_longest_word_is_tried_first() -> None:
    assert either(["in", "inside", "a.m."]) == r"inside|a\.m\.|in"
    assert re.search(either([]), "anything") is None
