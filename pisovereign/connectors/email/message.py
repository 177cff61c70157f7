"""A mail as it is shown: a few bounded lines out of whatever bytes somebody sent.

Its parts are split one level at a time, to a bounded depth and number.
"""

from __future__ import annotations

import datetime as dt
import re
from email.message import Message
from typing import NamedTuple

import msgspec

from pisovereign.connectors.email.part import (
    Address,
    Part,
    date_of,
    header_text,
    normalize_lines,
    parse_addresses,
    parse_message_ids,
    raw_header,
    sender_of,
)
from pisovereign.text.cleaning import one_line, text_block
from pisovereign.text.html_text import LONGEST_HTML, decode_bytes, html_to_text

_DEEPEST = 20
_MOST_PARTS = 200
_MOST_ATTACHMENTS = 50
_LONGEST_BOUNDARY = 200
_LONGEST_LEAF = 4 * LONGEST_HTML
_READ_KINDS = frozenset({"text/plain", "text/html", "text/enriched", "text/markdown"})
# Text that only says that one's program shows no HTML is shorter than this.
_A_REMARK = 300
LONGEST_SUBJECT = 200
LONGEST_HEADLINE = 200
LONGEST_PREVIEW = 200
LONGEST_SENDER = 120
LONGEST_TEXT = 20_000
_QUOTED = re.compile(r"^(?:>.*|(?:On|Am) .{5,200}(?:wrote|schrieb).{0,120}:)$", re.MULTILINE)


class Attachment(NamedTuple):
    """A file in a mail, as the mail describes it; `size` in bytes as sent, None when cut off."""

    name: str
    kind: str
    size: int | None


class Content(NamedTuple):
    """The content of a mail. `text` may still hold anything; see `text_block`."""

    text: str
    attachments: list[Attachment]


class _Budget:
    """The rest of the parts and characters that may be read of one mail."""

    def __init__(self, characters: int) -> None:
        self.characters = characters
        self.parts = _MOST_PARTS
        self.attachments: list[Attachment] = []


def read_content(mail: Part, most: int, *, cut: bool = False) -> Content:
    """Return the text of a mail, at most about `most` characters, and its attachments.

    `cut` says that only the beginning of the mail is there.
    """
    budget = _Budget(most)
    text = _read_part(mail, budget, 0, cut)
    return Content(text, budget.attachments)


def _read_part(part: Part, budget: _Budget, depth: int, cut: bool) -> str:
    budget.parts -= 1
    kind = part.kind
    if kind.startswith("multipart/") and depth < _DEEPEST:
        pieces, open_ended = _split(part)
        if pieces:
            read_in = _alternative if kind == "multipart/alternative" else _mixed
            return read_in(pieces, budget, depth + 1, cut and open_ended)
        # It says that it has parts, and has none: what is there is text.
    elif _is_attached(part):
        _attach(part, budget, cut)
        return ""
    if budget.characters <= 0:
        return ""
    data = part.decoded(_LONGEST_LEAF)
    cut = cut or len(part.body) > _LONGEST_LEAF
    text = decode_bytes(data, part.charset, cut=cut).text
    if kind == "text/html":
        text = html_to_text(text, budget.characters)
    text = text[: 4 * budget.characters + 1024]
    budget.characters -= len(text.strip())
    return text


def _mixed(pieces: list[bytes], budget: _Budget, depth: int, cut: bool) -> str:
    texts: list[str] = []
    for number, piece in enumerate(pieces, 1):
        if budget.parts <= 0:
            break
        last = number == len(pieces)
        texts.append(_read_part(Part.read(piece), budget, depth, cut and last))
    return "\n".join(text for text in texts if text.strip())


def _alternative(pieces: list[bytes], budget: _Budget, depth: int, cut: bool) -> str:
    """Return the plain form of several; the next one if it says next to nothing."""
    best = ""
    left = budget.characters
    for number, piece in enumerate(pieces, 1):
        if budget.parts <= 0:
            break
        last = number == len(pieces)
        budget.characters = left
        text = _read_part(Part.read(piece), budget, depth, cut and last)
        length, before = len(text.strip()), len(best.strip())
        if before == 0 or (before < _A_REMARK and length > 3 * before):
            best = text
    budget.characters = left - len(best.strip())
    return best


