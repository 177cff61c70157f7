"""Canceling reminders, alarms and timers."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Sequence
from functools import partial
from uuid import UUID

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Label, Moment
from pisovereign.actions.intent import ChosenBy, CommandSlots, Handling, Intent
from pisovereign.actions.messages import bullets, messages_in
from pisovereign.actions.outcome import Choice, Chosen, Outcome, OutcomeStatus
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.reminder_selection import (
    Description,
    choices,
    find,
    open_reminders,
    reminder_line,
)
from pisovereign.actions.restore_reminders import RestoreReminders, restorable
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import NotFound
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import as_of, moment
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reminders.types import Kind, Reminder
from pisovereign.text.untrusted import one_line


class CancelReminders(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Cancel the reminder of a kind, of words, of a time or of an id; or `everything` of a kind.

    What is `confirmed` is done without asking back.
    """

    kind: Kind | None = None
    about: Label | None = None
    at: Moment | None = None
    reminder_id: UUID | None = None
    everything: bool = False
    confirmed: bool = False


class CanceledReminders(Outcome, frozen=True, kw_only=True):
    """The reminders that were canceled; with another status than `completed` none was."""

    canceled: list[Reminder] = msgspec.field(default_factory=list)


def _read(kind: Kind, wording: Wording) -> PartialCommand:
    request = wording.request
    about = wording.about("about")
    at = moment(request, as_of(kind, request.expressions)) if request.has_clock else None
    everything = wording.has("all") and not about and not request.expressions
    arguments = {"kind": kind, "about": about, "at": at, "everything": everything}
    return PartialCommand(CancelReminders, arguments)


class CancelRemindersAction(
    DirectAction[CancelReminders, CanceledReminders], ApprovedAction[CancelReminders]
):
    """Cancels reminders: at once for a person, who can undo it, else after an approval."""

    spec = ActionSpec(
        name="cancel_reminders",
        type=CancelReminders,
        result=CanceledReminders,
        sources=("reminders",),
        side_effects=True,
        intents=(
            Intent("cancel_reminder", partial(_read, "reminder")),
            Intent("cancel_alarm", partial(_read, "alarm"), kind="alarm"),
            Intent("cancel_timer", partial(_read, "timer"), kind="timer"),
        ),
        undoes=True,
        forms_deny=True,
        slots=CommandSlots(text="about"),
        handling=Handling(removes=("reminder", "alarm", "timer"), by="reminder_id"),
        chosen_by=ChosenBy("reminder_id"),
    )
    kind = "cancel_reminders"
    at_once = True
    limit_s = 30.0

    async def ask(self, caller: Caller, command: CancelReminders) -> NewApproval | None:
        """Return what has to be approved: nothing where it is not clear what."""
        found = await self._find(caller.identity.user_id, command)
        if not found or (len(found) > 1 and not command.everything):
            return None
        messages = messages_in(caller.language)
        clock = self._backends.clock(caller.identity.user_id)
        chosen = choices(found, messages, clock)
        listed = "; ".join(one_line(choice.title) for choice in chosen)
        title = messages.say("cancel_reminders.approval", list=listed)
        return NewApproval(self.kind, title, Chosen(chosen=chosen))

    async def run(self, caller: Caller, command: CancelReminders) -> CanceledReminders:
        """Cancel what is meant; if that is not clear, nothing."""
        user = caller.identity.user_id
        found = await self._find(user, command)
        if not found:
            there = await open_reminders(self._backends.reminders, user, command.kind)
            return CanceledReminders(status="not_found", choices=self._choices(there, caller))
        status: OutcomeStatus
        if caller.asks_only or (len(found) > 1 and not command.everything):
            status = "needs_choice"
        elif len(found) > 1 and not command.confirmed:
            status = "needs_confirmation"
        else:
            return CanceledReminders(canceled=await self._cancel(user, found))
        return CanceledReminders(status=status, choices=self._choices(found, caller))

    def describe(self, result: CanceledReminders, messages: Messages, clock: Clock) -> str:
        """Return what was canceled, or what there is to choose from."""
        if result.status != "completed":
            return describe_choices("reminders", result, messages)
        lines = [reminder_line(reminder, messages, clock) for reminder in result.canceled]
        if len(lines) == 1:
            return messages.say("cancel_reminders", reminder=lines[0])
        return messages.say("cancel_reminders.many", list=bullets(lines, messages))

    async def carry_out(self, approved: Approved) -> CanceledReminders:
        """Cancel what was approved, as far as it is still there."""
        payload = msgspec.json.decode(approved.payload, type=Chosen)
        reminders = self._backends.reminders
        asked = [await reminders.find(approved.user, UUID(c.id)) for c in payload.chosen]
        found = [reminder for reminder in asked if reminder is not None]
        return CanceledReminders(canceled=await self._cancel(approved.user, found))

    def inverse(self, result: CanceledReminders) -> RestoreReminders | None:
        """Return what makes them again, as far as their times are still to come."""
        return restorable(result.canceled, dt.datetime.now(dt.UTC))

    async def _find(self, user: UUID, command: CancelReminders) -> list[Reminder]:
        described = Description(
            kind=command.kind, about=command.about, at=command.at, reminder_id=command.reminder_id
        )
        return await find(self._backends.reminders, user, described, self._backends.zones(user))

    async def _cancel(self, user: UUID, found: Sequence[Reminder]) -> list[Reminder]:
        """Delete reminders; of a series also the one that is due."""
        canceled = []
        for reminder in found:
            # Somebody else may have been faster.
            with contextlib.suppress(NotFound):
                await self._backends.reminders.delete(user, reminder.id)
                canceled.append(reminder)
            if reminder.series_id is not None:
                await self._backends.reminders.end_series(user, reminder.series_id)
        return canceled

    def _choices(self, listed: Sequence[Reminder], caller: Caller) -> list[Choice]:
        clock = self._backends.clock(caller.identity.user_id)
        return choices(listed, messages_in(caller.language), clock)
