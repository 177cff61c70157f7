"""Where to-dos are kept: on the server of the calendar, if it has lists of tasks; else in a list.

New ones go to one of the places: what is said of "my to-do list" and of "my tasks" is about the
same. Where they are tasks, they are shown with what is on the list.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import msgspec

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import (
    AddTask,
    AddToList,
    Command,
    CompleteTask,
    ListTasks,
    RemoveFromList,
    ShowList,
)
from pisovereign.languages import LANGUAGES, load_data
from pisovereign.lists.names import TODO, is_todo
from pisovereign.parsing.types import Parsed

_LIST = load_data(LANGUAGES[0], "lists")["names"][TODO][0]


class TaskHome(Protocol):
    """Where tasks may be kept."""

    async def keeps_tasks(self, user: UUID) -> bool:
        """Return whether a user has a list of tasks on a server."""
        ...


async def at_home(parsed: Parsed, user: UUID, home: TaskHome) -> Parsed:
    """Return what was read, about the place in which the user keeps their to-dos."""
    command = parsed.command
    if command is None:
        return parsed
    other = _as_task(command)
    if other is not None:
        return _about(parsed, other) if await home.keeps_tasks(user) else parsed
    other = _as_list(command)
    if other is not None and not await home.keeps_tasks(user):
        return _about(parsed, other)
    return parsed


def _about(parsed: Parsed, command: Command) -> Parsed:
    return msgspec.structs.replace(
        parsed, command=command, requires_approval=waits_on_a_server(command)
    )


def waits_on_a_server(command: Command) -> bool:
    """Return whether a person has to approve a command, where a calendar is connected."""
    spec = spec_of(command)
    changes_calendar = spec.approval == "depends" and "calendar" in spec.sources
    return spec.approval == "always" or changes_calendar


def kept_here(parsed: Parsed) -> Parsed:
    """Return what was read for somebody whose calendar is in the program: it needs no approval."""
    if parsed.command is None or spec_of(parsed.command).needs != "calendar":
        return parsed
    return msgspec.structs.replace(parsed, requires_approval=False)


def _as_task(command: Command) -> Command | None:
    """Return what is said of the list of to-dos, as it is said of tasks; None: it is not."""
    match command:
        case ShowList(list=str(name)) if is_todo(name):
            return ListTasks()
        case AddToList(list=str(name)) if is_todo(name):
            return AddTask(title=", ".join(command.items))
        case RemoveFromList(list=str(name), everything=False) if is_todo(name):
            return CompleteTask(about=", ".join(command.items))
        case _:
            return None


def _as_list(command: Command) -> Command | None:
    """Return the opposite; a day on which a task is due is nothing that a list can keep."""
    match command:
        case ListTasks():
            return ShowList(list=_LIST)
        case AddTask(due=None):
            return AddToList(items=(command.title,), list=_LIST)
        case CompleteTask(about=str(about)):
            return RemoveFromList(items=(about,), list=_LIST)
        case _:
            return None
