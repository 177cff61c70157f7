"""The words of actions, by the keys that actions name."""

from __future__ import annotations

from pisovereign.languages import Language
from pisovereign.languages.messages import Messages, load_messages


def messages_in(language: Language) -> Messages:
    """Return the texts of a language."""
    return load_messages(language, "actions")
