"""Conversations in which each message goes on from those before it, with the running program."""

from __future__ import annotations

import pytest

from tests.dialogue.conversations import FOLDER, Conversation, hold, load
from tests.support.equipped import Equipped

FILES = sorted(path.name for path in FOLDER.glob("??.toml"))


@pytest.mark.parametrize(
    "conversation",
    [conversation for file in FILES for conversation in load(file)],
    ids=lambda conversation: f"{conversation.language}: {conversation.name}",
)
def test_a_conversation(equipped: Equipped, conversation: Conversation) -> None:
    hold(equipped.server, conversation)
