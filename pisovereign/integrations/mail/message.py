"""A mail as it is shown: a few bounded lines out of whatever bytes somebody sent."""

from __future__ import annotations

import datetime as dt
import re
from email.message import Message

import msgspec

from pisovereign.integrations.mail import headers, mime, plain
from pisovereign.integrations.mail.headers import Sender
from pisovereign.integrations.mail.mime import Attachment
from pisovereign.integrations.mail.part import Part, unify

LONGEST_SUBJECT = 200
LONGEST_HEADLINE = 200
LONGEST_PREVIEW = 200
LONGEST_SENDER = 120
LONGEST_TEXT = 20_000
_QUOTED = re.compile(r"^(?:>.*|(?:On|Am) .{5,200}(?:wrote|schrieb).{0,120}:)$", re.MULTILINE)


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """What could be read of a mail; everything in it was written by its sender.

    `written_at` is None when the mail does not say when. `bulk` is mail to many, which nobody is
    expected to answer; `urgent` is what the sender claims.
    """

    sender: Sender
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
        """The sender in one line, with the address, which is harder to make up than a name."""
        name, address = self.sender
        if name and address and name.lower() != address:
            room = max(LONGEST_SENDER - len(address) - 3, 10)
            return plain.one_line(f"{plain.one_line(name, room)} <{address}>", LONGEST_SENDER)
        return plain.one_line(address or name or "(unknown)", LONGEST_SENDER)

    @property
    def headline(self) -> str:
        """Who wrote about what, in one line."""
        who = self.sender.name or self.sender.address or "(unknown)"
        what = self.subject or self.preview or "(no subject)"
        return plain.one_line(f"{plain.one_line(who, 60)}: {what}", LONGEST_HEADLINE)

    @property
    def preview(self) -> str:
        """How the text begins, without what it quotes."""
        own = _QUOTED.sub("", self.text)
        return plain.one_line(own if own.strip() else self.text, LONGEST_PREVIEW)


def read(data: bytes, *, cut: bool = False) -> Read:
    """Read a mail; `cut` says that only its beginning is there. Nothing makes it fail."""
    mail = Part.read(unify(data))
    content = mime.read(mail, LONGEST_TEXT, cut=cut)
    return read_head(
        mail.head,
        text=plain.block(content.text, LONGEST_TEXT),
        attachments=content.attachments,
    )


def read_head(
    head: Message, *, text: str = "", attachments: list[Attachment] | None = None
) -> Read:
    """Read the fields of a mail alone."""
    ids = headers.message_ids(headers.raw(head, "Message-ID"))
    referenced = headers.raw(head, "References") or headers.raw(head, "In-Reply-To")
    answers_to = headers.addresses([headers.raw(head, "Reply-To")])
    sender = headers.sender(head)
    return Read(
        sender=sender,
        subject=headers.text(head, "Subject", LONGEST_SUBJECT),
        text=text,
        written_at=headers.date(head),
        message_id=ids[0] if ids else None,
        references=headers.message_ids(referenced),
        reply_to=answers_to[0].address if answers_to else sender.address,
        urgent=_is_urgent(head),
        bulk=_is_bulk(head),
        attachments=attachments or [],
    )


def _is_urgent(head: Message) -> bool:
    claims = [headers.raw(head, name).lower()[:40] for name in ("Importance", "Priority")]
    priority = headers.raw(head, "X-Priority")[:1] or headers.raw(head, "X-MSMail-Priority")[:1]
    return "high" in claims or "urgent" in claims or priority.lower() in {"1", "2", "h"}


def _is_bulk(head: Message) -> bool:
    if any(headers.raw(head, name) for name in ("List-Id", "List-Unsubscribe", "List-MailServers")):
        return True
    automatic = headers.raw(head, "Auto-Submitted").lower()[:40]
    kind = headers.raw(head, "Precedence").lower()[:40]
    return kind in {"bulk", "list", "junk"} or automatic not in {"", "no"}
