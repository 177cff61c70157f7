"""Mails that commands ask for: complete, or refused with the field that is missing."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from pisovereign.actions.types import DraftEmail, SendEmail
from pisovereign.connectors.email.types import OutgoingMail
from pisovereign.errors import NotConfigured, StartError, ValidationFailed
from tests.connectors.email.accounts import ALICE, configured, opened
from tests.connectors.email.dovecot import USER, Dovecot

BOB = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
ASKED = (
    b"From: Bob <bob@example.org>\r\nReply-To: answers@example.org\r\n"
    b"Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\r\n"
    b"Message-ID: <2@example.org>\r\nReferences: <1@example.org>\r\n\r\nShall we?\r\n"
)


def prepare(
    dovecot: Dovecot, command: SendEmail | DraftEmail, *, user: UUID = ALICE, **email: object
) -> OutgoingMail:
    settings = {"imap_port": dovecot.tls_port, "smtp_host": "localhost"} | email

    async def run() -> OutgoingMail:
        async with opened(configured(dovecot.certificates.ca, **settings)) as parts:
            return await parts.composer.compose(
                user, command, draft=isinstance(command, DraftEmail)
            )

    return asyncio.run(run())


def newest(dovecot: Dovecot) -> str:
    """The id of the newest mail, as a summary tells it."""

    async def run() -> str:
        config = configured(dovecot.certificates.ca, imap_port=dovecot.tls_port)
        async with opened(config) as parts:
            return (await parts.reader.summary(ALICE, 1)).mails[0].id

    return asyncio.run(run())


def fields(error: ValidationFailed) -> list[str]:
    return [row["field"] for row in error.fields]


def test_a_mail_of_its_own(dovecot: Dovecot) -> None:
    command = SendEmail(to="bob@example.org, zoe@example.org", subject="Hi", body="Hello")
    assert prepare(dovecot, command) == OutgoingMail(
        sender=USER, to=["bob@example.org", "zoe@example.org"], subject="Hi", text="Hello"
    )


def test_another_address_as_the_sender(dovecot: Dovecot) -> None:
    command = DraftEmail(to="bob@example.org", subject="Hi", body="Hello")
    mail = prepare(dovecot, command, username="alice", from_address="a@example.net", smtp_host="")
    assert mail.sender == "a@example.net"


def test_an_answer(dovecot: Dovecot) -> None:
    dovecot.put(ASKED)
    mail = prepare(dovecot, SendEmail(body="Yes", reply_to=newest(dovecot)))
    assert mail == OutgoingMail(
        sender=USER,
        to=["answers@example.org"],
        subject="Re: Grüße",
        text="Yes",
        in_reply_to="<2@example.org>",
        references=["<1@example.org>", "<2@example.org>"],
    )
    again = ASKED.replace(b"Subject: ", b"Subject: AW: ")
    dovecot.put(again)
    assert prepare(dovecot, SendEmail(body="Yes", reply_to=newest(dovecot))).subject == "AW: Grüße"


def test_an_answer_to_somebody_else(dovecot: Dovecot) -> None:
    dovecot.put(ASKED)
    command = SendEmail(to="zoe@example.org", subject="New", body="x", reply_to=newest(dovecot))
    mail = prepare(dovecot, command)
    assert (mail.to, mail.subject) == (["zoe@example.org"], "New")


def test_a_mail_that_cannot_be_answered(dovecot: Dovecot) -> None:
    dovecot.put(b"From: nobody\r\nMessage-ID: <a\r\n b>\r\n\r\nx")
    with pytest.raises(ValidationFailed) as caught:
        prepare(dovecot, SendEmail(body="Yes", reply_to=newest(dovecot)))
    assert fields(caught.value) == ["to"]
    command = SendEmail(to="bob@example.org", body="Yes", reply_to=newest(dovecot))
    mail = prepare(dovecot, command)
    assert (mail.subject, mail.in_reply_to) == ("Re: (no subject)", None)


def test_what_is_missing(dovecot: Dovecot) -> None:
    with pytest.raises(ValidationFailed) as caught:
        prepare(dovecot, SendEmail(body="Hello"))
    assert fields(caught.value) == ["to", "subject"]


@pytest.mark.parametrize("identifier", ["1-1", "4294967295-4294967295"])
def test_there_is_no_such_mail(dovecot: Dovecot, identifier: str) -> None:
    with pytest.raises(ValidationFailed) as caught:
        prepare(dovecot, SendEmail(body="Yes", reply_to=identifier))
    assert fields(caught.value) == ["reply_to"]


def test_who_may_not(dovecot: Dovecot) -> None:
    command = SendEmail(to="bob@example.org", subject="Hi", body="Hello")
    with pytest.raises(NotConfigured, match=r"email\.user_id"):
        prepare(dovecot, command, user=BOB)
    with pytest.raises(NotConfigured, match=r"email\.smtp_host"):
        prepare(dovecot, command, smtp_host="")


def test_a_user_name_that_is_no_address(dovecot: Dovecot) -> None:
    command = DraftEmail(to="bob@example.org", subject="Hi", body="Hello")
    with pytest.raises(StartError, match=r"email\.from_address"):
        prepare(dovecot, command, username="alice")
    with pytest.raises(StartError, match=r"email\.from_address"):
        prepare(dovecot, command, from_address="alice")
    with pytest.raises(NotConfigured, match=r"email\.from_address"):
        prepare(dovecot, command, username="alice", smtp_host="")
