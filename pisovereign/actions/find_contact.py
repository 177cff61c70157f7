"""Finding somebody in the address books: an address, a number, a birthday."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal, cast, get_args

from msgspec import Meta

from pisovereign.actions.action import DirectAction
from pisovereign.actions.backends import SOURCE_LIMIT_S, Backends, within
from pisovereign.actions.birthdays import birthday_in_words
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Label
from pisovereign.actions.intent import ChosenBy, Intent, ModelTool
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.outcome import Choice, Outcome
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.spec import ActionSpec
from pisovereign.actions.word_matching import matching
from pisovereign.connectors.calendar.contact_types import Contact, ContactValue
from pisovereign.languages.messages import Clock, Messages
from pisovereign.languages.words import caseless
from pisovereign.reading.partial_commands import PartialCommand, Wording

About = Literal["email", "phone", "address", "birthday"]
_MOST_CHOICES = 20
_MOST_NAMES = 4


class FindContact(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Find the person of a name, or of an id; `about` is what is wanted of them."""

    name: Label | None = None
    about: About | None = None
    contact_id: Annotated[str, Meta(min_length=1, max_length=2000)] | None = None


class FoundContact(Outcome, frozen=True, kw_only=True):
    """The contact that was found; None: `choices` are those who may be meant."""

    contact: Contact | None = None
    about: About | None = None


def _read(about: About | None, wording: Wording) -> PartialCommand:
    name, asked = wording.said("name"), about
    if wording.spans is None:
        left = wording.about()
        name = left if left and len(left.split()) <= _MOST_NAMES else None
        found = wording.forms.signal("about_contact", wording.request.cut)
        asked = cast("About", found[0]) if found else None
    return PartialCommand(FindContact, {"name": name, "about": asked}, ("name",))


class FindContactAction(DirectAction[FindContact, FoundContact]):
    """Looks into the address books."""

    spec = ActionSpec(
        name="find_contact",
        type=FindContact,
        result=FoundContact,
        sources=("contacts",),
        needs="calendar",
        intents=(
            Intent("contact", partial(_read, None)),
            Intent("contact_all", partial(_read, None)),
            *(Intent(f"contact_{about}", partial(_read, about)) for about in get_args(About)),
        ),
        chosen_by=ChosenBy("contact_id"),
        model=ModelTool(
            "Look somebody up in the user's address book: address, number, birthday.",
            {"name": "Name of the person"},
        ),
    )

    async def run(self, caller: Caller, command: FindContact) -> FoundContact:
        """Return who is meant.

        Raises:
            NotConfigured: No server is set up.
            UpstreamError: The address books cannot be read.
        """
        everybody = await read_contacts(self._backends, caller, SOURCE_LIMIT_S)
        if command.contact_id is not None:
            found = [each for each in everybody if each.id == command.contact_id]
        else:
            found = named_contacts(everybody, command.name or "")
        if len(found) == 1:
            return FoundContact(contact=found[0], about=command.about)
        return FoundContact(
            status="needs_choice" if found else "not_found",
            choices=choices_of(found),
            about=command.about,
        )

    def describe(self, result: FoundContact, messages: Messages, clock: Clock) -> str:
        """Return what was asked for; else all that is known of somebody."""
        contact = result.contact
        if contact is None:
            return describe_choices("contacts", result, messages)
        name = quote(contact.name)
        if result.about is not None:
            return _one(contact, result.about, messages, clock) or messages.say(
                f"contacts.no_{result.about}", name=name
            )
        known = [_one(contact, about, messages, clock) for about in _ABOUT]
        lines = [line for line in known if line]
        if not lines:
            return messages.say("contacts.nothing", name=name)
        return messages.say("contacts", name=name, list=bullets(lines, messages))


_ABOUT: tuple[About, ...] = ("email", "phone", "address", "birthday")


async def read_contacts(backends: Backends, caller: Caller, limit_s: float) -> list[Contact]:
    """Return everybody in the address books."""
    asked = backends.contacts.contacts(caller.identity.user_id)
    return await within(limit_s, asked, "The server of the address book")


def named_contacts(everybody: Sequence[Contact], name: str) -> list[Contact]:
    """Return those whom a name means: who has exactly this name, else whom its words fit."""
    wanted = caseless(name).strip()
    exact = [each for each in everybody if wanted in _names(each)]
    if exact:
        return exact
    return matching(name, everybody, lambda each: f"{each.name} {each.nickname or ''}")


def _names(contact: Contact) -> list[str]:
    return [caseless(name).strip() for name in (contact.name, contact.nickname) if name]


def choices_of(found: Sequence[Contact]) -> list[Choice]:
    """Return people as what can be chosen."""
    return [Choice(id=each.id, title=_who(each)) for each in found[:_MOST_CHOICES]]


def _who(contact: Contact) -> str:
    name = quote(contact.name)
    if contact.organization and contact.organization != contact.name:
        return f"{name} ({quote(contact.organization)})"
    return name


def _one(contact: Contact, about: About, messages: Messages, clock: Clock) -> str:
    """Return a line about somebody; empty: nothing is known."""
    name = quote(contact.name)
    if about == "birthday":
        if contact.birthday is None:
            return ""
        day = birthday_in_words(contact.birthday, messages)
        return messages.say("contacts.birthday", name=name, day=day)
    values: dict[str, list[ContactValue]] = {
        "email": contact.emails,
        "phone": contact.phones,
        "address": contact.addresses,
    }
    listed = "; ".join(_value(value, messages) for value in values[about])
    return messages.say(f"contacts.{about}", name=name, value=listed) if listed else ""


def _value(value: ContactValue, messages: Messages) -> str:
    known = f"contacts.label.{value.label}"
    if known not in messages.texts:
        return quote(value.value)
    return f"{quote(value.value)} ({messages.say(known)})"