def _split(part: Part) -> tuple[list[bytes], bool]:
    """Return the parts, and whether the last has no end; none when the boundary is nowhere."""
    name = part.boundary[:_LONGEST_BOUNDARY]
    if not name:
        return [], False
    lines = re.compile(rb"^--" + re.escape(name) + rb"(--)?[ \t]*(?:\n|\Z)", re.MULTILINE)
    body = part.body
    pieces: list[bytes] = []
    start: int | None = None
    for line in lines.finditer(body):
        if start is not None:
            pieces.append(body[start : line.start()].removesuffix(b"\n"))
        if line[1]:
            return pieces, False
        start = line.end()
        if len(pieces) >= _MOST_PARTS:
            return pieces, False
    if start is not None:
        pieces.append(body[start:])
    return pieces, True


def _is_attached(part: Part) -> bool:
    return part.kind not in _READ_KINDS or part.disposition == "attachment"


def _attach(part: Part, budget: _Budget, cut: bool) -> None:
    if len(budget.attachments) < _MOST_ATTACHMENTS:
        size = None if cut else len(part.body)
        budget.attachments.append(Attachment(part.filename, one_line(part.kind, 80), size))


class ParsedMail(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of a mail that could be parsed; everything in it was written by its sender.

    `written_at` is None when the mail does not say when. `bulk` is mail to many, which nobody is
    expected to answer; `urgent` is what the sender claims.
    """

    sender: Address
    subject: str
    text: str
    written_at: dt.datetime | None
    message_id: str | None
    references: list[str]
    reply_to: str
    urgent: bool
    bulk: bool
    attachments: list[Attachment]

    @property
    def shown_sender(self) -> str:
        """Return the sender in one line, with the address: it is harder to fake than a name."""
        name, address = self.sender
        if name and address and name.lower() != address:
            room = max(LONGEST_SENDER - len(address) - 3, 10)
            return one_line(f"{one_line(name, room)} <{address}>", LONGEST_SENDER)
        return one_line(address or name or "(unknown)", LONGEST_SENDER)

    @property
    def headline(self) -> str:
        """Return who wrote about what, in one line."""
        who = self.sender.name or self.sender.address or "(unknown)"
        what = self.subject or self.preview or "(no subject)"
        return one_line(f"{one_line(who, 60)}: {what}", LONGEST_HEADLINE)

    @property
    def preview(self) -> str:
        """Return how the text begins, without what it quotes."""
        own = _QUOTED.sub("", self.text)
        return one_line(own if own.strip() else self.text, LONGEST_PREVIEW)


def parse_mail(data: bytes, *, cut: bool = False) -> ParsedMail:
    """Parse a mail; `cut` says that only its beginning is there. Nothing makes it fail."""
    mail = Part.read(normalize_lines(data))
    content = read_content(mail, LONGEST_TEXT, cut=cut)
    return parse_head(
        mail.head,
        text=text_block(content.text, LONGEST_TEXT),
        attachments=content.attachments,
    )


def parse_head(
    head: Message, *, text: str = "", attachments: list[Attachment] | None = None
) -> ParsedMail:
    """Parse the header fields of a mail alone."""
    ids = parse_message_ids(raw_header(head, "Message-ID"))
    referenced = raw_header(head, "References") or raw_header(head, "In-Reply-To")
    answers_to = parse_addresses([raw_header(head, "Reply-To")])
    sender = sender_of(head)
    return ParsedMail(
        sender=sender,
        subject=header_text(head, "Subject", LONGEST_SUBJECT),
        text=text,
        written_at=date_of(head),
        message_id=ids[0] if ids else None,
        references=parse_message_ids(referenced),
        reply_to=answers_to[0].address if answers_to else sender.address,
        urgent=_is_urgent(head),
        bulk=_is_bulk(head),
        attachments=attachments or [],
    )


def _is_urgent(head: Message) -> bool:
    claims = [raw_header(head, name).lower()[:40] for name in ("Importance", "Priority")]
    priority = raw_header(head, "X-Priority")[:1] or raw_header(head, "X-MSMail-Priority")[:1]
    return "high" in claims or "urgent" in claims or priority.lower() in {"1", "2", "h"}


def _is_bulk(head: Message) -> bool:
    if any(raw_header(head, name) for name in ("List-Id", "List-Unsubscribe", "List-MailServers")):
        return True
    automatic = raw_header(head, "Auto-Submitted").lower()[:40]
    kind = raw_header(head, "Precedence").lower()[:40]
    return kind in {"bulk", "list", "junk"} or automatic not in {"", "no"}
