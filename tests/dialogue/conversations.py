"""Whole conversations as data, and holding them with the running program."""

from __future__ import annotations

import tomllib
import uuid
from pathlib import Path
from typing import Any

import msgspec

from tests.support.server import Server

FOLDER = Path(__file__).parent


class Line(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One message, and what has to come of it.

    Attributes:
        say: The message.
        hear: Each of these is in the answer.
        not_hear: None of these is in the answer.
        type: The command's struct; None: not looked at.
        types: The structs of several commands, in order.
        status: The command's status.
        reminders: The titles of all open reminders afterwards, in order of their time.
        shopping: What is on the shopping list afterwards.
        model: The model was asked.
        restart: The program is started anew before the message.
    """

    say: str
    hear: tuple[str, ...] = ()
    not_hear: tuple[str, ...] = ()
    type: str | None = None
    types: tuple[str, ...] = ()
    status: str | None = None
    reminders: tuple[str, ...] | None = None
    shopping: tuple[str, ...] | None = None
    model: bool = False
    restart: bool = False


class Conversation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Messages that follow each other.

    Attributes:
        name: What happens in it.
        language: What it is held in.
        lines: The messages.
        anew: It has to begin where nothing was said before, as it cannot on WhatsApp.
    """

    name: str
    language: str
    lines: tuple[Line, ...]
    anew: bool = False


def load(file: str) -> list[Conversation]:
    """Return the conversations of a data file."""
    data = tomllib.loads((FOLDER / file).read_text(encoding="utf-8"))
    return msgspec.convert(data["conversation"], list[Conversation])


def hold(server: Server, conversation: Conversation) -> None:
    """Hold a conversation, and check each answer."""
    forget_everything(server)
    name = f"dialogue-{uuid.uuid4()}"
    for line in conversation.lines:
        if line.restart:
            server.stop()
            server.start()
        response = server.request(
            "POST",
            "/v1/chat",
            headers={"Accept-Language": conversation.language},
            json={"message": line.say, "conversation_id": name},
        )
        assert response.status_code == 200, response.text
        check(server, line, response.json())


def check(server: Server, line: Line, answer: dict[str, Any]) -> None:
    """Check what came of a message."""
    told = f"{line.say!r} -> {answer['content']!r} ({answer.get('command')})"
    assert (answer["model"] != "commands") == line.model, told
    check_words(line, answer["content"])
    if line.type is not None:
        assert answer["command"]["type"] == line.type, told
    if line.types:
        assert tuple(one["type"] for one in answer["commands"]) == line.types, told
    if line.status is not None:
        assert answer["command"]["status"] == line.status, told
    check_stored(server, line, told)


def check_words(line: Line, content: str) -> None:
    """Check what was answered to a message."""
    told = f"{line.say!r} -> {content!r}"
    for words in line.hear:
        assert words in content, f"{words!r} is missing: {told}"
    for words in line.not_hear:
        assert words not in content, f"{words!r} was said: {told}"


def check_stored(server: Server, line: Line, told: str) -> None:
    """Check what is stored after a message."""
    if line.reminders is not None:
        assert reminders(server) == line.reminders, told
    if line.shopping is not None:
        assert shopping(server) == line.shopping, told


def reminders(server: Server) -> tuple[str, ...]:
    """Return the titles of the open reminders, the earliest first."""
    listed = server.request("GET", "/v1/reminders?status=open&limit=500").json()
    return tuple(row["title"] for row in listed)


def shopping(server: Server) -> tuple[str, ...]:
    """Return what is on the shopping list."""
    found = _shopping_list(server)
    if found is None:
        return ()
    items = server.request("GET", f"/v1/lists/{found}").json()["items"]
    return tuple(item["text"] for item in items)


def forget_everything(server: Server) -> None:
    """Delete all reminders, and the shopping list."""
    for row in server.request("GET", "/v1/reminders?limit=500").json():
        server.request("DELETE", f"/v1/reminders/{row['id']}")
    if found := _shopping_list(server):
        server.request("DELETE", f"/v1/lists/{found}")


def _shopping_list(server: Server) -> str | None:
    listed = server.request("GET", "/v1/lists").json()
    return next((one["id"] for one in listed if one["key"] == "shopping"), None)
