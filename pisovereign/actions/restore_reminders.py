"""Making reminders again that were canceled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.messages import bullets, messages_in
from pisovereign.actions.reminder_selection import reminder_line
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reminders.types import NewReminder, Reminder
from pisovereign.text.untrusted import one_line

_MOST = 50


class RestoreReminders(Command, frozen=True, kw_only=True):
    """Make reminders, alarms and timers, as they were."""

    reminders: Annotated[tuple[NewReminder, ...], Meta(min_length=1, max_length=_MOST)]


class RestoredReminders(msgspec.Struct, frozen=True, kw_only=True):
    """The reminders that were made."""

    restored: list[Reminder]


class RestoreRemindersAction(
    DirectAction[RestoreReminders, RestoredReminders], ApprovedAction[RestoreReminders]
):
    """Makes reminders: at once for a person, else after an approval."""

    spec = ActionSpec(
        name="restore_reminders",
        type=RestoreReminders,
        result=RestoredReminders,
        sources=("reminders",),
        side_effects=True,
        # It takes back what a person did; a model makes reminders one by one.
        clients=frozenset(("commands",)),
    )
    kind = "restore_reminders"
    at_once = True
    limit_s = 30.0

    async def ask(self, caller: Caller, command: RestoreReminders) -> NewApproval | None:
        """Return what has to be approved."""
        zone = self._backends.zones(caller.identity.user_id)
        listed = "; ".join(
            f"{one_line(new.title)} ({new.remind_at.astimezone(zone):%Y-%m-%d %H:%M})"
            for new in command.reminders
        )
        title = messages_in(caller.language).say("restore_reminders.approval", list=listed)
        return NewApproval(self.kind, title, command)

    async def run(self, caller: Caller, command: RestoreReminders) -> RestoredReminders:
        """Make each of them.

        Raises:
            ValidationFailed: The time of one has passed.
        """
        user, reminders = caller.identity.user_id, self._backends.reminders
        return RestoredReminders(
            restored=[await reminders.create(user, new) for new in command.reminders]
        )

    def describe(self, result: RestoredReminders, messages: Messages, clock: Clock) -> str:
        """Return what is there again."""
        lines = [reminder_line(reminder, messages, clock) for reminder in result.restored]
        return messages.say("restore_reminders", list=bullets(lines, messages))

    async def carry_out(self, approved: Approved) -> RestoredReminders:
        """Make those that were approved."""
        command = msgspec.json.decode(approved.payload, type=RestoreReminders)
        reminders = self._backends.reminders
        return RestoredReminders(
            restored=[await reminders.create(approved.user, new) for new in command.reminders]
        )


def restorable(canceled: Sequence[Reminder], now: dt.datetime) -> RestoreReminders | None:
    """Return what makes canceled reminders again; None: their times have passed."""
    ahead = [reminder for reminder in canceled if reminder.remind_at > now]
    if not ahead:
        return None
    return RestoreReminders(
        reminders=tuple(
            NewReminder(
                title=reminder.title,
                remind_at=reminder.remind_at,
                kind=reminder.kind,
                repeat=reminder.repeat,
                sound=reminder.sound,
            )
            for reminder in ahead[:_MOST]
        )
    )
