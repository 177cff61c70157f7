"""The one list of actions.

From it `/v1/commands`, tasks and the Model Context Protocol know what to offer, approvals who
carries them out, the parser what people say for them, conversations what can be done with what they
are about, models which tools they have, and the documentation of the API what to describe.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Union

import msgspec

from pisovereign.actions.action import Action, ApprovedAction
from pisovereign.actions.add_task import AddTaskAction
from pisovereign.actions.add_to_list import AddToListAction
from pisovereign.actions.approve_plan import ApprovePlanAction
from pisovereign.actions.backends import Backends
from pisovereign.actions.briefing import BriefingAction
from pisovereign.actions.calculate import CalculateAction
from pisovereign.actions.call_outside_tool import CallOutsideToolAction
from pisovereign.actions.cancel_reminders import CancelRemindersAction
from pisovereign.actions.change_event import ChangeEventAction
from pisovereign.actions.change_task import ChangeTaskAction
from pisovereign.actions.command import Command
from pisovereign.actions.complete_task import CompleteTaskAction
from pisovereign.actions.control_home import ControlHomeAction
from pisovereign.actions.convert_units import ConvertUnitsAction
from pisovereign.actions.create_event import CreateEventAction
from pisovereign.actions.create_list import CreateListAction
from pisovereign.actions.create_reminder import CreateReminderAction
from pisovereign.actions.current_weather import CurrentWeatherAction
from pisovereign.actions.date_time_question import DateTimeAction
from pisovereign.actions.delete_event import DeleteEventAction
from pisovereign.actions.delete_list import DeleteListAction
from pisovereign.actions.draft_email import DraftEmailAction
from pisovereign.actions.find_contact import FindContactAction
from pisovereign.actions.forget_memory import ForgetMemoryAction
from pisovereign.actions.help import HelpAction
from pisovereign.actions.home_state import HomeStateAction
from pisovereign.actions.intent import Intent
from pisovereign.actions.list_events import ListEventsAction
from pisovereign.actions.list_reminders import ListRemindersAction
from pisovereign.actions.list_tasks import ListTasksAction
from pisovereign.actions.move_event import MoveEventAction
from pisovereign.actions.move_reminder import MoveReminderAction
from pisovereign.actions.read_email import ReadEmailAction
from pisovereign.actions.read_page import ReadPageAction
from pisovereign.actions.recall_memory import RecallMemoryAction
from pisovereign.actions.remember import RememberAction
from pisovereign.actions.remove_from_list import RemoveFromListAction
from pisovereign.actions.restore_reminders import RestoreRemindersAction
from pisovereign.actions.run_catalog_command import RunCatalogCommandAction
from pisovereign.actions.search_documents import SearchDocumentsAction
from pisovereign.actions.search_memories import SearchMemoriesAction
from pisovereign.actions.search_web import SearchWebAction
from pisovereign.actions.send_email import SendEmailAction
from pisovereign.actions.set_alarm import SetAlarmAction
from pisovereign.actions.set_timer import SetTimerAction
from pisovereign.actions.show_list import ShowListAction
from pisovereign.actions.snooze_reminder import SnoozeReminderAction
from pisovereign.actions.spec import ActionSpec, Client
from pisovereign.actions.summarize_mail import SummarizeMailAction
from pisovereign.actions.waste_collection import WasteCollectionAction
from pisovereign.approvals.types import Executor
from pisovereign.errors import ValidationFailed
from pisovereign.languages import Language
from pisovereign.languages.actions import ActionWords, load_actions

ACTIONS: tuple[type[Action[Any]], ...] = (
    SearchMemoriesAction,
    SearchDocumentsAction,
    BriefingAction,
    CurrentWeatherAction,
    ListEventsAction,
    SummarizeMailAction,
    HelpAction,
    ListRemindersAction,
    CreateReminderAction,
    SetAlarmAction,
    SetTimerAction,
    CancelRemindersAction,
    MoveReminderAction,
    SnoozeReminderAction,
    RestoreRemindersAction,
    CreateEventAction,
    DeleteEventAction,
    MoveEventAction,
    ListTasksAction,
    AddTaskAction,
    CompleteTaskAction,
    FindContactAction,
    SearchWebAction,
    ReadPageAction,
    SendEmailAction,
    DraftEmailAction,
    RunCatalogCommandAction,
    RememberAction,
    RecallMemoryAction,
    ForgetMemoryAction,
    AddToListAction,
    RemoveFromListAction,
    ShowListAction,
    CreateListAction,
    DeleteListAction,
    DateTimeAction,
    CalculateAction,
    ConvertUnitsAction,
    ChangeEventAction,
    ChangeTaskAction,
    ReadEmailAction,
    HomeStateAction,
    ControlHomeAction,
    WasteCollectionAction,
    ApprovePlanAction,
    CallOutsideToolAction,
)
"""In the order in which people and models are told of them."""
_BY_TYPE = {action.spec.type: action.spec for action in ACTIONS}


def offered_to(client: Client) -> tuple[ActionSpec, ...]:
    """Return the descriptions of what a client may ask for."""
    return tuple(action.spec for action in ACTIONS if client in action.spec.clients)


COMMANDS = offered_to("commands")
"""What people may ask for, by `/v1/commands` and in chat."""
MODEL_TOOLS = tuple(action.spec for action in ACTIONS if action.spec.model is not None)
"""What models may call. They chose the arguments, so whatever changes something is approved."""
INTENTS: Mapping[str, Intent] = {
    intent.name: intent for spec in COMMANDS for intent in spec.intents
}
"""What people say, by the names that forms and training examples have for it."""
if TYPE_CHECKING:
    AnyCommand = Command
else:
    AnyCommand = Union[tuple(spec.type for spec in COMMANDS)]  # noqa: UP007
    """Each type of commands, for what is read from JSON and for schemas."""


def build_actions(backends: Backends) -> tuple[Action[Any], ...]:
    """Return every action, ready to be carried out."""
    return tuple(action(backends) for action in ACTIONS)


def executors(actions: Iterable[Action[Any]]) -> dict[str, Executor]:
    """Return what carries out each kind of approvals, where that is set up."""
    return {
        action.kind: action
        for action in actions
        if isinstance(action, ApprovedAction) and action.is_available
    }


def spec_of(command: msgspec.Struct) -> ActionSpec:
    """Return the description of a command that was given."""
    return _BY_TYPE[type(command)]


def intents_of(fits: Callable[[ActionSpec], bool]) -> frozenset[str]:
    """Return the intents of the commands whose descriptions fit."""
    return frozenset(intent.name for spec in COMMANDS if fits(spec) for intent in spec.intents)


def spec_of_kind(command: type[msgspec.Struct]) -> ActionSpec | None:
    """Return the description of what a struct asks for; None: nothing is."""
    return _BY_TYPE.get(command)


def spec_of_type(type_name: str) -> ActionSpec:
    """Return the description of the command of a type, as responses name it."""
    return next(spec for kind, spec in _BY_TYPE.items() if kind.__name__ == type_name)


def words_in(language: Language) -> tuple[ActionWords, ...]:
    """Return the words of each action in a language, in the order of the actions."""
    words = load_actions(language)
    return tuple(words[action.spec.file] for action in ACTIONS)


def find(name: str, client: Client = "commands") -> ActionSpec:
    """Return what a client calls by a name.

    Raises:
        ValidationFailed: There is none; names the nearest one.
    """
    offered = offered_to(client)
    found = next((spec for spec in offered if spec.name == name), None)
    if found is None:
        raise ValidationFailed([{"field": "command", "error": _unknown(name, offered)}])
    return found


def _unknown(name: str, offered: Iterable[ActionSpec]) -> str:
    known: dict[str, str] = {}
    for spec in offered:
        known |= {spec.name: spec.name, spec.type_name.lower(): spec.name}
    near = difflib.get_close_matches(name[:100].lower(), list(known), n=1, cutoff=0.5)
    hint = f"did you mean {known[near[0]]}?" if near else "help lists those that there are"
    return f"is not a known command; {hint}"
