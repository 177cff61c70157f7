"""An approved mail is sent once, or it is said that it was not, or that nobody knows."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from pisovereign.actions.draft_email import DraftEmailAction
from pisovereign.actions.send_email import SendEmailAction
from pisovereign.approvals.types import Approved
from pisovereign.connectors.email.outgoing import Sent, compose
from pisovereign.connectors.email.types import OutgoingMail
from pisovereign.errors import MailNotSent, MailOutcomeUnknown, UpstreamError
from tests.actions.support import backends
from tests.connectors.email.accounts import ALICE, OneMailbox, configured, opened
from tests.connectors.email.dovecot import USER, Dovecot
from tests.connectors.email.proxy import BreakingProxy, Direction
from tests.connectors.email.smtp_server import SmtpServer, wait_for_ends

MAIL = OutgoingMail(
    sender=USER,
    to=["bob@example.org", "zoe@example.org"],
    subject="Grüße — from the board",
    text="Hello Bob,\n.\n..two dots\nFrom here: ä€😀\n" + "long " * 300,
)


@pytest.fixture(scope="module")
def _running_smtp(_running_dovecot: Dovecot) -> Iterator[SmtpServer]:
    with SmtpServer(_running_dovecot.certificates) as server:
        yield server


@pytest.fixture
def smtp(_running_smtp: SmtpServer) -> SmtpServer:
    _running_smtp.reset()
    return _running_smtp


async def carrying_out(
    dovecot: Dovecot, port: int, outgoing: OutgoingMail, approval: UUID, **email: Any
) -> Sent:
    """What comes of an approval to send."""
    settings = {"imap_port": dovecot.tls_port, "smtp_host": "localhost", "smtp_port": port} | email
    approved = Approved(approval, ALICE, msgspec.json.encode(outgoing))
    async with opened(configured(dovecot.certificates.ca, **settings)) as parts:
        executor = SendEmailAction(backends(sender=OneMailbox(parts)))
        async with asyncio.timeout(executor.limit_s):
            sent = await executor.carry_out(approved)
    assert isinstance(sent, Sent)
    return sent


def carry_out(
    dovecot: Dovecot,
    port: int,
    outgoing: OutgoingMail = MAIL,
    approval: UUID | None = None,
    **email: Any,
) -> Sent:
    return asyncio.run(carrying_out(dovecot, port, outgoing, approval or uuid4(), **email))


def message_id(mail: EmailMessage) -> str:
    return str(mail["Message-ID"])


def sent_folder(dovecot: Dovecot) -> list[tuple[str, bytes]]:
    return dovecot.mails("Gesendet")


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_what_was_approved_is_what_arrives(
    dovecot: Dovecot, smtp: SmtpServer, security: str
) -> None:
    port = smtp.tls_port if security == "tls" else smtp.starttls_port
    approval = uuid4()
    sent = carry_out(dovecot, port, approval=approval, smtp_security=security)
    assert len(smtp.received) == 1
    envelope, mail = smtp.received[0], smtp.mail()
    assert (envelope.mail_from, envelope.rcpt_tos) == (USER, MAIL.to)
    assert (mail["From"], mail["To"], mail["Subject"]) == (
        USER,
        ", ".join(MAIL.to),
        MAIL.subject,
    )
    assert mail.get_content().replace("\r\n", "\n").rstrip("\n") == MAIL.text
    assert mail["Message-ID"] == sent.message_id == f"<pisovereign.{approval}@example.org>"
    assert (sent.confirmed_by, sent.copy, sent.note) == ("answer", "kept", None)
    ((flags, copy),) = sent_folder(dovecot)
    assert r"\Seen" in flags
    assert copy.strip() == smtp.content().strip()


def test_an_answer_belongs_to_its_conversation(dovecot: Dovecot, smtp: SmtpServer) -> None:
    references = [f"<{number}.{'x' * 60}@example.org>" for number in range(10)]
    outgoing = msgspec.structs.replace(MAIL, in_reply_to="<9@x>", references=references)
    carry_out(dovecot, smtp.tls_port, outgoing)
    mail = smtp.mail()
    assert mail["In-Reply-To"] == "<9@x>"
    assert str(mail["References"]).split() == references


def test_the_server_keeps_a_copy_itself(dovecot: Dovecot, smtp: SmtpServer) -> None:
    smtp.files_in = dovecot
    sent = carry_out(dovecot, smtp.tls_port)
    assert sent.copy == "kept"
    assert len(sent_folder(dovecot)) == 1


def test_no_copy_is_wanted(dovecot: Dovecot, smtp: SmtpServer) -> None:
    sent = carry_out(dovecot, smtp.tls_port, save_sent=False)
    assert (sent.copy, sent.note) == ("not_kept", None)
    assert sent_folder(dovecot) == []


def test_the_copy_cannot_be_kept(dovecot: Dovecot, smtp: SmtpServer) -> None:
    """The mail is sent all the same, which must not look like a failure."""
    sent = carry_out(dovecot, smtp.tls_port, sent_folder="Nowhere")
    assert (sent.confirmed_by, sent.copy) == ("answer", "not_kept")
    assert sent.note is not None
    assert len(smtp.received) == 1


def test_one_recipient_is_refused(dovecot: Dovecot, smtp: SmtpServer) -> None:
    smtp.refused = {"zoe@example.org"}
    with pytest.raises(MailNotSent, match=r"does not accept the recipient zoe@example\.org"):
        carry_out(dovecot, smtp.tls_port)
    assert smtp.received == []
    assert sent_folder(dovecot) == []


@pytest.mark.parametrize("answer", ["554 5.7.1 that is spam: secret words", "452 4.3.1 full"])
def test_the_mail_is_refused(dovecot: Dovecot, smtp: SmtpServer, answer: str) -> None:
    smtp.answer = answer
    with pytest.raises(MailNotSent) as caught:
        carry_out(dovecot, smtp.tls_port)
    assert caught.value.message == f"localhost did not take the mail (status {answer[:3]})"


def test_a_wrong_password(dovecot: Dovecot, smtp: SmtpServer) -> None:
    with pytest.raises(MailNotSent, match="does not accept the login"):
        carry_out(dovecot, smtp.tls_port, password="wrong")
    assert smtp.received == []


def test_the_answer_is_lost(dovecot: Dovecot, smtp: SmtpServer) -> None:
    smtp.answer = None
    with pytest.raises(MailOutcomeUnknown, match="it is not sent again"):
        carry_out(dovecot, smtp.tls_port)
    assert len(smtp.received) == 1


def test_the_answer_is_lost_and_the_sent_folder_tells(dovecot: Dovecot, smtp: SmtpServer) -> None:
    smtp.answer, smtp.files_in = None, dovecot
    sent = carry_out(dovecot, smtp.tls_port)
    assert sent.confirmed_by == "sent_folder"
    assert (len(smtp.received), len(sent_folder(dovecot))) == (1, 1)


def test_the_answer_comes_too_late(dovecot: Dovecot, smtp: SmtpServer) -> None:
    smtp.pause_s = 15.0
    with pytest.raises(MailOutcomeUnknown, match="did not answer"):
        carry_out(dovecot, smtp.tls_port, timeout_s=8.0)


def test_whoever_waits_leaves(dovecot: Dovecot, smtp: SmtpServer) -> None:
    """A canceled execution cuts its connection; what it means is for the approval to say."""
    smtp.pause_s = 1.0
    settings = {"smtp_host": "localhost", "smtp_port": smtp.tls_port}
    approved = Approved(uuid4(), ALICE, msgspec.json.encode(MAIL))

    async def run() -> None:
        config = configured(dovecot.certificates.ca, imap_port=dovecot.tls_port, **settings)
        async with opened(config) as parts:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await SendEmailAction(backends(sender=OneMailbox(parts))).carry_out(approved)

    asyncio.run(run())
    wait_for_ends(smtp)
    assert len(smtp.received) <= 1


@pytest.mark.parametrize("direction", ["to_server", "to_client"])
def test_the_connection_breaks_at_any_byte(
    dovecot: Dovecot, smtp: SmtpServer, direction: Direction
) -> None:
    """Sent means that it came, not sent that it did not, and it never comes twice."""
    with BreakingProxy(smtp.tls_port, direction, 1 << 30) as proxy:
        carry_out(dovecot, proxy.port, save_sent=False)
        whole = proxy.passed[direction]
    # Most of it is the handshake; what matters is at the end.
    places = [*range(0, whole - 700, 200), *range(whole - 700, whole + 20, 12)]
    approvals = [uuid4() for _ in places]

    async def outcome(place: int, approval: UUID) -> str:
        with BreakingProxy(smtp.tls_port, direction, place) as proxy:
            try:
                await carrying_out(dovecot, proxy.port, MAIL, approval, save_sent=False)
            except (MailNotSent, MailOutcomeUnknown) as error:
                return type(error).__name__
        return "sent"

    async def run() -> list[str]:
        few = asyncio.Semaphore(10)

        async def one(place: int, approval: UUID) -> str:
            async with few:
                return await outcome(place, approval)

        return await asyncio.gather(*map(one, places, approvals))

    outcomes = asyncio.run(run())
    wait_for_ends(smtp)
    came = Counter(message_id(mail) for mail in map(smtp.mail, range(len(smtp.received))))
    seen: dict[str, set[int]] = {"sent": set(), "MailNotSent": set(), "MailOutcomeUnknown": set()}
    for approval, said in zip(approvals, outcomes, strict=True):
        seen[said].add(came[f"<pisovereign.{approval}@example.org>"])
    assert seen["sent"] == {1}
    assert seen["MailNotSent"] == {0}
    assert seen["MailOutcomeUnknown"]
    assert seen["MailOutcomeUnknown"] <= {0, 1}


def test_a_draft(dovecot: Dovecot) -> None:
    approved = Approved(uuid4(), ALICE, msgspec.json.encode(MAIL))

    async def run() -> dict[str, Any]:
        async with opened(configured(dovecot.certificates.ca, imap_port=dovecot.tls_port)) as parts:
            assert not SendEmailAction(backends(sender=None)).is_available
            drafts = DraftEmailAction(backends(drafter=OneMailbox(parts)))
            first = await drafts.carry_out(approved)
            # An execution is not repeated, but it would do no harm.
            assert await drafts.carry_out(approved) == first
        drafted: dict[str, Any] = json.loads(msgspec.json.encode(first))
        return drafted

    drafted = asyncio.run(run())
    assert drafted["folder"] == "Entwürfe"
    ((flags, data),) = dovecot.mails("Entw&APw-rfe")
    assert r"\Draft" in flags
    assert drafted["message_id"].encode() in data
    assert b"bob@example.org" in data


def test_a_draft_whose_answer_is_lost(dovecot: Dovecot) -> None:
    """The folder tells."""

    def draft(port: int) -> None:
        approved = Approved(uuid4(), ALICE, msgspec.json.encode(MAIL))

        async def run() -> None:
            async with opened(configured(dovecot.certificates.ca, imap_port=port)) as parts:
                await DraftEmailAction(backends(drafter=OneMailbox(parts))).carry_out(approved)

        asyncio.run(run())

    with BreakingProxy(dovecot.tls_port, "to_client", 1 << 30) as proxy:
        draft(proxy.port)
        whole = proxy.passed["to_client"]
    for place in range(whole - 600, whole, 60):
        dovecot.clear()
        # The proxy counts on, so it breaks the second look at once.
        proxy = BreakingProxy(dovecot.tls_port, "to_client", place)
        with proxy, contextlib.suppress(UpstreamError):
            draft(proxy.port)
        assert len(dovecot.mails("Entw&APw-rfe")) <= 1


@pytest.mark.parametrize("field", ["sender", "to", "subject", "in_reply_to", "references"])
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
def test_no_field_can_become_two(field: str, end: str) -> None:
    """The fields were checked before; this is the last wall."""
    bad = f"a@example.org{end}Bcc: eve@example.net"
    value: object = [bad] if field in {"to", "references"} else bad
    outgoing = msgspec.structs.replace(MAIL, **{field: value})
    try:
        mail = compose(outgoing, "<1@x>", dt.datetime.now(dt.UTC))
    except ValueError:
        return
    head = mail.partition(b"\r\n\r\n")[0]
    assert b"\nbcc:" not in head.lower()
    assert b"\rbcc:" not in head.lower()
