"""To-dos, people and the web in words; and where to-dos are kept, what is said of them is about."""

from __future__ import annotations

import asyncio
import datetime as dt
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from pisovereign.actions.types import (
    AddTask,
    AddToList,
    Command,
    CompleteTask,
    FindContact,
    ListTasks,
    ReadPage,
    RemoveFromList,
    SearchWeb,
    ShowList,
)
from pisovereign.parsing.task_home import at_home
from tests.support.rules import rules

BERLIN = ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 11, 10, 20, tzinfo=BERLIN)  # a Wednesday
FRIDAY = dt.datetime(2026, 3, 12, 23, tzinfo=dt.UTC)
USER = UUID(int=1)
LONG = "https://www.example.org/2026/03/11/" + "a-very-long-address/" * 6

SAID: list[tuple[str, Command | None]] = [
    (
        "New to-do: file the tax return by Friday",
        AddTask(title="file the tax return", due=FRIDAY, whole_day=True),
    ),
    ("add a new task: water the plants", AddTask(title="water the plants")),
    ("Mark the to-do tax return as done", CompleteTask(about="tax return")),
    ("tick off the task call the plumber", CompleteTask(about="call the plumber")),
    ("What to-dos are due this week?", ListTasks(days=5)),
    ("what is due today?", ListTasks(days=1)),
    ("Don't mark the task taxes as done", None),
    ("If it rains, mark the task taxes as done", None),
    ("Leg eine Aufgabe an: Blumen gießen", AddTask(title="Blumen gießen")),
    ("hake die Aufgabe Klempner ab", CompleteTask(about="Klempner")),
    ("was ist morgen fällig?", ListTasks(days=2)),
    ("Ajoute une tâche : arroser les plantes", AddTask(title="arroser les plantes")),
    ("Marque la tâche impôts comme terminée", CompleteTask(about="impôts")),
    ("What is Anna's phone number?", FindContact(name="Anna", about="phone")),
    ("When is Anna's birthday?", FindContact(name="Anna", about="birthday")),
    ("how can i reach Tom?", FindContact(name="Tom")),
    ("what is my phone number", None),
    ("when is my wife's birthday", None),
    ("Answer Paul's email", None),
    ("Wann hat Anna Geburtstag?", FindContact(name="Anna", about="birthday")),
    ("wo wohnt Anna Schmidt?", FindContact(name="Anna Schmidt", about="address")),
    ("Wie kann ich Termine absagen?", None),
    ("où habite Anna", FindContact(name="Anna", about="address")),
    ("Search the web for sourdough recipes", SearchWeb(query="sourdough recipes")),
    ("look up the Eiffel tower online", SearchWeb(query="the Eiffel tower")),
    ("search my emails", None),
    ("Such im Netz nach Sauerteig", SearchWeb(query="Sauerteig")),
    ("Cherche sur internet du pain", SearchWeb(query="du pain")),
    (
        "Summarize https://example.org/A?x=1&y=2.",
        ReadPage(url="https://example.org/A?x=1&y=2", summary=True),
    ),
    (f"summarize {LONG}", ReadPage(url=LONG, summary=True)),
    ("read https://example.org", ReadPage(url="https://example.org")),
    ("fasse https://example.org zusammen", ReadPage(url="https://example.org", summary=True)),
    ("résume https://example.org", ReadPage(url="https://example.org", summary=True)),
]


@pytest.mark.parametrize(("said", "meant"), SAID, ids=[said[:60] for said, _ in SAID])
def test_what_is_said(said: str, meant: Command | None) -> None:
    assert rules().parse(said, NOW, BERLIN, ()).command == meant


class Home:
    """Somebody who keeps tasks on a server, or not."""

    def __init__(self, keeps: bool) -> None:
        self._keeps = keeps

    async def keeps_tasks(self, user: UUID) -> bool:
        return self._keeps


@pytest.mark.parametrize(
    ("said", "on_server", "in_list"),
    [
        ("What are my tasks?", ListTasks(), ShowList(list="tasks")),
        (
            "add milk to my to-do list",
            AddTask(title="milk"),
            AddToList(items=("milk",), list="to-do"),
        ),
        (
            "mark taxes as done",
            CompleteTask(about="taxes"),
            RemoveFromList(items=("taxes",), list="to-do list"),
        ),
        ("what is due today?", ListTasks(days=1), ShowList(list="to-do list")),
        # A list cannot keep a day.
        (
            "New to-do: taxes by Friday",
            AddTask(title="taxes", due=FRIDAY, whole_day=True),
            AddTask(title="taxes", due=FRIDAY, whole_day=True),
        ),
        (
            "add milk to the shopping list",
            AddToList(items=("milk",), list="shopping"),
            AddToList(items=("milk",), list="shopping"),
        ),
    ],
)
def test_to_dos_are_kept_in_one_place(said: str, on_server: Command, in_list: Command) -> None:
    parsed = rules().parse(said, NOW, BERLIN, ())
    for keeps, meant in ((True, on_server), (False, in_list)):
        found = asyncio.run(at_home(parsed, USER, Home(keeps)))
        assert found.command == meant
