"""Does what a press on a button decides, and says what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import NamedTuple
from uuid import UUID

from pisovereign.api_keys import Identity
from pisovereign.approvals.service import ApprovalService
from pisovereign.approvals.types import Approval
from pisovereign.approvals.wording import outcome_text
from pisovereign.channels.approval_messages import ApprovalButtons, Decision, approval_text
from pisovereign.channels.directory import Directory
from pisovereign.channels.inbox import Inbox, read_press
from pisovereign.connectors.messaging import Press, Pressed
from pisovereign.connectors.splitting import LONGEST, size, split
from pisovereign.errors import Conflict, NotFound, PiSovereignError
from pisovereign.jobs.claim import ClaimedJob
from pisovereign.jobs.types import Abandoned, JobOutcome, Settled
from pisovereign.jobs.worker import Timing, Worker
from pisovereign.languages import Language
from pisovereign.languages.messages import Messages, load_messages
from pisovereign.storage.pool import Database

_log = logging.getLogger(__name__)
_TIMING = Timing(lease_s=20.0, renew_s=5.0)
_SOON_S = 5.0  # the service wants a press answered; what takes longer is told by the message


class Said(NamedTuple):
    """The outcome of a press: a short note, and the message's text from now on, if it changes."""

    note: str
    text: str | None = None


class PressDependencies(NamedTuple):
    """The dependencies of the handling of presses.

    Attributes:
        messenger: Where the buttons are.
        approvals: What is decided.
        buttons: Reads what buttons carry.
        directory: Who may decide from where.
        database: Where presses wait.
        language: Returns a user's language.
    """

    messenger: Pressed
    approvals: ApprovalService
    buttons: ApprovalButtons
    directory: Directory
    database: Database
    language: Callable[[UUID], Awaitable[Language]]


class ButtonPresses:
    """Does the jobs of the queue of presses.

    One that is done again after its process ended decides nothing twice: it finds what was decided.
    """

    def __init__(self, uses: PressDependencies, inbox: Inbox, users: Sequence[UUID]) -> None:
        self._uses = uses
        self._worker = Worker(
            inbox.presses,
            uses.database,
            self,
            users,
            timing=_TIMING,
            failure=f"presses on {uses.messenger.title} wait",
        )
        self.start = self._worker.start
        self.stop = self._worker.stop
        self.wake = self._worker.wake

    async def run(self, job: ClaimedJob) -> JobOutcome:
        """Do what a press decides."""
        press = read_press(job)
        words = load_messages(await self._uses.language(job.user), "channels")
        deciding = asyncio.create_task(self._decided(job.user, press, words))
        try:
            await asyncio.wait((deciding,), timeout=_SOON_S)
            note = deciding.result().note if deciding.done() else words.say("carrying_out")
            await self._tell(self._uses.messenger.answer_press(press.id, note))
            said = await deciding
        finally:
            deciding.cancel()
        if (text := said.text) is not None:
            await self._tell(self._uses.messenger.edit(press.address, press.message, text))
        return Settled()

    async def abandoned(self, connection: object, job: Abandoned) -> None:
        """Do nothing: a press does not expire, and is taken over from who vanished."""

    async def _tell(self, telling: Awaitable[None]) -> None:
        """Show something of what was decided; the page and the audit log have it anyway."""
        with suppress(PiSovereignError):
            await telling

    async def _decided(self, user: UUID, press: Press, words: Messages) -> Said:
        decision = self._uses.buttons.read(user, press.address, press.data)
        scopes = await self._uses.directory.scopes(user, press.address)
        if decision is None or not scopes:
            return Said(words.say("unknown_button"))
        if "approve" not in scopes:
            return Said(words.say("others_decide"))
        try:
            found = await self._uses.approvals.get(user, decision.approval)
        except NotFound:
            return Said(words.say("unknown_button"))
        decided_now = found.status == "pending"
        if decided_now:
            identity = Identity(user, scopes, self._uses.messenger.title)
            try:
                found = await self._settle(identity, decision)
            except Conflict:  # decided elsewhere in this moment
                decided_now = False
                found = await self._uses.approvals.get(user, decision.approval)
            except PiSovereignError as error:
                title = self._uses.messenger.title
                _log.warning("a press on %s decided nothing: %s", title, error.message)
                return Said(words.say("not_decided", reason=error.message))
        return await self._said(user, found, words, decided_now=decided_now)

    async def _settle(self, identity: Identity, decision: Decision) -> Approval:
        if decision.denied:
            return await self._uses.approvals.deny(identity, decision.approval, None)
        return await self._uses.approvals.approve(identity, decision.approval)

    async def _said(
        self, user: UUID, approval: Approval, words: Messages, *, decided_now: bool
    ) -> Said:
        language = await self._uses.language(user)
        outcome = outcome_text(approval, load_messages(language, "approvals"))
        note = outcome if decided_now else words.say("decided_before", outcome=outcome)
        asked = approval_text(approval, language)
        text = f"{asked}\n\n{outcome}"
        return Said(note, text if size(text) <= LONGEST else split(outcome)[0])
