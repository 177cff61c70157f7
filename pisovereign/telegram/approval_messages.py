"""Approvals as they are shown on Telegram, and the buttons that decide them.

A button carries what it decides and a keyed hash of that, of the user and of the account that it is
shown to. Without the master key none can be made up, from another account none decides anything,
and since an approval is decided once, each is good for once. So nothing has to be stored.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Awaitable, Callable
from hashlib import blake2b
from typing import NamedTuple, Protocol
from uuid import UUID

from pisovereign.approvals.reading import ApprovalReader
from pisovereign.approvals.types import Approval
from pisovereign.approvals.wording import as_text, lines_of
from pisovereign.config import Scope
from pisovereign.connectors.splitting import LONGEST, size
from pisovereign.connectors.telegram.channel import Shown
from pisovereign.connectors.telegram.types import Button
from pisovereign.languages import Language
from pisovereign.languages.messages import load_messages

_VERBS = {b"a": "approve", b"d": "deny"}
_HASH_BYTES = 16
_LENGTH = 1 + 16 + _HASH_BYTES


class Decision(NamedTuple):
    """What a press decides."""

    approval: UUID
    denied: bool


class Scopes(Protocol):
    """Knows what may be done from the account of a user."""

    async def scopes(self, user: UUID) -> frozenset[Scope]:
        """Return it; empty: no account is linked."""
        ...


class ApprovalButtons:
    """Makes what buttons carry, and reads it.

    Args:
        key: The master key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, user: UUID, account: int, approval: UUID, verb: bytes) -> str:
        """Return what a button carries: 44 characters."""
        content = verb + approval.bytes
        return base64.urlsafe_b64encode(content + self._hash(user, account, content)).decode()

    def read(self, user: UUID, account: int, data: str) -> Decision | None:
        """Return what a button decides; None: it was not made for this user and account."""
        try:
            raw = base64.b64decode(data.encode("ascii"), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        content, given = raw[:-_HASH_BYTES], raw[-_HASH_BYTES:]
        if len(raw) != _LENGTH or content[:1] not in _VERBS:
            return None
        if not hmac.compare_digest(self._hash(user, account, content), given):
            return None
        return Decision(UUID(bytes=content[1:]), denied=content[:1] == b"d")

    def _hash(self, user: UUID, account: int, content: bytes) -> bytes:
        data = user.bytes + content + str(account).encode()
        return blake2b(
            data, key=self._key, digest_size=_HASH_BYTES, person=b"pisov-tg-button"
        ).digest()


class ApprovalMessages:
    """Shows approvals to whoever they wait for.

    Args:
        reader: Reads them.
        scopes: Who may decide from their account.
        buttons: Makes buttons.
        language: Returns a user's language.
        shows: Returns whether contents may be shown on Telegram at all.
    """

    def __init__(
        self,
        *,
        reader: ApprovalReader,
        scopes: Scopes,
        buttons: ApprovalButtons,
        language: Callable[[UUID], Awaitable[Language]],
        shows: Callable[[], bool],
    ) -> None:
        self._reader = reader
        self._scopes = scopes
        self._buttons = buttons
        self._language = language
        self._shows = shows

    async def shown(self, user: UUID, approval: UUID, account: int) -> Shown | None:
        """Return what an account is shown; None: it does not wait any more.

        Only what is shown in whole has buttons.
        """
        waiting = await self._reader.waiting(user, approval)
        if waiting is None:
            return None
        language = await self._language(user)
        words = load_messages(language, "telegram")
        if not self._shows():
            return Shown(words.say("something_waits"), ())
        text = approval_text(waiting, language)
        if waiting.error:  # what cannot be opened cannot be shown
            return Shown(words.say("something_waits"), ())
        if "approve" not in await self._scopes.scopes(user):
            return Shown(_fitting(text, words.say("others_decide")), ())
        if size(text) > LONGEST:
            return Shown(words.say("too_long_to_decide", count=size(text)), ())
        return Shown(
            text,
            [
                Button(words.say(name), self._buttons.make(user, account, waiting.id, verb))
                for verb, name in _VERBS.items()
            ],
        )

    async def told(self, user: UUID, text: str) -> str:
        """Return what an owner is told of what waits for somebody else: the text, if it may be."""
        if self._shows():
            return text
        return load_messages(await self._language(user), "telegram").say("something_waits")


def approval_text(approval: Approval, language: Language) -> str:
    """Return all that is carried out, as a person reads it before they decide."""
    words = load_messages(language, "telegram")
    lines = lines_of(approval, load_messages(language, "approvals"))
    details = as_text([line for line in lines if line.text != approval.title])
    asked = words.say("waits", title=approval.title)
    return f"{asked}\n\n{details}" if details else asked


def _fitting(text: str, end: str) -> str:
    whole = f"{text}\n\n{end}"
    return whole if size(whole) <= LONGEST else end
