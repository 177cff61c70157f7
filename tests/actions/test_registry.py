"""The one list of actions."""

from __future__ import annotations

import typing
from typing import Any

import pytest

from pisovereign.actions import registry
from pisovereign.actions.action import Action, ApprovedAction, DirectAction
from pisovereign.actions.intent import Thing
from pisovereign.actions.registry import ACTIONS, COMMANDS, INTENTS
from pisovereign.actions.spec import ActionSpec, Client
from pisovereign.actions.types import Command, CreateReminder, Help
from pisovereign.documents.types import DocumentSearch
from pisovereign.errors import ValidationFailed
from pisovereign.languages import LANGUAGES, Language
from pisovereign.languages.actions import load_actions
from pisovereign.memory.types import SearchQuery
from pisovereign.parsing.types import CLEAR, CatalogEntry
from tests.actions.support import BERLIN, utc
from tests.parsing.support import message
from tests.support.rules import rules
from tools.check_language import HOUSE


def test_every_command_has_one_entry() -> None:
    assert {spec.type for spec in COMMANDS} == set(Command.__subclasses__())
    assert set(typing.get_args(registry.AnyCommand)) == set(Command.__subclasses__())
    assert len({spec.name for spec in COMMANDS}) == len(COMMANDS)


@pytest.mark.parametrize("spec", COMMANDS, ids=lambda spec: spec.name)
def test_what_an_action_declares_of_its_arguments_is_there(spec: ActionSpec) -> None:
    """Slots, choices and what models may give are names of its fields."""
    fields = set(spec.type.__struct_fields__)
    named = {name for name in spec.slots if name is not None}
    named |= {name for name in (spec.handling.by, spec.handling.day) if name is not None}
    if spec.chosen_by is not None:
        named.add(spec.chosen_by.argument)
    if spec.model is not None:
        named |= spec.model.arguments.keys()
        assert spec.model.timed | spec.model.quoted <= spec.model.arguments.keys()
    assert named <= fields


def test_every_thing_of_a_conversation_can_be_taken_away_by_one_command() -> None:
    for thing in typing.get_args(Thing):
        assert [spec.name for spec in COMMANDS if thing in spec.handling.removes]
        assert len([spec for spec in COMMANDS if thing in spec.handling.moves]) <= 1
    names = [intent.name for spec in COMMANDS for intent in spec.intents]
    assert len(names) == len(set(names)) == len(INTENTS)


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


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.spec.name)
def test_the_class_of_an_action_fits_its_description(action: type[Action[Any]]) -> None:
    """What always waits cannot be done at once, and what only reads needs no executor."""
    direct, approved = issubclass(action, DirectAction), issubclass(action, ApprovedAction)
    assert approved is action.spec.side_effects
    assert direct is (action.spec.approval != "always")
    assert (action.spec.result is not None) is direct


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.spec.name)
def test_an_action_is_described_in_every_language(action: type[Action[Any]]) -> None:
    words = [action.spec.words(language) for language in LANGUAGES]
    assert all(each.description and each.label for each in words)
    assert len({each.example is None for each in words}) == 1


def test_kinds_of_approvals_are_different() -> None:
    kinds = [action.kind for action in ACTIONS if issubclass(action, ApprovedAction)]
    assert len(set(kinds)) == len(kinds)


def test_what_tasks_and_the_protocol_call_memories_is_no_command() -> None:
    assert registry.find("memory_search", "mcp").type is SearchQuery
    assert registry.find("search_documents", "mcp").type is DocumentSearch
    for name in ("memory_search", "search_documents"):
        with pytest.raises(ValidationFailed):
            registry.find(name)
    for name in ("change_event", "approve_plan"):
        for client in typing.get_args(Client):
            with pytest.raises(ValidationFailed):
                registry.find(name, client)


def test_arguments_are_a_schema_of_the_type() -> None:
    arguments = registry.find("create_event").arguments()
    assert arguments == {
        "type": "object",
        "properties": {
            "title": {"type": "string", "minLength": 1, "maxLength": 500},
            "start": {"type": "string", "format": "date-time"},
            "end": {"type": "string", "format": "date-time"},
            "location": {
                "anyOf": [{"type": "string", "minLength": 1, "maxLength": 200}, {"type": "null"}],
                "default": None,
            },
        },
        "required": ["title", "start", "end"],
        "additionalProperties": False,
    }
    assert registry.find("help").arguments()["properties"] == {}
    # Everything stands in its place: a grammar is made of it, and clients of the protocol read it.
    assert "$ref" not in repr([spec.arguments() for spec in COMMANDS])
    (restored,) = registry.find("restore_reminders").arguments()["properties"].values()
    assert restored["items"]["required"] == ["title", "remind_at"]


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


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_action_has_a_file_in_each_language_and_there_is_none_of_another(
    language: Language,
) -> None:
    modules = [action.__module__.rpartition(".")[2] for action in ACTIONS]
    assert [action.spec.file for action in ACTIONS] == modules
    assert sorted(load_actions(language)) == sorted(modules)


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_help_suggests_is_understood_in_chat(language: Language) -> None:
    entries = [
        CatalogEntry(id, name, requires_approval=False)
        for id, name in (("default-disk-free", "Disk Free Space"), ("default-uptime", "Uptime"))
    ]
    parser = rules()
    for spec in COMMANDS:
        if said := spec.words(language).example:
            now = utc("2026-02-07 10:00")
            parsed = parser.parse(said, now, BERLIN, entries)
            if spec.needs == "home":
                parsed = parser.at_home(message(said, now), HOUSE) or parsed
            assert isinstance(parsed.command, spec.type), said
            assert parsed.confidence >= CLEAR, said
