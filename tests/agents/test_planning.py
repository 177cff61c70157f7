"""Plans by rules: fifty requests, and what has to become of them."""

from __future__ import annotations

import datetime as dt
import tomllib
from functools import cache, partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.agents.messages import summary
from pisovereign.agents.planning.clauses import split_clauses
from pisovereign.agents.planning.interpretation import Reader
from pisovereign.agents.planning.proposals import (
    Proposal,
    invented_argument,
    merge_plans,
    unplanned,
)
from pisovereign.agents.planning.rule_planner import RulePlanner
from pisovereign.agents.types import ANSWER, Draft
from pisovereign.languages.detection import detect_language
from pisovereign.parsing.service import UserParser
from pisovereign.tool_use.grounding import has_words
from tests.support.patience import PATIENCE_S
from tests.support.rules import rules

NOW = dt.datetime(2026, 3, 3, 9, tzinfo=dt.UTC)
CASES: list[dict[str, Any]] = tomllib.loads(
    (Path(__file__).parent / "requests.toml").read_text(encoding="utf-8")
)["request"]
BERLIN = ZoneInfo("Europe/Berlin")


@cache
def _parser() -> UserParser:
    return UserParser(rules(), NOW, BERLIN, [])


def plan(said: str, parser: UserParser | None = None) -> list[Draft]:
    parser = parser or _parser()
    language = detect_language(said, "en")
    return RulePlanner(Reader(parser.parse, parser.time_phrase, language, BERLIN)).plan(said)


def told(draft: Draft) -> dict[str, Any]:
    shown: dict[str, Any] = {"tool": draft.tool, **draft.arguments}
    if draft.depends_on:
        shown["after"] = list(draft.depends_on)
    if draft.refusal:
        shown["refusal"] = draft.refusal
    return shown | ({"words": draft.description} if draft.tool == ANSWER else {})


def test_there_are_fifty_in_two_languages() -> None:
    languages = [detect_language(case["said"], "en") for case in CASES]
    assert min(languages.count("en"), languages.count("de")) >= 25
    assert len({case["said"] for case in CASES}) == len(CASES) >= 50


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["said"][:60])
def test_a_request_becomes_its_sub_tasks(case: dict[str, Any]) -> None:
    assert [told(draft) for draft in plan(case["said"])] == case["becomes"]


@pytest.mark.parametrize(
    ("now", "end"),
    [((2026, 10, 14), "2026-10-25T23:00:00Z"), ((2026, 3, 18), "2026-03-29T22:00:00Z")],
)
def test_a_journey_ends_at_midnight_when_clocks_are_changed(
    now: tuple[int, int, int], end: str
) -> None:
    parser = UserParser(rules(), dt.datetime(*now, 9, tzinfo=dt.UTC), BERLIN, [])
    (event,) = plan("Trip to Rome next week: create the events", parser)
    assert event.arguments["end"] == end


def test_the_model_plans_no_condition_away() -> None:
    said = "Tell me a joke. If it rains, remind me at 6 pm to rest. Reschedule the meeting."
    drafts = plan(said)
    assert [draft.refusal for draft in drafts] == [None, "conditional", "not_understood"]
    assert list(unplanned(drafts)) == [1, 3]
    planned = Proposal(request=2, tool="reminders")
    assert [draft.refusal for draft in merge_plans(drafts, [planned])] == [
        None,
        "conditional",
        None,
    ]


def test_the_same_twice_is_done_once() -> None:
    assert len(plan("weather; weather; weather in Berlin; weather in Berlin")) == 2


def test_the_same_again_after_a_change_is_done_again() -> None:
    said = "Show my reminders, then remind me tomorrow at 9 to pack, then show my reminders"
    assert [(draft.tool, draft.depends_on) for draft in plan(said)] == [
        ("reminders", ()),
        ("create_reminder", (1,)),
        ("reminders", (2,)),
    ]


