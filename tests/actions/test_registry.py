"""The one list of commands."""

from __future__ import annotations

import typing

import pytest

from pisovereign.actions import registry
from pisovereign.actions.registry import COMMANDS
from pisovereign.actions.types import Command, CreateReminder, Help
from pisovereign.chat.commands import CLEAR
from pisovereign.errors import ValidationFailed
from pisovereign.languages import Language
from pisovereign.parsing.parser import Parser
from pisovereign.parsing.types import CatalogEntry
from tests.actions.support import BERLIN, utc


def test_every_type_has_one_entry() -> None:
    assert {spec.type for spec in COMMANDS} == set(typing.get_args(Command))
    assert len({spec.name for spec in COMMANDS}) == len(COMMANDS)


def test_the_names_of_the_reference() -> None:
    named = {spec.name: spec.type_name for spec in COMMANDS}
    assert (
        named.items()
        >= {
            "briefing": "MorningBriefing",
            "weather": "CurrentWeather",
            "calendar": "ListCalendarEvents",
            "emails": "EmailSummary",
            "help": "Help",
        }.items()
    )


def test_what_only_reads_needs_no_approval() -> None:
    assert all(spec.approval == "never" for spec in COMMANDS if not spec.side_effects)


def test_arguments_are_a_schema_of_the_type() -> None:
    arguments = registry.find("create_reminder").arguments()
    assert arguments == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": 500},
            "remind_at": {"type": "string", "format": "date-time"},
        },
        "required": ["title", "remind_at"],
        "additionalProperties": False,
    }
    assert registry.find("help").arguments()["properties"] == {}


def test_a_command_finds_its_entry() -> None:
    assert registry.spec_of(Help()).name == "help"
    reminder = CreateReminder(title="Tea", remind_at=utc("2026-02-07 09:00"))
    assert registry.spec_of(reminder).name == "create_reminder"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("wether", "did you mean weather?"),
        ("Briefing", "did you mean briefing?"),
        ("EmailSummary", "did you mean emails?"),
        ("remind", "did you mean reminders?"),
        ("x" * 100_000, "help lists those that there are"),
        ("", "help lists those that there are"),
    ],
)
def test_an_unknown_name_is_told_the_nearest(name: str, hint: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        registry.find(name)
    assert caught.value.fields == [{"field": "command", "error": f"is not a known command; {hint}"}]


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_help_suggests_is_understood_in_chat(language: Language) -> None:
    entries = [
        CatalogEntry(id, name, requires_approval=False)
        for id, name in (("default-disk-free", "Disk Free Space"), ("default-uptime", "Uptime"))
    ]
    for spec in COMMANDS:
        if spec.examples:
            said = spec.examples[language]
            parsed = Parser().parse(said, utc("2026-02-07 10:00"), BERLIN, entries)
            assert isinstance(parsed.command, spec.type), said
            assert parsed.confidence >= CLEAR, said
