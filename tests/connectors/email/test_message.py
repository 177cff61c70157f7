"""Whatever somebody sends is read, and what comes out is bounded, visible text in one direction."""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable

import pytest

from pisovereign.connectors.email import message
from pisovereign.connectors.email.mailbox import PREVIEW_BYTES
from pisovereign.connectors.email.message import ParsedMail
from tests.connectors.email.corpus import HAND_WRITTEN, changed

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
JOINERS = "\u200c\u200d"


def complaints(mail: bytes, *, cut: bool = False) -> list[str]:
    """What is wrong with how a mail is read."""
    started = time.thread_time()
    read = message.parse_mail(mail, cut=cut)
    fields = {
        "sender": (read.shown_sender, message.LONGEST_SENDER),
        "subject": (read.subject, message.LONGEST_SUBJECT),
        "headline": (read.headline, message.LONGEST_HEADLINE),
        "preview": (read.preview, message.LONGEST_PREVIEW),
        "text": (read.text, message.LONGEST_TEXT),
    }
    found = [f"{name} is too long" for name, (text, most) in fields.items() if len(text) > most]
    for name, (text, _) in fields.items():
        lines = text.replace("\n", " ") if name == "text" else text
        if any(unicodedata.category(c) in HIDDEN and c not in JOINERS for c in lines):
            found.append(f"{name} holds characters that are not seen")
    if not read.shown_sender or len(read.attachments) > 50 or len(read.references) > 4_000:
        found.append("sender, attachments or references")
    if any(len(a.name) > 120 or len(a.kind) > 80 for a in read.attachments):
        found.append("an attachment's name is too long")
    if time.thread_time() - started > 5:
        found.append("it takes seconds")
    return found


def test_every_mail_of_the_list_is_read() -> None:
    assert len(HAND_WRITTEN) >= 100
    wrong = {
        (name, cut): said
        for name, mail in HAND_WRITTEN.items()
        for cut in (False, True)
        if (said := complaints(mail[:PREVIEW_BYTES] if cut else mail, cut=cut))
    }
    assert not wrong


def test_what_is_hidden_in_html_stays_there() -> None:
    pages = {name: mail for name, mail in HAND_WRITTEN.items() if b"hidden1" in mail}
    read = {name: message.parse_mail(mail).text for name, mail in pages.items()}
    assert len(read) == 9
    assert not [name for name, text in read.items() if "hidden" in text or "seen" not in text]


def test_damaged_mails_are_read() -> None:
    wrong = [(mail, said) for mail in changed(3_000, seed=7) if (said := complaints(mail))]
    assert not wrong


@pytest.mark.parametrize(
    ("name", "what", "expected"),
    [
        ("8-bit UTF-8 in a subject", "subject", "Καλημέρα"),
        ("8-bit Latin-1 in a subject", "subject", "Grüße"),
        ("8-bit in an address", "shown_sender", "Jürgen <jürgen@exämple.de>"),
        ("an address as a name", "shown_sender", "boss@example.org <eve@example.net>"),
        ("carriage return in an encoded word", "subject", "a Bcc: x@y.z"),
        ("override of the direction", "subject", "gpj.exe"),
        ("invisible copies of letters", "subject", "ok"),
        ("letters without width", "subject", "password"),
        ("language in a word", "subject", "Grüße"),
        ("a character split over two words", "subject", "ä€"),
        ("space before the colon", "subject", "spaced"),
        ("fields twice", "subject", "1"),
        ("huge name of a field", "subject", "after"),
        ("bare carriage returns", "text", "body"),
        ("mbox line first", "text", "body"),
        ("no colon anywhere", "text", "this is not a mail at all\nreally"),
        ("unknown charset", "text", "Grüße"),
        ("UTF-8 that says Latin-1", "text", "Καλημέρα"),
        ("Latin-1 that says UTF-8", "text", "Grüße"),
        ("Latin-1 that says ASCII", "text", "Grüße"),
        ("Windows-1252 that says Latin-1", "text", "“quoted” €"),
        ("Japanese, ISO-2022", "text", "こんにちは"),
        ("Shift JIS", "text", "①テスト"),
        ("Chinese, GB 2312 that is GBK", "text", "鎔测试"),
        ("Big5", "text", "測試"),
        ("Korean with its old name", "text", "안녕"),
        ("Cyrillic, KOI8", "text", "Привет"),
        ("Hebrew, logical", "text", "שלום"),
        ("UTF-16", "text", "Grüße"),
        ("UTF-7", "text", "Hi ä <script>"),
        ("charset in pieces", "text", "Καλημέρα"),
        ("charset as RFC 2231 has it", "text", "Καλημέρα"),
        ("pieces without order", "text", "ok"),
        ("base64 with rubbish in it", "text", "Hello"),
        ("base64 without its end", "text", "Hello worl"),
        ("quoted-printable, broken", "text", "ab=ZZ=4=ä"),
        ("uuencoded", "text", "hello"),
        ("alternatives", "text", "The text"),
        ("alternatives, the plain one empty", "text", "The page"),
        ("a file and then text", "text", "The text"),
        ("boundary that is nowhere", "text", "just text"),
        ("boundary without an end", "text", "text that goes on"),
        ("boundary with signs of patterns", "text", "The text"),
        ("boundary with 8-bit", "text", "The text"),
        ("the same boundary inside", "text", "The text"),
        ("script and style", "text", "seen\n\nalso"),
        ("10,000 levels", "text", "seen"),
        ("only quotes", "preview", "> quoted > again"),
        ("8-bit in an address", "headline", "Jürgen: s"),
        ("no sender", "headline", "(unknown): x"),
        ("empty fields", "headline", "(unknown): body"),
        ("nothing", "headline", "(unknown): (no subject)"),
    ],
)
def test_what_can_be_read_is(name: str, what: str, expected: str) -> None:
    assert getattr(message.parse_mail(HAND_WRITTEN[name]), what) == expected


