"""What of a model's proposal is believed: nothing that was not said."""

from __future__ import annotations

import pytest

from bench.parse.cases import NOW, ZONE
from pisovereign.actions.types import CreateCalendarEvent, CreateReminder, ListCalendarEvents
from pisovereign.parsing.model_proposals import Proposal
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import Parsed
from tests.parsing.support import message
from tests.support.rules import rules


@pytest.fixture(scope="module")
def parser() -> Parser:
    return rules()


def accept(parser: Parser, text: str, command: str, **words: str) -> Parsed | None:
    return parser.accept(message(text, NOW, ZONE), Proposal(command, **words))


def test_times_come_from_the_sentence_and_it_has_to_be_approved(parser: Parser) -> None:
    text = "It would be great to see Anna tomorrow at 3pm"
    assert accept(parser, text, "event", title="Anna") is None  # it would be: it is not
    parsed = accept(parser, "dentist tomorrow at 3pm", "event", title="dentist")
    assert parsed is not None
    assert isinstance(parsed.command, CreateCalendarEvent)
    assert parsed.command.start.isoformat() == "2026-03-12T14:00:00+00:00"
    assert parsed.requires_approval
    assert parsed.confidence <= 0.5


def test_a_reminder_that_the_model_sees_has_to_be_approved(parser: Parser) -> None:
    text = "sag mir morgen um 9 Bescheid zum Blumengießen"
    parsed = accept(parser, text, "reminder", title="Blumengießen")
    assert parsed is not None
    assert isinstance(parsed.command, CreateReminder)
    assert parsed.requires_approval


@pytest.mark.parametrize(
    "text",
    [
        "I had the dentist yesterday at 3pm",
        "no dentist tomorrow at 3pm",
        "if I see the dentist tomorrow at 3pm",
        "nicht zum dentist morgen um 15 Uhr",
        "did you put the dentist at 3pm?",
        'she text "dentist tomorrow at 3pm"',
        "translate: dentist tomorrow at 3pm",
        "dentist",
        "I see the dentist tomorrow at 3pm",
        "the dentist is coming tomorrow at 3pm",
        "rose tomorrow at 3pm",
        "maybe see the dentist tomorrow at 3pm",
        "tomorrow at 3pm he sees the dentist",
        "dentist " * 60 + "tomorrow at 3pm",
    ],
)
def test_a_proposal_to_act_is_refused(parser: Parser, text: str) -> None:
    for kind in ("event", "reminder"):
        assert accept(parser, text, kind, title="dentist") is None


def test_an_event_needs_a_title_that_was_said(parser: Parser) -> None:
    assert accept(parser, "something tomorrow at 3pm", "event") is None


def test_days_are_those_that_were_said(parser: Parser) -> None:
    assert accept(parser, "is there life on Friday?", "calendar") is None
    parsed = accept(parser, "is my diary crammed on Friday?", "calendar")
    assert parsed is not None
    assert isinstance(parsed.command, ListCalendarEvents)
    assert str(parsed.command.start) == "2026-03-12 23:00:00+00:00"
    assert not parsed.requires_approval
