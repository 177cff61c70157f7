"""Public sets of attacks, and our own, as tasks and orders for the tools that there are here.

AgentDojo 0.1.35 (MIT) is installed from PyPI into a Python of its own, in the cache folder. BIPIA's
files (microsoft/BIPIA, MIT: `text_attack_test.json` and `email/test.jsonl` of its `benchmark`) are
in no package: put them into `~/.cache/pisovereign/bench/bipia` as `text_attack_test.json` and
`email_test.jsonl`. Nothing of either is part of this repository, but for translations into German.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import subprocess
import sys
import tomllib
import venv
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import msgspec

AGENTDOJO = "0.1.35"
_NEEDS = ("pydantic", "pyyaml", "deepdiff", "docstring-parser", "email-validator")
_DATA = Path(__file__).parent / "data" / "attacks.toml"
FOLDER = Path.home() / ".cache" / "pisovereign" / "bench"
Language = Literal["en", "de"]
EFFECTS = frozenset(("send_email", "create_event", "create_reminder", "add_to_list"))
_MAILS = frozenset(
    (
        "get_unread_emails",
        "get_sent_emails",
        "get_received_emails",
        "get_draft_emails",
        "search_emails",
    )
)
# They say what is known anyway, or which names there are.
_NEEDLESS = frozenset(("get_current_day", "list_files"))


class Call(msgspec.Struct, frozen=True):
    """A call of one of our tools."""

    name: str
    arguments: dict[str, Any]

    @property
    def has_effect(self) -> bool:
        """Whether it changes something once it was approved."""
        return self.name in EFFECTS


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of a model, by the user or in a text of a stranger.

    Attributes:
        calls: What does it, of our tools.
        missing: The tools that it would need, and that no model is offered here.
    """

    id: str
    text: str
    calls: list[Call]
    missing: list[str] = []


class Suite(msgspec.Struct, frozen=True, kw_only=True):
    """AgentDojo's workspace: what is there, what users want, and what strangers want."""

    environment: dict[str, list[dict[str, Any]]]
    user_tasks: list[Task]
    injections: list[Task]
    templates: dict[str, str]


@functools.cache
def own_data() -> dict[str, Any]:
    """Return the translations and what else `data/attacks.toml` holds."""
    return tomllib.loads(_DATA.read_text("utf-8"))


def agentdojo() -> Suite:
    """Return the suite; it is installed if it is not there.

    Raises:
        subprocess.CalledProcessError: It cannot be installed, or not be read.
    """
    python = _installed()
    script = Path(__file__).with_name("agentdojo_dump.py")
    done = subprocess.run(
        [str(python), str(script)], check=True, capture_output=True, text=True, timeout=300
    )
    found = json.loads(done.stdout)
    orders = own_data()["orders"]
    return Suite(
        environment=found["environment"],
        user_tasks=[_task(each) for each in found["user_tasks"]],
        injections=[_injection(each, orders) for each in found["injections"]],
        templates=found["templates"],
    )


def bipia(language: Language) -> list[str]:
    """Return the attacks on texts; in German those that were translated.

    Raises:
        FileNotFoundError: The files are not in the cache folder.
    """
    if language == "de":
        translated: list[str] = own_data()["german"]["bipia"]
        return translated
    groups = json.loads((FOLDER / "bipia" / "text_attack_test.json").read_text("utf-8"))
    return [attack for group in groups.values() for attack in group]


def bipia_mails() -> list[tuple[str, str, str]]:
    """Return subject, text and the question that a user has, of each mail."""
    rows = (FOLDER / "bipia" / "email_test.jsonl").read_text("utf-8").splitlines()
    found = []
    for row in map(json.loads, filter(None, rows)):
        head, _, text = row["context"].partition("CONTENT:")
        subject = head.partition("SUBJECT:")[2].partition("|")[0].strip()
        found.append((subject or "Payment", text or head, row["question"].removeprefix("Q: ")))
    return found


def _installed() -> Path:
    """Return the Python that AgentDojo is installed for."""
    folder = FOLDER / f"agentdojo-{AGENTDOJO}"
    python = folder / "bin" / "python"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True, clear=True)
        pip = [str(python), "-m", "pip", "install", "-q"]
        subprocess.run([*pip, "--no-deps", f"agentdojo=={AGENTDOJO}"], check=True)
        subprocess.run([*pip, *_NEEDS], check=True)
        (folder / "installed").touch()
    return python


def _task(found: dict[str, Any]) -> Task:
    calls, missing = _ours(found["calls"])
    return Task(id=found["id"], text=found["text"], calls=calls, missing=missing)


def _injection(found: dict[str, Any], orders: dict[str, Any]) -> Task:
    """Return what a stranger wants; some have no calls in the set, and are given ours."""
    own = [Call(each["tool"], each["arguments"]) for each in orders.get(found["id"], ())]
    if own:
        return Task(id=found["id"], text=found["text"], calls=own)
    return _task(found)


def _ours(calls: Sequence[dict[str, Any]]) -> tuple[list[Call], list[str]]:
    """Return calls of the set as calls of our tools, and the names of those without a like."""
    made: list[Call] = []
    missing: list[str] = []
    for call in calls:
        name, given = call["function"], call["args"]
        if name in _NEEDLESS:
            continue
        ours = _our_call(name, given)
        if ours is None:
            missing.append(name)
        elif ours not in made:
            made.append(ours)
    return made, missing


def _our_call(name: str, given: dict[str, Any]) -> Call | None:
    if name in _MAILS:
        return Call("emails", {"count": 12})
    match name:
        case "get_day_calendar_events":
            return Call("calendar", {"start": given["day"], "days": 1})
        case "search_calendar_events":
            day = given.get("date")
            first, days = (day, 1) if day else ("2024-05-01", 60)
            return Call("calendar", {"start": first, "days": days})
        case "search_contacts_by_name":
            return Call("find_contact", {"name": given["query"]})
        case "search_contacts_by_email":
            return Call("find_contact", {"name": given["query"].partition("@")[0]})
        case "search_files" | "search_files_by_filename" | "get_file_by_id":
            words = given.get("query") or given.get("filename") or given.get("file_id")
            return Call("search_documents", {"q": str(words)})
        case "send_email":
            return Call(
                "send_email",
                {
                    "to": ", ".join(given["recipients"]),
                    "subject": given["subject"],
                    "body": given["body"],
                },
            )
        case "create_calendar_event":
            made = {"title": given["title"], "start": _local(given["start_time"])}
            made["end"] = _local(given["end_time"])
            if given.get("location"):
                made["location"] = given["location"]
            return Call("create_event", made)
    return None


def _local(text: str) -> str:
    return dt.datetime.fromisoformat(text).strftime("%Y-%m-%dT%H:%M")


def translated(language: Language, suite: Suite) -> tuple[dict[str, str], dict[str, str]]:
    """Return the templates of attacks and the goals of injections in a language."""
    if language == "de":
        german = own_data()["german"]
        return german["templates"], german["goals"]
    return suite.templates, {each.id: each.text for each in suite.injections}


if __name__ == "__main__":
    print(msgspec.json.format(msgspec.json.encode(agentdojo())).decode(), file=sys.stdout)
