"""Sends approved letters, and puts them into the drafts."""

from __future__ import annotations

import msgspec

from pisovereign.approvals.types import Approved
from pisovereign.integrations.mail.drafter import Drafted, Drafter
from pisovereign.integrations.mail.sender import Sender, Sent
from pisovereign.integrations.mail.types import Letter

SEND = "send_email"
DRAFT = "draft_email"


class SendExecutor:
    """Carries out approvals to send."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    @property
    def limit_s(self) -> float:
        """The sender's own limit."""
        return self._sender.limit_s

    async def carry_out(self, approved: Approved) -> Sent:
        """Send the letter of an approval.

        Raises:
            NotSent: it was not sent.
            OutcomeUnknown: nobody can tell.
        """
        letter = msgspec.json.decode(approved.payload, type=Letter)
        return await self._sender.send(letter, approved.id)


class DraftExecutor:
    """Carries out approvals to draft."""

    def __init__(self, drafter: Drafter) -> None:
        self._drafter = drafter

    @property
    def limit_s(self) -> float:
        """The drafter's own limit."""
        return self._drafter.limit_s

    async def carry_out(self, approved: Approved) -> Drafted:
        """Store the letter of an approval as a draft.

        Raises:
            UpstreamError: that failed, or nobody can tell.
        """
        letter = msgspec.json.decode(approved.payload, type=Letter)
        return await self._drafter.draft(letter, approved.id)
