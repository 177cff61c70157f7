"""Messages that ask for several things."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from pisovereign.actions.types import (
    AddToList,
    Command,
    CreateReminder,
    ListCalendarEvents,
    SetAlarm,
    SetTimer,
)
from pisovereign.parsing.intent_acceptance import is_overruled
from pisovereign.parsing.intent_model import Guess
from pisovereign.reading.clause_boundaries import halves_of
from tests.parsing.support import BERLIN, NOW, message, service
from tests.support.rules import rules

if TYPE_CHECKING:
    pass


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("show my mails and the weather", ("show my mails", "the weather")),
        ("What's the weather? Show my mails", ("What's the weather?", "Show my mails")),
        ("wie ist das Wetter, und zeig meine Mails", ("wie ist das Wetter", "zeig meine Mails")),
        ("show my mails and then the weather", ("show my mails", "the weather")),
        ("montre mes rappels et donne-moi la météo", ("montre mes rappels", "donne-moi la météo")),
    ],
)
def test_where_a_message_is_parted(text: str, parted: tuple[str, str]) -> None:
    assert parted in list(halves_of(text))


@pytest.mark.parametrize("text", ["say “this and that”", "sandwich", "and", "the weather"])
def test_where_it_is_not(text: str) -> None:
    assert list(halves_of(text)) == []


def test_no_phrase_about_time_is_parted() -> None:
    text = "what's on my calendar next week"
    assert list(halves_of(text)) != []
    assert list(rules().halves(message(text))) == []


@pytest.mark.parametrize(
    ("text", "types"),
    [
        (
            "erinnere mich in 20 Minuten an die Pizza und stell einen Wecker auf 7",
            [CreateReminder, SetAlarm],
        ),
        ("add milk and eggs to the shopping list", [AddToList]),
        (
            "add milk and eggs to the shopping list and set a timer for 5 minutes",
            [AddToList, SetTimer],
        ),
        (
            "remind me to call Bob at 5 and remind me to buy milk at 6",
            [CreateReminder, CreateReminder],
        ),
        ("what's on my calendar next week", [ListCalendarEvents]),
    ],
)
def test_as_many_commands_are_read_as_there_are(text: str, types: list[type[Command]]) -> None:
    parts = asyncio.run(service().read_all(uuid4(), text))
    assert [type(part.command) for part in parts] == types


def test_a_model_that_is_unsure_does_not_overrule_what_is_plainly_said() -> None:
    command = rules().parse("erinnere mich in 20 minuten an die pizza", NOW, BERLIN, ()).command
    assert command is not None
    unsure = [Guess("none", 0.66), Guess("reminder", 0.18)]
    sure = [Guess("none", 0.95), Guess("reminder", 0.02)]
    assert not is_overruled(command, unsure, unsure)
    assert is_overruled(command, sure, sure)
