"""Sentences for commands that changed nothing, as it is not clear what is meant."""

from __future__ import annotations

from pisovereign.actions.messages import bullets
from pisovereign.actions.outcome import Outcome
from pisovereign.languages.messages import Messages


def describe_choices(things: str, result: Outcome, messages: Messages) -> str:
    """Return what there is to choose from, to confirm, or instead of what was not found."""
    if not result.choices:
        return messages.say(f"{things}.none")
    listed = bullets([choice.title for choice in result.choices], messages)
    return messages.say(f"{things}.{result.status}", list=listed)
