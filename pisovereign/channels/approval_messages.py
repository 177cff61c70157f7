"""Approvals as messengers with buttons show them, and the buttons that decide them.

A button carries what it decides and a keyed hash of that, of the user and of the address that it is
shown to. Without the master key none can be made up, from another address none decides anything,
and since an approval is decided once, each is good for once. So nothing has to be stored.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import NamedTuple
from uuid import UUID

from pisovereign.approvals.reading import ApprovalReader
from pisovereign.approvals.types import Approval
from pisovereign.approvals.wording import as_text, lines_of
from pisovereign.channels.directory import Directory
from pisovereign.connectors.messaging import Button, Shown
from pisovereign.connectors.splitting import LONGEST, size
from pisovereign.languages import Language
from pisovereign.languages.messages import load_messages

_VERBS = {b"a": "approve_button", b"d": "deny_button"}
_HASH_BYTES = 16
_LENGTH = 1 + 16 + _HASH_BYTES


class Decision(NamedTuple):
    """The decision of a press on a button."""

    approval: UUID
    denied: bool


class ApprovalButtons:
    """Makes what buttons carry, and reads it.

    Args:
        key: The master key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, user: UUID, address: str, approval: UUID, verb: bytes) -> str:
        """Return what a button carries: 44 characters."""
        content = verb + approval.bytes
        return base64.urlsafe_b64encode(content + self._hash(user, address, content)).decode()

    def read(self, user: UUID, address: str, data: str) -> Decision | None:
        """Return what a button decides; None: it was not made for this user and address."""
        try:
            raw = base64.b64decode(data.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        content, given = raw[:-_HASH_BYTES], raw[-_HASH_BYTES:]
        if len(raw) != _LENGTH or content[:1] not in _VERBS:
            return None
        if not hmac.compare_digest(self._hash(user, address, content), given):
            return None
        return Decision(UUID(bytes=content[1:]), denied=content[:1] == b"d")

    def _hash(self, user: UUID, address: str, content: bytes) -> bytes:
        data = user.bytes + content + address.encode()
        return blake2b(
            data, key=self._key, digest_size=_HASH_BYTES, person=b"pisov-tg-button"
        ).digest()


class ApprovalMessages:
    """Shows approvals to whoever they wait for.

    Args:
        reader: Reads them.
        directory: Who may decide from where.
        buttons: Makes buttons.
        language: Returns a user's language.
        shows: Returns whether contents may be shown there at all.
    """

    def __init__(
        self,
        *,
        reader: ApprovalReader,
        directory: Directory,
        buttons: ApprovalButtons,
        language: Callable[[UUID], Awaitable[Language]],
        shows: Callable[[], bool],
    ) -> None:
        self._reader = reader
        self._directory = directory
        self._buttons = buttons
        self._language = language
        self._shows = shows

    async def shown(self, user: UUID, approval: UUID, address: str) -> Shown | None:
        """Return what an address is shown; None: it does not wait any more.

        Only what is shown in whole has buttons.
        """
        waiting = await self._reader.waiting(user, approval)
        if waiting is None:
            return None
        language = await self._language(user)
        words = load_messages(language, "channels")
        if not self._shows():
            return Shown(words.say("something_waits"), ())
        text = approval_text(waiting, language)
        if waiting.error:  # what cannot be opened cannot be shown
            return Shown(words.say("something_waits"), ())
        if "approve" not in await self._directory.scopes(user, address):
            return Shown(_fitting(text, words.say("others_decide")), ())
        if size(text) > LONGEST:
            return Shown(words.say("too_long_to_decide", count=size(text)), ())
        return Shown(
            text,
            [
                Button(words.say(name), self._buttons.make(user, address, waiting.id, verb))
                for verb, name in _VERBS.items()
            ],
        )

    async def told(self, user: UUID, text: str) -> str:
        """Return what an owner is told of what waits for somebody else: the text, if it may be."""
        if self._shows():
            return text
        return load_messages(await self._language(user), "channels").say("something_waits")


def approval_text(approval: Approval, language: Language) -> str:
    """Return all that is carried out, as a person reads it before they decide."""
    words = load_messages(language, "channels")
    lines = lines_of(approval, load_messages(language, "approvals"))
    details = as_text([line for line in lines if line.text != approval.title])
    asked = words.say("waits", title=approval.title)
    return f"{asked}\n\n{details}" if details else asked


def _fitting(text: str, end: str) -> str:
    whole = f"{text}\n\n{end}"
    return whole if size(whole) <= LONGEST else end
