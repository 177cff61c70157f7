"""Reading and storing mails in folders. Reading leaves no trace: folders are opened read-only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any, NamedTuple

from imapclient.imapclient import DRAFTS, SENT

from pisovereign.connectors.email.imap import ImapClient, value_of
from pisovereign.connectors.email.message import ParsedMail, parse_head, parse_mail
from pisovereign.connectors.email.part import Part, normalize_lines, parse_addresses, raw_header
from pisovereign.errors import NotFound

# Of a mail only so much is read: enough for the first lines of text behind a page's style sheet.
PREVIEW_BYTES = 32 * 1024
# Of one that is opened, so much: a long text, behind pictures that stand before it.
READ_BYTES = 1024 * 1024
_HEAD_BYTES = 8 * 1024
_LOOKED_AT = 100
_SENT_LOOKED_AT = 500
_MOST_PEOPLE = 2_000
_PEEK_FIELDS = (
    "From Reply-To Message-ID References In-Reply-To Subject Date Importance Priority X-Priority "
    "X-MSMail-Priority List-Id List-Unsubscribe List-MailServers Precedence Auto-Submitted"
).upper()
_HEAD = f"BODY.PEEK[HEADER.FIELDS ({_PEEK_FIELDS})]<0.{_HEAD_BYTES}>"
_SENT_HEAD = f"BODY.PEEK[HEADER.FIELDS (TO CC IN-REPLY-TO)]<0.{_HEAD_BYTES}>"
_PREVIEW = f"BODY.PEEK[]<0.{PREVIEW_BYTES}>"
_WHOLE = f"BODY.PEEK[]<0.{READ_BYTES}>"
_WHEN_UNKNOWN = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


SEEN = (rb"\Seen",)
DRAFT = (rb"\Draft", rb"\Seen")


class InboxEntry(NamedTuple):
    """A mail in a folder. `id` names it as long as the folder lives."""

    id: str
    read: ParsedMail
    received_at: dt.datetime
    unread: bool
    flagged: bool
    answered: bool


class Inbox(NamedTuple):
    """How many mails are unread in all, and the newest ones, the newest first.

    The first `previewed` of them have their text, the others only their fields.
    """

    unread: int
    entries: list[InboxEntry]


def newest_mails(client: ImapClient, folder: str, previewed: int) -> Inbox:
    """Return the newest mails of a folder."""
    status = client.folder_status(folder, ["UNSEEN"])
    opened = client.select_folder(folder, readonly=True)
    validity = int(opened[b"UIDVALIDITY"])
    numbers = _last(int(opened[b"EXISTS"]), max(_LOOKED_AT, previewed))
    heads = _fetch(client, numbers, _HEAD)
    bodies = _fetch(client, numbers[len(numbers) - previewed :] if previewed else [], _PREVIEW)
    entries = [
        _entry(validity, head, bodies.get(number))
        for number, head in sorted(heads.items(), reverse=True)
        if isinstance(head.get(b"UID"), int)
    ]
    return Inbox(int(status.get(b"UNSEEN", 0)), entries)


def people_written_to(client: ImapClient, folder: str) -> frozenset[str]:
    """Return the addresses that answers in the sent folder went to."""
    opened = client.select_folder(folder, readonly=True)
    numbers = _last(int(opened[b"EXISTS"]), _SENT_LOOKED_AT)
    people: set[str] = set()
    for item in _fetch(client, numbers, _SENT_HEAD).values():
        head = Part.read(normalize_lines(value_of(item, b"BODY[") or b"")).head
        if len(people) < _MOST_PEOPLE and raw_header(head, "In-Reply-To"):
            fields = [raw_header(head, "To"), raw_header(head, "Cc")]
            people.update(person.address for person in parse_addresses(fields))
    return frozenset(people - {""})


def find_mail(client: ImapClient, folder: str, identifier: str) -> ParsedMail:
    """Return the fields of one mail by its `InboxEntry.id`.

    Raises:
        NotFound: it is not in the folder, or not any more.
    """
    _, item = _named(client, folder, identifier, _HEAD)
    return parse_head(Part.read(normalize_lines(value_of(item, b"BODY["))).head)


def read_mail(client: ImapClient, folder: str, identifier: str) -> tuple[InboxEntry, bool]:
    """Return one mail with its text by its `InboxEntry.id`, and whether it is longer than that.

    Raises:
        NotFound: it is not in the folder, or not any more.
    """
    validity, item = _named(client, folder, identifier, _WHOLE)
    is_cut = len(value_of(item, b"BODY[")) >= READ_BYTES
    return _entry(validity, item, item, cut=is_cut), is_cut


def _named(
    client: ImapClient, folder: str, identifier: str, what: str
) -> tuple[int, dict[bytes, Any]]:
    """Return the folder's number, and what is fetched of the mail of an id."""
    validity, _, uid = identifier.partition("-")
    opened = client.select_folder(folder, readonly=True)
    if not (uid.isdecimal() and validity == str(opened[b"UIDVALIDITY"])):
        raise NotFound("There is no such mail")
    items = client.fetch([int(uid)], ["UID", "FLAGS", "INTERNALDATE", what])
    found = [item for item in items.values() if isinstance(value_of(item, b"BODY["), bytes)]
    if not found:
        raise NotFound("There is no such mail")
    return int(validity), {b"UID": int(uid), **found[0]}


