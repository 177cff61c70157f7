"""A letter as the bytes of a mail."""

from __future__ import annotations

import datetime as dt
import email.utils
from email.message import EmailMessage
from email.policy import SMTP
from uuid import UUID

from pisovereign.integrations.mail.types import Letter

# Every server and every line of a mail takes these.
_POLICY = SMTP.clone(cte_type="7bit")


def message_id(number: UUID, sender: str) -> str:
    """The id of the mail for an approval, or for another thing that is sent once."""
    return f"<pisovereign.{number}@{sender.rpartition('@')[2]}>"


def compose(letter: Letter, identifier: str, now: dt.datetime) -> bytes:
    """The mail, in ASCII, with CRLF at the ends of its lines."""
    message = EmailMessage(_POLICY)
    message["From"] = letter.sender
    message["To"] = ", ".join(letter.to)
    message["Subject"] = letter.subject
    message["Date"] = email.utils.format_datetime(now.astimezone(dt.UTC))
    message["Message-ID"] = identifier
    if letter.in_reply_to:
        message["In-Reply-To"] = letter.in_reply_to
    if letter.references:
        message["References"] = " ".join(letter.references)
    text = letter.text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")
    message.set_content(f"{text}\n", charset="utf-8")
    return message.as_bytes()
