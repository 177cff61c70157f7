"""The loop that deletes what nobody keeps any more.

Each batch is a short transaction of one user, with a pause after it, so that requests get their
turn. What can be deleted is looked for by the time of the database.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from uuid import UUID

from pisovereign.approvals.pruning import AT_ONCE as APPROVALS_AT_ONCE
from pisovereign.approvals.pruning import prune_approvals
from pisovereign.audit.pruning import ALWAYS_KEPT, AuditChanged, Kept
from pisovereign.audit.pruning import AT_ONCE as ENTRIES_AT_ONCE
from pisovereign.audit.service import AuditLog
from pisovereign.chat.conversations import ConversationService
from pisovereign.config import RetentionConfig
from pisovereign.events.log import EventLog
from pisovereign.jobs.periodic import PeriodicTask
from pisovereign.reminders.service import ReminderService
from pisovereign.storage.pool import Database

_log = logging.getLogger(__name__)
_EVENTS, _REMINDERS, _CONVERSATIONS = 200, 50, 10  # of one transaction
_PAUSE_S = 0.2
_FIRST_S = 600.0  # a device without a battery has its time from the network by then

Work = Callable[[UUID], Awaitable[bool]]
"""Deletes a batch of one user; returns whether there may be more."""


class Retention:
    """Deletes what is too old, from a while after the start on.

    Args:
        config: What is kept, and how long.
        database: Where approvals are.
        audit: The log of what was decided.
        events: What pages are told.
        conversations: What was said.
        reminders: Those that are done.
        users: Whose things are looked after.
        people: Return everybody who is known beside them, also those who are disabled.
    """

    def __init__(
        self,
        *,
        config: RetentionConfig,
        database: Database,
        audit: AuditLog,
        events: EventLog,
        conversations: ConversationService,
        reminders: ReminderService,
        users: Sequence[UUID],
        people: Callable[[], Awaitable[Sequence[UUID]]],
    ) -> None:
        self._config = config
        self._database = database
        self._audit = audit
        self._events = events
        self._conversations = conversations
        self._reminders = reminders
        self._users = users
        self._people = people
        self._begun = False
        self._changed: set[UUID] = set()
        self._periodic = PeriodicTask(
            self._look, "what is old is not deleted", longest_s=config.check_s
        )
        self.start = self._periodic.start
        self.stop = self._periodic.stop

    async def prune(self) -> bool:
        """Delete a batch of each kind of each user; return whether there may be more.

        Raises:
            PiSovereignError: the first of what went wrong, after all others had their turn.
        """
        owners = dict.fromkeys([*self._users, *await self._audit.owners()])
        known = {*self._users, *await self._people()}
        work: list[tuple[Work, UUID]] = [
            (self._prune_audit if user in known else self._prune_erased, user) for user in owners
        ]
        work += [(kind, user) for user in self._users for kind in self._kinds()]
        more = False
        failed: Exception | None = None
        for step, user in work:
            try:
                more = await step(user) or more
            except AuditChanged as error:
                self._tell(user, error)
            except Exception as error:  # noqa: BLE001 - what is wrong with one is not the end
                failed = failed or error
        if failed is not None:
            raise failed
        return more

    def _kinds(self) -> list[Work]:
        """Return what is done for each user, beside the audit log."""
        kinds: list[Work] = [self._prune_approvals]
        if self._config.event_days:
            kinds.append(self._prune_events)
        if self._config.reminder_days:
            kinds.append(self._prune_reminders)
        if self._config.conversation_days:
            kinds.append(self._prune_conversations)
        return kinds

    def _tell(self, user: UUID, error: AuditChanged) -> None:
        """Log that somebody's log is not as it was written, once for each look."""
        if user not in self._changed:
            self._changed.add(user)
            _log.error("the log of %s: %s", user, error.message)

    async def _look(self) -> float:
        if not self._begun:
            self._begun = True
            return min(_FIRST_S, self._config.check_s)
        if await self.prune():
            return _PAUSE_S
        self._changed.clear()
        return self._config.check_s

    async def _prune_audit(self, user: UUID, always: int = ALWAYS_KEPT) -> bool:
        kept = Kept(self._config.audit_days, self._config.audit_entries, always)
        return await self._audit.prune(user, kept) == ENTRIES_AT_ONCE

    async def _prune_erased(self, user: UUID) -> bool:
        """Delete all of the log of somebody who is gone, once it is old."""
        return await self._prune_audit(user, always=0)

    async def _prune_approvals(self, user: UUID) -> bool:
        count = await prune_approvals(
            self._database,
            self._audit,
            user,
            days=self._config.approval_days,
            keep=self._config.approvals,
        )
        return count == APPROVALS_AT_ONCE

    async def _prune_events(self, user: UUID) -> bool:
        return await self._events.prune(user, self._config.event_days, _EVENTS) == _EVENTS

    async def _prune_reminders(self, user: UUID) -> bool:
        days = self._config.reminder_days
        return await self._reminders.prune(user, days, _REMINDERS) == _REMINDERS

    async def _prune_conversations(self, user: UUID) -> bool:
        days = self._config.conversation_days
        return await self._conversations.prune(user, days, _CONVERSATIONS) == _CONVERSATIONS