def test_attachments_are_listed_and_not_opened() -> None:
    def names(name: str) -> list[tuple[str, str]]:
        return [(a.name, a.kind) for a in message.parse_mail(HAND_WRITTEN[name]).attachments]

    assert names("text and a file") == [("a.pdf", "application/pdf")]
    assert names("winmail.dat") == [("winmail.dat", "application/ms-tnef")]
    assert names("a mail in a mail") == [("", "message/rfc822")]
    assert names("an invitation") == [("", "text/calendar")]
    assert message.parse_mail(HAND_WRITTEN["file of a megabyte"]).attachments[0].size > 1_000_000  # type: ignore[operator]


def head(*fields: str) -> ParsedMail:
    return message.parse_mail("".join(f"{field}\r\n" for field in fields).encode() + b"\r\n")


@pytest.mark.parametrize(
    ("field", "urgent"),
    [
        ("Importance: High", True),
        ("X-Priority: 1 (Highest)", True),
        ("Priority: urgent", True),
        ("X-MSMail-Priority: High", True),
        ("X-Priority: 3", False),
        ("Importance: low", False),
        ("X-Importance: high", False),
    ],
)
def test_what_a_sender_claims(field: str, urgent: bool) -> None:
    assert head(field).urgent is urgent


@pytest.mark.parametrize(
    ("field", "bulk"),
    [
        ("List-Id: <a.b>", True),
        ("List-Unsubscribe: <https://x>", True),
        ("Precedence: bulk", True),
        ("Auto-Submitted: auto-generated", True),
        ("Auto-Submitted: no", False),
        ("Precedence: first-class", False),
    ],
)
def test_what_is_sent_to_many(field: str, bulk: bool) -> None:
    assert head(field).bulk is bulk


def test_the_preview_leaves_out_what_is_quoted() -> None:
    text = "On Monday, Alice wrote:\r\n> Shall we meet?\r\n\r\nYes, at noon.\r\n\r\n> and more"
    assert message.parse_mail(b"From: a@b.c\r\n\r\n" + text.encode()).preview == "Yes, at noon."


def test_ids_for_an_answer() -> None:
    read = head(
        "Message-ID: <1@x>", "References: <a@x>\r\n <b@x> nonsense <c@x>", "Reply-To: <r@x>"
    )
    assert (read.message_id, read.references) == ("<1@x>", ["<a@x>", "<b@x>", "<c@x>"])
    assert read.reply_to == "r@x"


@pytest.mark.parametrize("size", [1_000, PREVIEW_BYTES])
@pytest.mark.parametrize("make", [lambda n: b"\xe4\xbd\xa0" * n, lambda n: b"x" + "é".encode() * n])
def test_text_that_is_cut_in_a_character(make: Callable[[int], bytes], size: int) -> None:
    mail = b"Content-Type: text/plain; charset=utf-8\r\n\r\n" + make(size)
    for end in (size - 1, size, size + 1):
        assert "\ufffd" not in message.parse_mail(mail[:end], cut=True).text
