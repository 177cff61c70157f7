"""Examples of all that can be asked for."""

from __future__ import annotations

from typing import Any

import msgspec

from pisovereign.actions.action import DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import Intent
from pisovereign.actions.messages import bullets
from pisovereign.actions.spec import ActionSpec, ApprovalNeed, Source
from pisovereign.languages import Language
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording

_BETWEEN = " · "


class Help(Command, frozen=True, kw_only=True):
    """Which commands there are."""


class HelpEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A command, as `help` shows it; `arguments` is a JSON Schema, `example` what a person says."""

    name: str
    type: str
    description: str
    example: str | None
    arguments: dict[str, Any]
    sources: tuple[Source, ...]
    side_effects: bool
    approval: ApprovalNeed


class HelpList(msgspec.Struct, frozen=True, kw_only=True):
    """Every command that works here."""

    commands: list[HelpEntry]


def _read(wording: Wording) -> PartialCommand:
    return PartialCommand(Help, {})


class HelpAction(DirectAction[Help, HelpList]):
    """Lists what is offered to people."""

    spec = ActionSpec(
        name="help",
        type=Help,
        result=HelpList,
        intents=(Intent("help", _read, least=0.7),),
        of_the_world=True,
    )

    async def run(self, caller: Caller, command: Help) -> HelpList:
        """Return every command that works here, described in the caller's language."""
        user, has = caller.identity.user_id, self._backends.has
        return HelpList(
            commands=[
                _entry(spec, caller.language)
                for spec in self._backends.commands
                if spec.needs is None or has(user, spec.needs)
            ]
        )

    def describe(self, result: HelpList, messages: Messages, clock: Clock) -> str:
        """Return what can be asked for, by examples; those about the same things in one line."""
        lines: dict[tuple[Source, ...], list[str]] = {}
        for entry in result.commands:
            if entry.example:
                lines.setdefault(entry.sources, []).append(entry.example)
        return messages.say(
            "help", list=bullets([_BETWEEN.join(of) for of in lines.values()], messages)
        )


def _entry(spec: ActionSpec, language: Language) -> HelpEntry:
    words = spec.words(language)
    return HelpEntry(
        name=spec.name,
        type=spec.type_name,
        description=words.description,
        example=words.example,
        arguments=spec.arguments(),
        sources=spec.sources,
        side_effects=spec.side_effects,
        approval=spec.approval,
    )
