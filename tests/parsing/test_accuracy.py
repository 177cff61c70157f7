"""The labeled utterances, read by the rules alone."""

from __future__ import annotations

import pytest

from bench.parse.cases import CATALOG, NOW, ZONE, Case, has_side_effect, load, same
from pisovereign.actions.types import Command
from pisovereign.parsing.parser import Parser
from tests.support.rules import rules

LEAST_RIGHT = 0.97
SETS = ("tuning", "held_out")
CASES = {name: load(name) for name in SETS}


@pytest.fixture(scope="module")
def parser() -> Parser:
    return rules()


def read(parser: Parser, case: Case) -> Command | None:
    return parser.parse(case.words, NOW, ZONE, CATALOG).command


def test_there_is_enough_of_both_languages_and_of_what_is_no_command() -> None:
    cases = [case for of in CASES.values() for case in of]
    assert len(cases) >= 500
    assert len({(case.language, case.words) for case in cases}) == len(cases)
    for language in ("en", "de"):
        own = [case for case in cases if case.language == language]
        assert len(own) >= 250
        assert sum(case.command is None for case in own) >= len(own) / 3


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("language", ["en", "de"])
def test_what_is_said_is_understood(parser: Parser, name: str, language: str) -> None:
    cases = [case for case in CASES[name] if case.language == language]
    right = sum(same(case.command, read(parser, case)) for case in cases)
    assert right / len(cases) >= LEAST_RIGHT


@pytest.mark.parametrize("name", SETS)
def test_nothing_is_done_that_nobody_asked_for(parser: Parser, name: str) -> None:
    others = [case for case in CASES[name] if case.command is None]
    acted = [case.words for case in others if has_side_effect(read(parser, case))]
    assert acted == []
