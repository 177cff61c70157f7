"""Approvals that are answered with a code shown in a message.

A code is a keyed hash of the approval, its user and the address that it is shown to. Without the
master key it cannot be guessed, from another address it decides nothing, and since an approval is
decided once, it is good for once. So nothing has to be stored, and after an interruption it is the
same.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from hashlib import blake2b
from uuid import UUID

from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval, ListQuery, Status
from pisovereign.approvals.wording import as_text, lines_of, outcome_text
from pisovereign.channels.directory import Directory
from pisovereign.errors import Conflict, NotFound
from pisovereign.languages import LANGUAGES, Language
from pisovereign.languages.messages import load_messages

# Without letters and digits that look alike.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_LENGTH = 6
_LOOKED_AT = 100  # the newest approvals that a code may belong to; no more can be pending
_LONGEST_DETAILS = 3000  # in one message that a person reads to its end


class ApprovalCodes:
    """Shows codes to those who may approve, and does what they answer.

    Args:
        approvals: The approvals.
        directory: Who may approve, and from where.
        title: What the audit log calls it when somebody decides here.
        key: The master key.
    """

    def __init__(
        self, approvals: ApprovalService, directory: Directory, title: str, key: bytes
    ) -> None:
        self._approvals = approvals
        self._directory = directory
        self._title = title
        self._key = key
        self._verbs = {
            load_messages(language, "channels").say(verb): (language, verb == "deny")
            for language in LANGUAGES
            for verb in ("approve", "deny")
        }
        self._decision = re.compile(
            rf"({'|'.join(self._verbs)})\s+([A-Z0-9]{{{_LENGTH}}})[.!]?", re.IGNORECASE
        )

    def code(self, user: UUID, address: str, approval: UUID) -> str:
        """Return the code of an approval of the user, as it is shown at an address."""
        data = user.bytes + approval.bytes + address.encode()
        digest = blake2b(data, key=self._key, digest_size=_LENGTH, person=b"pisov-wa-code").digest()
        return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest)

    async def hints(
        self, user: UUID, address: str, approvals: Sequence[UUID], language: Language
    ) -> str:
        """Return how to answer those that wait; empty if none does, or not for this address.

        Each shows all that is carried out; one that is too long for that gets no code. With
        several, each is named.
        """
        if "approve" not in await self._directory.scopes(user, address):
            return ""
        waiting = [asked for one in approvals if (asked := await self._waiting(user, one))]
        hints = [self._hint(user, address, asked, language) for asked in waiting]
        if len(hints) == 1:
            return hints[0]
        named = zip(waiting, hints, strict=True)
        return "\n\n".join(f"{asked.title}\n{hint}" for asked, hint in named)

    async def _waiting(self, user: UUID, approval: UUID) -> Approval | None:
        try:
            asked = await self._approvals.get(user, approval)
        except NotFound:
            return None
        return asked if asked.status == "pending" else None

    def _hint(self, user: UUID, address: str, approval: Approval, language: Language) -> str:
        words = load_messages(language, "channels")
        lines = lines_of(approval, load_messages(language, "approvals"))
        details = as_text([line for line in lines if line.text != approval.title])
        if len(details) > _LONGEST_DETAILS:
            return words.say("too_long_for_code", count=len(details))
        code = words.say(
            "code",
            code=self.code(user, address, approval.id),
            approve=words.say("approve"),
            deny=words.say("deny"),
        )
        return f"{details}\n\n{code}" if details else code

    async def decide(self, user: UUID, address: str, text: str) -> str | None:
        """Do what a message decides, and say what came of it; None: it decides nothing."""
        match = self._decision.fullmatch(text.strip())
        if match is None:
            return None
        language, denied = self._verbs[match[1].lower()]
        found = await self._find(user, address, match[2].upper())
        if found is None:
            return load_messages(language, "channels").say("unknown_code")
        if found.status == "pending":
            found = await self._settle(user, found, deny=denied)
        return outcome_text(found, load_messages(language, "approvals"))

    async def _find(self, user: UUID, address: str, code: str) -> Approval | None:
        """Return the one approval with this code; those that wait come first."""
        if "approve" not in await self._directory.scopes(user, address):
            return None
        statuses: tuple[Status | None, ...] = ("pending", None)
        for status in statuses:
            listed, _ = await self._approvals.page(user, ListQuery(status=status, limit=_LOOKED_AT))
            found = self._matching(user, address, code, listed)
            if found:
                return found[0] if len(found) == 1 else None
        return None

    def _matching(
        self, user: UUID, address: str, code: str, listed: Sequence[Approval]
    ) -> list[Approval]:
        return [
            approval
            for approval in listed
            if hmac.compare_digest(self.code(user, address, approval.id), code)
        ]

    async def _settle(self, user: UUID, approval: Approval, *, deny: bool) -> Approval:
        identity = Identity(user, frozenset(("user", "approve")), self._title)
        try:
            if deny:
                return await self._approvals.deny(identity, approval.id, None)
            return await self._approvals.approve(identity, approval.id)
        except Conflict:  # decided elsewhere in this moment
            return await self._approvals.get(user, approval.id)
