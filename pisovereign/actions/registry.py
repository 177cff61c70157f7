"""The one list of commands.

From it `/v1/commands` knows what to take, `help` what to show, the parser what needs an approval,
and the documentation of the API what to describe.
"""

from __future__ import annotations

import difflib
from typing import Any, Literal

import msgspec

from pisovereign.actions.types import (
    Command,
    CreateCalendarEvent,
    CreateReminder,
    CurrentWeather,
    DraftEmail,
    EmailSummary,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
    RunCatalogCommand,
    SendEmail,
)
from pisovereign.errors import ValidationFailed
from pisovereign.languages import Language

Approval = Literal["never", "always", "depends"]
Source = Literal["weather", "calendar", "emails", "reminders", "catalog"]


class CommandSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to know about a command.

    `name` is what a client calls it by, the fields of `type` are its arguments. `approval` says
    whether a person has to approve before it happens; with `depends` the system command in question
    decides. `side_effects` is false for what only reads. `examples` are what a person says
    for it; None for what only programs can give.
    """

    name: str
    type: type[Command]
    descriptions: dict[Language, str]
    examples: dict[Language, str] | None = None
    sources: tuple[Source, ...] = ()
    side_effects: bool = False
    approval: Approval = "never"

    @property
    def type_name(self) -> str:
        """The name of the type, as responses have it."""
        return self.type.__name__

    def arguments(self) -> dict[str, Any]:
        """The arguments as a JSON Schema."""
        (_, shared) = msgspec.json.schema_components([self.type], ref_template="{name}")
        schema = shared[self.type_name]
        properties = {k: v for k, v in schema["properties"].items() if k != "type"}
        required = [name for name in schema.get("required", ()) if name != "type"]
        return {
            "type": "object",
            "properties": properties,
            "required": required,
            "additionalProperties": False,
        }


COMMANDS: tuple[CommandSpec, ...] = (
    CommandSpec(
        name="briefing",
        type=MorningBriefing,
        descriptions={
            "en": "Weather, today's events and mail at a glance",
            "de": "Wetter, heutige Termine und Mails auf einen Blick",
        },
        examples={"en": "Give me my briefing", "de": "Gib mir mein Briefing"},
        sources=("weather", "calendar", "emails"),
    ),
    CommandSpec(
        name="weather",
        type=CurrentWeather,
        descriptions={"en": "The weather now", "de": "Das Wetter jetzt"},
        examples={
            "en": "What is the weather like in Hamburg?",
            "de": "Wie ist das Wetter in Hamburg?",
        },
        sources=("weather",),
    ),
    CommandSpec(
        name="calendar",
        type=ListCalendarEvents,
        descriptions={
            "en": "The events of today, or of several days",
            "de": "Die Termine von heute oder von mehreren Tagen",
        },
        examples={
            "en": "What is in my calendar for the next three days?",
            "de": "Was steht in den nächsten drei Tagen in meinem Kalender?",
        },
        sources=("calendar",),
    ),
    CommandSpec(
        name="emails",
        type=EmailSummary,
        descriptions={
            "en": "How many mails are unread or important, and the newest ones",
            "de": "Wie viele Mails ungelesen oder wichtig sind, und die neuesten",
        },
        examples={"en": "Do I have new mail?", "de": "Habe ich neue Mails?"},
        sources=("emails",),
    ),
    CommandSpec(
        name="help",
        type=Help,
        descriptions={"en": "What can be asked for", "de": "Was man verlangen kann"},
        examples={"en": "What can you do?", "de": "Was kannst du?"},
    ),
    CommandSpec(
        name="reminders",
        type=ListReminders,
        descriptions={
            "en": "The reminders that are still to come",
            "de": "Die Erinnerungen, die noch anstehen",
        },
        examples={"en": "Show my reminders", "de": "Zeig meine Erinnerungen"},
        sources=("reminders",),
    ),
    CommandSpec(
        name="create_reminder",
        type=CreateReminder,
        descriptions={
            "en": "Remind of something at a time",
            "de": "Zu einer Zeit an etwas erinnern",
        },
        examples={
            "en": "Remind me to call Ada tomorrow at 9",
            "de": "Erinnere mich morgen um 9 daran, Ada anzurufen",
        },
        sources=("reminders",),
        side_effects=True,
    ),
    CommandSpec(
        name="create_event",
        type=CreateCalendarEvent,
        descriptions={
            "en": "Put an event into the calendar",
            "de": "Einen Termin in den Kalender eintragen",
        },
        examples={
            "en": "Create a meeting with Ada on Friday from 2 to 3 pm",
            "de": "Trag am Freitag von 14 bis 15 Uhr ein Treffen mit Ada ein",
        },
        sources=("calendar",),
        side_effects=True,
        approval="always",
    ),
    CommandSpec(
        name="send_email",
        type=SendEmail,
        descriptions={"en": "Send a mail", "de": "Eine Mail senden"},
        sources=("emails",),
        side_effects=True,
        approval="always",
    ),
    CommandSpec(
        name="draft_email",
        type=DraftEmail,
        descriptions={
            "en": "Put a mail into the drafts, unsent",
            "de": "Eine Mail als Entwurf ablegen, ohne sie zu senden",
        },
        sources=("emails",),
        side_effects=True,
        approval="always",
    ),
    CommandSpec(
        name="run",
        type=RunCatalogCommand,
        descriptions={
            "en": "Run a system command of the catalog",
            "de": "Einen Systembefehl aus dem Katalog ausführen",
        },
        examples={"en": "Show the disk space", "de": "Zeig den Speicherplatz"},
        sources=("catalog",),
        side_effects=True,
        approval="depends",
    ),
)
_BY_TYPE = {spec.type: spec for spec in COMMANDS}


def spec_of(command: Command) -> CommandSpec:
    """What there is to know about a command that was given."""
    return _BY_TYPE[type(command)]


def find(name: str) -> CommandSpec:
    """The command with a name.

    Raises:
        ValidationFailed: there is none; names the nearest one.
    """
    found = next((spec for spec in COMMANDS if spec.name == name), None)
    if found is None:
        raise ValidationFailed([{"field": "command", "error": _unknown(name)}])
    return found


def _unknown(name: str) -> str:
    known: dict[str, str] = {}
    for spec in COMMANDS:
        known |= {spec.name: spec.name, spec.type_name.lower(): spec.name}
    near = difflib.get_close_matches(name[:100].lower(), list(known), n=1, cutoff=0.5)
    hint = f"did you mean {known[near[0]]}?" if near else "help lists those that there are"
    return f"is not a known command; {hint}"