def has_mail(client: ImapClient, folder: str, message_id: str) -> bool:
    """Return whether one of the newest mails of a folder has this Message-ID."""
    opened = client.select_folder(folder, readonly=True)
    numbers = _last(int(opened[b"EXISTS"]), _LOOKED_AT)
    if not numbers:
        return False
    span = f"{numbers[0]}:{numbers[-1]}"
    return bool(client.search([span, "HEADER", "Message-ID", message_id]))


def store_mail(
    client: ImapClient, folder: str, message_id: str, mail: bytes, flags: Sequence[bytes]
) -> None:
    """Store a mail in a folder, unless it is there."""
    if not has_mail(client, folder, message_id):
        client.append(folder, mail, flags)


def special_folder(client: ImapClient, configured: str, flag: bytes) -> str | None:
    """Return the folder for sent mails or drafts: the configured one, else the one marked so."""
    found = configured or client.find_special_folder(flag)
    return str(found) if found else None


def sent_folder(client: ImapClient, configured: str) -> str | None:
    """Return the folder of the account's sent mails."""
    return special_folder(client, configured, SENT)


def drafts_folder(client: ImapClient, configured: str) -> str | None:
    """Return the folder of the account's drafts."""
    return special_folder(client, configured, DRAFTS)


def _last(exists: int, most: int) -> list[int]:
    return list(range(max(1, exists - most + 1), exists + 1))


def _fetch(client: ImapClient, numbers: list[int], what: str) -> dict[int, dict[bytes, Any]]:
    """Fetch by sequence number, which needs no search through the whole folder."""
    client.use_uid = False
    try:
        found = client.fetch(numbers, ["UID", "FLAGS", "INTERNALDATE", what])
    finally:
        client.use_uid = True
    return dict(found)


def _entry(
    validity: int, head: dict[bytes, Any], body: dict[bytes, Any] | None, *, cut: bool | None = None
) -> InboxEntry:
    data = value_of(body or head, b"BODY[")
    data = data if isinstance(data, bytes) else b""
    if body is None:
        read = parse_head(Part.read(normalize_lines(data)).head)
    else:
        read = parse_mail(data, cut=len(data) >= PREVIEW_BYTES if cut is None else cut)
    flags = {flag.lower() for flag in head.get(b"FLAGS", ()) if isinstance(flag, bytes)}
    received = head.get(b"INTERNALDATE")
    if isinstance(received, dt.datetime):
        received = received.astimezone(dt.UTC)
    else:
        received = read.written_at or _WHEN_UNKNOWN
    return InboxEntry(
        id=f"{validity}-{head[b'UID']}",
        read=read,
        received_at=received,
        unread=rb"\seen" not in flags,
        flagged=rb"\flagged" in flags or b"$important" in flags,
        answered=rb"\answered" in flags,
    )
