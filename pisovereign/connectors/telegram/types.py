"""Types of the Bot API, as far as they are used; what is missing is empty."""

from __future__ import annotations

from typing import Any

import msgspec


class Sender(msgspec.Struct, frozen=True):
    """An account; `id` is what it is known by, the names are what its owner made up."""

    id: int
    is_bot: bool = False
    username: str = ""
    first_name: str = ""


class Chat(msgspec.Struct, frozen=True):
    """Where something was written."""

    id: int
    type: str = ""


class Voice(msgspec.Struct, frozen=True):
    """A voice message; `duration` is in seconds, the size in bytes."""

    file_id: str
    duration: int = 0
    file_size: int = 0


class Message(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A message; `forward_origin` or `via_bot` is there when somebody else wrote it."""

    message_id: int
    chat: Chat
    date: int = 0
    sender: Sender | None = None
    text: str = ""
    voice: Voice | None = None
    forward_origin: Any = None
    via_bot: Any = None


class Press(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """A press on a button below a message; `data` is what the button carries."""

    id: str
    sender: Sender
    data: str = ""
    message: Message | None = None


class Update(msgspec.Struct, frozen=True):
    """One thing that happened."""

    update_id: int
    message: Message | None = None
    callback_query: Press | None = None
