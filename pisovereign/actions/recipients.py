"""Whom a mail goes to: addresses, and names of people in the address books."""

from __future__ import annotations

import msgspec

from pisovereign.actions.backends import SOURCE_LIMIT_S, Backends
from pisovereign.actions.caller import Caller
from pisovereign.actions.find_contact import named_contacts, read_contacts
from pisovereign.actions.messages import bullets, quote
from pisovereign.actions.outcome import Choice, Outcome, Undecided
from pisovereign.connectors.calendar.contact_types import Contact
from pisovereign.connectors.email.types import OutgoingMail, checked_address
from pisovereign.errors import NotConfigured, UpstreamError, ValidationFailed
from pisovereign.languages.messages import Messages
from pisovereign.text.lookalikes import resembled

_MOST_CHOICES = 20
_QUICK_S = 5.0
"""A mail waits no longer for what is only compared with it."""


class RecipientSelection(Outcome, frozen=True, kw_only=True):
    """The people who may be meant by a name; nothing was asked for.

    With `needs_choice` the ids of `choices` are addresses. With `not_found` there is none:
    `missing` is the argument that has to be given.
    """

    name: str
    missing: tuple[str, ...] = ()


async def find_recipients(backends: Backends, caller: Caller, to: str) -> str:
    """Return recipients with addresses in place of names.

    Raises:
        Undecided: A name fits nobody, or several addresses.
        ValidationFailed: There is something that is neither an address nor a name, or no address
            book to look it up in.
    """
    parts = [part.strip() for part in to.split(",") if part.strip()]
    if all("@" in part for part in parts):
        return to
    try:
        everybody = await read_contacts(backends, caller, SOURCE_LIMIT_S)
    except (NotConfigured, UpstreamError):
        return to  # what is no address is refused as such
    return ", ".join(part if "@" in part else _address(part, everybody) for part in parts)


async def marked_mail(backends: Backends, caller: Caller, mail: OutgoingMail) -> OutgoingMail:
    """Return a mail with a mark on each recipient whom others know under a similar address."""
    try:
        everybody = await read_contacts(backends, caller, _QUICK_S)
    except (NotConfigured, UpstreamError):
        everybody = []
    known = [value.value for each in everybody for value in each.emails] + [mail.sender]
    found = [
        f"{address} ≠ {similar}"
        for address in mail.to
        if (similar := resembled(address, known)) is not None
    ]
    return msgspec.structs.replace(mail, resembles=found) if found else mail


def describe_recipients(result: RecipientSelection, messages: Messages) -> str:
    """Return what is asked."""
    name = quote(result.name)
    if result.status == "not_found":
        return messages.say("recipients.not_found", name=name)
    listed = bullets([choice.title for choice in result.choices], messages)
    return messages.say("recipients.needs_choice", name=name, list=listed)


def _address(name: str, everybody: list[Contact]) -> str:
    found = [
        (each, value.value)
        for each in named_contacts(everybody, name)
        for value in each.emails
        if _is_address(value.value)
    ]
    if len(found) == 1:
        return found[0][1]
    choices = [
        Choice(id=address, title=f"{quote(each.name)} <{quote(address)}>")
        for each, address in found[:_MOST_CHOICES]
    ]
    if choices:
        raise Undecided(RecipientSelection(status="needs_choice", choices=choices, name=name))
    raise Undecided(RecipientSelection(status="not_found", name=name, missing=("to",)))


def _is_address(value: str) -> bool:
    try:
        checked_address(value)
    except (ValueError, ValidationFailed):
        return False
    return "," not in value
