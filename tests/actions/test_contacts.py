"""People are found by name, and mails go to them; whoever is not clear is asked for."""

from __future__ import annotations

import asyncio
import datetime as dt

import msgspec
import pytest

from pisovereign.actions.birthdays import Birthday, birthdays_on
from pisovereign.actions.find_contact import FindContact, FoundContact
from pisovereign.actions.outcome import Undecided
from pisovereign.actions.recipients import RecipientSelection, find_recipients
from pisovereign.actions.send_email import SendEmail
from pisovereign.actions.types import Completed, Pending
from pisovereign.connectors.calendar.contact_types import Contact, ContactValue
from pisovereign.languages import LANGUAGES
from tests.actions.support import ANNA, CALLER, FakeContacts, backends, service

TOM = Contact(
    name="Tom <b>Miller",
    id="tom",
    emails=[
        ContactValue(value=value) for value in ("tom@a.example", "tom@b.example", "no, mail@x")
    ],
)
OTHER = msgspec.structs.replace(ANNA, name="Anna Weber", id="weber", emails=[])


def found(name: str, *known: Contact) -> FoundContact:
    actions = service(contacts=FakeContacts(*known))
    done = asyncio.run(actions.run(CALLER, FindContact(name=name)))
    assert isinstance(done, Completed)
    assert isinstance(done.result, FoundContact)
    return done.result


def test_one_is_found_several_are_asked_about_and_nobody_is_said() -> None:
    assert found("anna schmidt", ANNA, OTHER).contact == ANNA
    several = found("Anna", ANNA, OTHER)
    assert (several.status, [choice.id for choice in several.choices]) == (
        "needs_choice", [ANNA.id, "weber"],
    )  # fmt: skip
    assert found("Zoe", ANNA).status == "not_found"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("about", ["email", "phone", "address", "birthday", None])
def test_what_is_asked_for_is_said(language: str, about: str | None) -> None:
    actions = service(contacts=FakeContacts(ANNA))
    command = msgspec.convert({"type": "FindContact", "name": "Anna", "about": about}, FindContact)
    done = asyncio.run(actions.run(CALLER._replace(language=language), command))
    assert isinstance(done, Completed)
    assert "Anna Schmidt" in done.text
    said = {"email": "anna@example.org", "phone": "+49 151", "birthday": "1980"}
    assert said.get(about or "email", "") in done.text


def test_a_mail_goes_to_the_address_of_a_name() -> None:
    sources = backends(contacts=FakeContacts(ANNA, TOM))
    to = asyncio.run(find_recipients(sources, CALLER, "Anna, bob@example.org"))
    assert to == "anna@example.org, bob@example.org"


def test_several_addresses_are_asked_about_and_none_is_missing() -> None:
    sources = backends(contacts=FakeContacts(ANNA, TOM))
    with pytest.raises(Undecided) as caught:
        asyncio.run(find_recipients(sources, CALLER, "Tom"))
    result = caught.value.result
    assert [choice.id for choice in result.choices] == ["tom@a.example", "tom@b.example"]
    # What others wrote stays in its line, without tags.
    assert "<b>" not in result.choices[0].title
    with pytest.raises(Undecided) as caught:
        asyncio.run(find_recipients(sources, CALLER, "Zoe"))
    assert isinstance(caught.value.result, RecipientSelection)
    assert caught.value.result.missing == ("to",)


def test_nobody_is_asked_to_approve_a_mail_to_somebody_who_is_not_clear() -> None:
    actions = service(contacts=FakeContacts(TOM))
    mail = SendEmail(to="Tom", subject="Hi", body="Hello")
    asked = asyncio.run(actions.run(CALLER, mail))
    assert isinstance(asked, Completed)
    assert (asked.status, "tom@a.example" in asked.text) == ("needs_choice", True)
    clear = msgspec.structs.replace(mail, to="tom@a.example")
    assert isinstance(asyncio.run(actions.run(CALLER, clear)), Pending)


def test_birthdays() -> None:
    leap = msgspec.structs.replace(ANNA, name="Leap", birthday="--02-29")
    odd = msgspec.structs.replace(ANNA, name="Odd", birthday="1980-99-99")
    assert birthdays_on(dt.date(2026, 5, 17), [ANNA, leap, odd]) == [
        Birthday(name="Anna Schmidt", age=46)
    ]
    assert birthdays_on(dt.date(2026, 2, 28), [leap]) == [Birthday(name="Leap", age=None)]
    assert birthdays_on(dt.date(2028, 2, 28), [leap]) == []
