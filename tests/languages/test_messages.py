"""The texts of all languages."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from string import Formatter
from typing import get_args
from zoneinfo import ZoneInfo

import msgspec
import pytest

import pisovereign
from pisovereign.approvals.types import Status
from pisovereign.languages import LANGUAGES, load_data
from pisovereign.languages.messages import Clock, Dates, Messages, load_messages

WITH_SECTION = re.compile(r'load_messages\([^()]*"(\w+)"\)\.say\(\s*"([\w.]+)"')
PACKAGE = Path(pisovereign.__file__).parent
SECTIONS = sorted(set(load_data("en", "messages")) - {"dates"})


def values(messages: Messages) -> dict[str, list[str]]:
    """The values of each text, by its key; those without a name in their number."""
    return {
        key: sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)
        for key, text in messages.texts.items()
    }


def test_every_language_has_the_same_sections() -> None:
    assert {frozenset(load_data(language, "messages")) for language in LANGUAGES} == {
        frozenset(("dates", *SECTIONS))
    }


@pytest.mark.parametrize("section", SECTIONS)
def test_languages_say_the_same_with_the_same_values(section: str) -> None:
    english, *others = (values(load_messages(language, section)) for language in LANGUAGES)
    assert english
    assert all(other == english for other in others)


@pytest.mark.parametrize("hostile", ["{count.__class__}", "{0}", "%(count)s", "<b>{more}</b>"])
def test_what_others_wrote_stays_what_it_is(hostile: str) -> None:
    assert load_messages("en", "actions").say("more", count=hostile) == f"and {hostile} more"
    assert load_messages("de", "agents").say("done", hostile) == f"Erledigt: {hostile}"


def test_every_state_of_an_approval_has_its_words() -> None:
    keys = load_messages("en", "approvals").texts
    assert {f"decided.{status}" for status in get_args(Status)} <= set(keys)


@pytest.mark.parametrize(
    ("folder", "section"),
    [
        ("actions", "actions"),
        ("mcp", "actions"),
        ("agents", "agents"),
        ("channels", "channels"),
    ],
)
def test_texts_that_are_named_are_there(folder: str, section: str) -> None:
    sources = [WITH_SECTION.sub("", path.read_text()) for path in (PACKAGE / folder).rglob("*.py")]
    named = {key for source in sources for key in re.findall(r'\bsay\(\s*"([\w.]+)"', source)}
    named |= {
        key
        for path in (PACKAGE / folder).rglob("*.py")
        for other, key in WITH_SECTION.findall(path.read_text())
        if other == section
    }
    assert named
    assert named <= set(load_messages("en", section).texts)


def test_texts_that_are_named_with_their_section_are_there() -> None:
    named = {
        call for path in PACKAGE.rglob("*.py") for call in WITH_SECTION.findall(path.read_text())
    }
    assert named
    assert not [call for call in named if call[1] not in load_messages("en", call[0]).texts]


def test_a_time_is_written_as_the_language_writes_it() -> None:
    data = load_data("en", "messages")["dates"] | {
        "time": "{hour} h {minute:02}", "full_hour": "{hour} h", "days": {"1": "1st"},
    }  # fmt: skip
    messages = Messages({}, msgspec.convert(data, Dates, str_keys=True))
    clock = Clock(dt.datetime(2026, 3, 11, 9, 20, tzinfo=dt.UTC), ZoneInfo("UTC"))
    at = dt.datetime(2026, 4, 1, 8, 5, tzinfo=dt.UTC)
    assert messages.time(at, clock) == "8 h 05"
    assert messages.time(at.replace(minute=0), clock) == "8 h"
    assert messages.day(at, clock) == "Wednesday, 1st April"
    assert load_messages("en", "actions").time(at, clock) == "08:05"
