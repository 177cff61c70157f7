"""Being told again later of what rang last."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.intent import Intent
from pisovereign.actions.messages import messages_in, quote
from pisovereign.actions.outcome import Outcome
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reading.requests import duration_of
from pisovereign.reminders.types import Kind, ListQuery, Reminder

_MOST = 500
# What an approval names when the one who asks does not.
_MINUTES = 15


class SnoozeReminder(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Put off what rang last, of a kind or of any; without `minutes`, as configured."""

    minutes: Annotated[int, Meta(ge=1, le=10_080)] | None = None
    kind: Kind | None = None


class SnoozedReminder(Outcome, frozen=True, kw_only=True):
    """The reminder as it is now; None: nothing was put off.

    `too_often` says that it was put off as often as it may be.
    """

    reminder: Reminder | None = None
    too_often: bool = False


_MOST_MINUTES = 7 * 24 * 60
_KIND_WORDS = {
    "alarm": "alarm", "timer": "timer", "reminder": "reminder",
    "wecker": "alarm", "erinnerung": "reminder",
}  # fmt: skip


def _read(wording: Wording) -> PartialCommand:
    length = duration_of(wording.request.expressions)
    minutes = round(length.total_seconds() / 60) if length else None
    kind = _KIND_WORDS.get(wording.text("kind") or "")
    possible = minutes is None or 1 <= minutes <= _MOST_MINUTES
    named = not wording.request.expressions or minutes is not None
    # What names a time of day instead of a length moves something, and is no snooze.
    return PartialCommand(
        SnoozeReminder,
        {"minutes": minutes, "kind": kind},
        () if possible and named else ("minutes",),
    )


class SnoozeReminderAction(
    DirectAction[SnoozeReminder, SnoozedReminder], ApprovedAction[SnoozeReminder]
):
    """Puts off what rang last: at once for a person, else after an approval."""

    spec = ActionSpec(
        name="snooze_reminder",
        type=SnoozeReminder,
        result=SnoozedReminder,
        sources=("reminders",),
        side_effects=True,
        intents=(Intent("snooze", _read),),
    )
    kind = "snooze_reminder"
    at_once = True
    limit_s = 30.0

    async def ask(self, caller: Caller, command: SnoozeReminder) -> NewApproval | None:
        """Return what has to be approved."""
        minutes = command.minutes or _MINUTES
        named = msgspec.structs.replace(command, minutes=minutes)
        title = messages_in(caller.language).say("snooze_reminder.approval", minutes=minutes)
        return NewApproval(self.kind, title, named)

    async def run(self, caller: Caller, command: SnoozeReminder) -> SnoozedReminder:
        """Put off what became due last."""
        return await self._snooze(caller.identity.user_id, command)

    def describe(self, result: SnoozedReminder, messages: Messages, clock: Clock) -> str:
        """Return when it is told again."""
        if result.reminder is None:
            if result.too_often:
                return messages.say("snooze_reminder.too_often")
            return messages.say("snooze_reminder.nothing")
        when = messages.moment(result.reminder.remind_at, clock)
        return messages.say("snooze_reminder", when=when, title=quote(result.reminder.title))

    async def carry_out(self, approved: Approved) -> SnoozedReminder:
        """Put off what rang last, as was approved."""
        command = msgspec.json.decode(approved.payload, type=SnoozeReminder)
        return await self._snooze(approved.user, command)

    def inverse(self, result: SnoozedReminder) -> None:
        """Return that nothing undoes it: what rang has rung."""
        return

    async def _snooze(self, user: UUID, command: SnoozeReminder) -> SnoozedReminder:
        reminders = self._backends.reminders
        query = ListQuery(status="due", kind=command.kind, limit=_MOST)
        due, _ = await reminders.page(user, query)
        if not due:
            return SnoozedReminder(status="not_found")
        last = max(due, key=lambda reminder: reminder.due_at or reminder.remind_at)
        if last.snoozes_left == 0:
            return SnoozedReminder(status="not_found", too_often=True)
        return SnoozedReminder(reminder=await reminders.snooze(user, last.id, command.minutes))
