"""Moving a reminder, an alarm or a timer to another time."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import msgspec

from pisovereign.actions.action import ApprovedAction, DirectAction
from pisovereign.actions.caller import Caller
from pisovereign.actions.command import Command
from pisovereign.actions.fields import Label, Moment
from pisovereign.actions.intent import ChosenBy, CommandSlots, Handling, Intent
from pisovereign.actions.messages import messages_in
from pisovereign.actions.outcome import Chosen, Outcome, OutcomeStatus
from pisovereign.actions.outcome_words import describe_choices
from pisovereign.actions.reminder_selection import (
    Description,
    choices,
    find,
    open_reminders,
    reminder_line,
)
from pisovereign.actions.spec import ActionSpec
from pisovereign.approvals.types import Approved, NewApproval
from pisovereign.errors import ValidationFailed
from pisovereign.languages.messages import Clock, Messages
from pisovereign.reading.moments import as_of, moment, old_and_new
from pisovereign.reading.partial_commands import PartialCommand, Wording
from pisovereign.reminders.types import Kind, Reminder, ReminderPatch, remind_at_rule
from pisovereign.text.untrusted import one_line


class MoveReminder(Command, frozen=True, kw_only=True, omit_defaults=True):
    """Move the reminder of a kind, of words, of a time (`at`) or of an id to `remind_at`."""

    remind_at: Moment
    kind: Kind | None = None
    about: Label | None = None
    reminder_id: UUID | None = None
    at: Moment | None = None


class MovedReminder(Outcome, frozen=True, kw_only=True):
    """The reminder as it is now, and when it was to come before; None: nothing was moved."""

    reminder: Reminder | None = None
    previous: dt.datetime | None = None


class _Move(Chosen, frozen=True, kw_only=True):
    """The content of an approval of a move."""

    remind_at: dt.datetime


def _read(wording: Wording) -> PartialCommand:
    request = wording.request
    old, new = old_and_new(wording)
    kinds = {"alarm": "alarm", "timer": "timer"}
    kind = kinds.get(wording.text("kind") or "", "reminder")
    arguments = {
        "remind_at": moment(request, as_of(kind, new)),
        "kind": kind,
        "about": wording.about("about"),
        "at": moment(request, as_of(kind, old)) if old else None,
    }
    return PartialCommand(MoveReminder, arguments, ("remind_at",))


class MoveReminderAction(DirectAction[MoveReminder, MovedReminder], ApprovedAction[MoveReminder]):
    """Moves a reminder: at once for a person, who can move it back, else after an approval."""

    spec = ActionSpec(
        name="move_reminder",
        type=MoveReminder,
        result=MovedReminder,
        sources=("reminders",),
        side_effects=True,
        intents=(Intent("move_reminder", _read),),
        undoes=True,
        slots=CommandSlots(moment="remind_at", text="about"),
        handling=Handling(makes="reminder", moves=("reminder", "alarm", "timer"), by="reminder_id"),
        chosen_by=ChosenBy("reminder_id"),
    )
    kind = "move_reminder"
    at_once = True
    limit_s = 30.0

    def check(self, user: UUID, command: MoveReminder) -> None:
        """Refuse a time that has passed.

        Raises:
            ValidationFailed: It has.
        """
        _check_time(command.remind_at)

    async def ask(self, caller: Caller, command: MoveReminder) -> NewApproval | None:
        """Return what has to be approved: nothing where it is not clear what."""
        found = await self._find(caller.identity.user_id, command)
        if len(found) != 1:
            return None
        messages = messages_in(caller.language)
        clock = self._backends.clock(caller.identity.user_id)
        chosen = choices(found, messages, clock)
        when = f"{command.remind_at.astimezone(clock.zone):%Y-%m-%d %H:%M}"
        title = messages.say(
            "move_reminder.approval", reminder=one_line(chosen[0].title), when=when
        )
        return NewApproval(self.kind, title, _Move(chosen=chosen, remind_at=command.remind_at))

    async def run(self, caller: Caller, command: MoveReminder) -> MovedReminder:
        """Move the one that is meant; if that is not clear, none."""
        user = caller.identity.user_id
        found = await self._find(user, command)
        if len(found) == 1 and not caller.asks_only:
            return await self._move(user, found[0], command.remind_at)
        status: OutcomeStatus = "needs_choice" if found else "not_found"
        there = found or await open_reminders(self._backends.reminders, user, command.kind)
        messages = messages_in(caller.language)
        clock = self._backends.clock(caller.identity.user_id)
        return MovedReminder(status=status, choices=choices(there, messages, clock))

    def describe(self, result: MovedReminder, messages: Messages, clock: Clock) -> str:
        """Return when it comes now, or what there is to choose from."""
        if result.reminder is None:
            return describe_choices("reminders", result, messages)
        return messages.say(
            "move_reminder", reminder=reminder_line(result.reminder, messages, clock)
        )

    async def carry_out(self, approved: Approved) -> MovedReminder:
        """Move what was approved."""
        payload = msgspec.json.decode(approved.payload, type=_Move)
        found = await self._backends.reminders.find(approved.user, UUID(payload.chosen[0].id))
        if found is None:
            return MovedReminder(status="not_found")
        return await self._move(approved.user, found, payload.remind_at)

    def inverse(self, result: MovedReminder) -> MoveReminder | None:
        """Return what moves it back, if that time is still to come."""
        if result.reminder is None or result.previous is None:
            return None
        if remind_at_rule(result.previous) is not None:
            return None
        return MoveReminder(reminder_id=result.reminder.id, remind_at=result.previous)

    async def _find(self, user: UUID, command: MoveReminder) -> list[Reminder]:
        described = Description(
            kind=command.kind, about=command.about, at=command.at, reminder_id=command.reminder_id
        )
        return await find(self._backends.reminders, user, described, self._backends.zones(user))

    async def _move(self, user: UUID, found: Reminder, remind_at: dt.datetime) -> MovedReminder:
        patch = ReminderPatch(remind_at=remind_at)
        moved = await self._backends.reminders.change(user, found.id, patch)
        return MovedReminder(reminder=moved, previous=found.remind_at)


def _check_time(remind_at: dt.datetime) -> None:
    if error := remind_at_rule(remind_at):
        raise ValidationFailed([{"field": "remind_at", "error": error}])