def test_what_is_not_done_again_still_keeps_the_order() -> None:
    said = "Show my mail, then show my reminders, then show my mail, then check the weather"
    assert [(draft.tool, draft.depends_on) for draft in plan(said)] == [
        ("emails", ()),
        ("reminders", (1,)),
        ("weather", (2, 1)),
    ]


@pytest.mark.parametrize("joint", ["and", "then"])
def test_a_change_that_is_said_twice_is_made_once(joint: str) -> None:
    reminder = "remind me tomorrow at 9 to pack"
    assert len(plan(f"{reminder}, {joint} {reminder}")) == 1


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"type": "Run", "arguments": {"host": "example.org"}}, None),
        ({"type": "Run", "arguments": {"host": "evil.org"}}, "arguments.host was not said"),
        ({"type": "Run", "arguments": {"type": "evil"}}, "arguments.type was not said"),
        ({"type": "Send", "to": ["mallory@evil.org"]}, "to was not said"),
        ({"type": "Send", "to": "example.org, x"}, None),  # people say "and" between them
        ({"type": "Send", "to": "example.org, mallory@evil.org"}, "to was not said"),
        ({"location": "Bonn"}, "location was not said"),
        ({"location": "EXAMPLE.org"}, None),
        ({"location": "ample.org"}, "location was not said"),
        ({"start": "2026-03-04T09:00:00Z"}, "start is a time, and none was said"),
        ({"body": ("x " * 100)[:199]}, None),
        ({"body": "x " * 100}, "body is too long"),  # the rest was cut off
    ],
)
def test_the_model_puts_no_words_into_the_users_mouth(
    arguments: dict[str, Any], fault: str | None
) -> None:
    said = f"Ping example.org {'x ' * 200}"
    found = invented_argument(arguments, partial(has_words, said.casefold()), timed=False)
    assert (found or "").startswith(fault or "")
    assert bool(found) is bool(fault)


def test_what_is_quoted_is_never_cut() -> None:
    said = "Write 'check the weather, show my mail' in French"
    assert [(d.tool, d.description) for d in plan(said)] == [(ANSWER, said)]


@pytest.mark.parametrize("said", ["...", "- - -", "?!", "und und und", ", then , and"])
def test_what_says_nothing_is_one_sub_task(said: str) -> None:
    assert len(plan(said)) == 1


def test_summaries() -> None:
    drafts = plan("Check the weather, show my calendar and create the events")
    assert summary(drafts[:1], "en") == "1 sub-task: weather"
    assert summary(drafts[:2], "de") == "2 Teilaufgaben: Wetter, Kalender"


@pytest.mark.timeout(PATIENCE_S)
@pytest.mark.parametrize(
    "first", ["", "if ", "wenn ", "delete ", "if it rains, ", "si ", "supprime "]
)
@pytest.mark.parametrize(
    "said", ["e-mail ", "termin x ", "the meeting of Ada is late and ", "a ", "et mon rappel "]
)
def test_long_requests_are_planned_soon(first: str, said: str) -> None:
    assert plan((first + said * 4000)[:4000])


WORDS = ["check", "the", "weather", "in", "Berlin", "mail", "then", "and", "next", "week", "remind"]
WORDS += ["me", "tomorrow", "at", "9", "to", ",", ".", ":", ";", "\n", "-", "'", "“", "1.", "2."]
WORDS += ["dann", "und", "zeig", "meine", "Termine", "nach", "Rom", "—", "trip", "events", "the"]


@given(st.lists(st.sampled_from(WORDS), max_size=60).map(" ".join) | st.text(max_size=300))
def test_any_text_becomes_a_plan_whose_parts_wait_only_for_earlier_ones(said: str) -> None:
    drafts = plan(said)
    assert drafts
    for number, draft in enumerate(drafts, 1):
        assert all(1 <= before < number for before in draft.depends_on)
        assert len(draft.description) <= len(said) + 40


@given(st.text(max_size=300))
def test_pieces_hold_nothing_that_was_not_said(said: str) -> None:
    for piece in split_clauses(said):
        assert piece.text.strip()
