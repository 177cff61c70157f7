"""Commands and their results, as other packages use them.

All commands are in `registry`; here are those that other packages make or look for by name.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal
from uuid import UUID

import msgspec

from pisovereign.actions.add_task import AddTask
from pisovereign.actions.approve_plan import AGENT_PLAN
from pisovereign.actions.briefing import MorningBriefing
from pisovereign.actions.calculate import Calculate
from pisovereign.actions.call_outside_tool import CallOutsideTool
from pisovereign.actions.cancel_reminders import CancelReminders
from pisovereign.actions.command import Command
from pisovereign.actions.complete_task import CompleteTask
from pisovereign.actions.control_home import ControlHome
from pisovereign.actions.convert_units import ConvertUnits
from pisovereign.actions.create_reminder import CreateReminder
from pisovereign.actions.current_weather import CurrentWeather
from pisovereign.actions.date_time_question import DateTimeQuestion
from pisovereign.actions.draft_email import DraftEmail
from pisovereign.actions.event_commands import CreateCalendarEvent, DeleteCalendarEvent
from pisovereign.actions.find_contact import FindContact, named_contacts
from pisovereign.actions.forget_memory import ForgetMemory
from pisovereign.actions.help import Help
from pisovereign.actions.home_state import HomeState
from pisovereign.actions.list_commands import (
    AddToList,
    CreateList,
    DeleteList,
    RemoveFromList,
    ShowList,
)
from pisovereign.actions.list_events import ListCalendarEvents
from pisovereign.actions.list_reminders import ListReminders
from pisovereign.actions.list_tasks import ListTasks
from pisovereign.actions.move_event import MoveCalendarEvent
from pisovereign.actions.move_reminder import MoveReminder
from pisovereign.actions.outcome import Outcome, OutcomeStatus
from pisovereign.actions.read_page import ReadPage
from pisovereign.actions.recall_memory import RecallMemory
from pisovereign.actions.remember import Remember
from pisovereign.actions.restore_reminders import RestoreReminders
from pisovereign.actions.run_catalog_command import CATALOG_COMMAND, RunCatalogCommand
from pisovereign.actions.search_memories import FoundMemories
from pisovereign.actions.search_web import SearchWeb
from pisovereign.actions.send_email import SendEmail
from pisovereign.actions.set_alarm import SetAlarm
from pisovereign.actions.set_timer import SetTimer
from pisovereign.actions.snooze_reminder import SnoozeReminder
from pisovereign.actions.summarize_mail import EmailSummary
from pisovereign.runner.types import RunStatus

__all__ = [
    "AGENT_PLAN",
    "CATALOG_COMMAND",
    "AddTask",
    "AddToList",
    "Calculate",
    "CallOutsideTool",
    "CancelReminders",
    "Command",
    "CommandStatus",
    "CompleteTask",
    "Completed",
    "ControlHome",
    "ConvertUnits",
    "CreateCalendarEvent",
    "CreateList",
    "CreateReminder",
    "CurrentWeather",
    "DateTimeQuestion",
    "DeleteCalendarEvent",
    "DeleteList",
    "DraftEmail",
    "EmailSummary",
    "FindContact",
    "ForgetMemory",
    "FoundMemories",
    "Help",
    "HomeState",
    "ListCalendarEvents",
    "ListReminders",
    "ListTasks",
    "MorningBriefing",
    "MoveCalendarEvent",
    "MoveReminder",
    "Outcome",
    "Pending",
    "ReadPage",
    "RecallMemory",
    "Remember",
    "RemoveFromList",
    "RestoreReminders",
    "RunCatalogCommand",
    "SearchWeb",
    "SendEmail",
    "SetAlarm",
    "SetTimer",
    "ShowList",
    "SnoozeReminder",
    "named_contacts",
]


CommandStatus = Literal[RunStatus, OutcomeStatus]


class Completed(msgspec.Struct, frozen=True, kw_only=True):
    """A command that was carried out; `text` is the result in words.

    `result` is what the command's `ActionSpec` says. Only a system command can have failed or taken
    too long, and have a result all the same. With a status of `Outcome` other than `completed`
    nothing has changed.
    """

    command: str
    status: CommandStatus = "completed"
    result: msgspec.Struct
    text: str
    executed_at: dt.datetime


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """A command that waits for an approval; `title` is what the approver sees."""

    command: str
    status: Literal["pending_approval"] = "pending_approval"
    approval_id: UUID
    expires_at: dt.datetime
    title: str
    text: str
