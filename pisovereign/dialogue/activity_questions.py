"""Questions about what the program did: "what did you just do?", "did you set the alarm?".

They are answered by what is stored: a model would say what it was asked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pisovereign.actions import types
from pisovereign.actions.types import Command
from pisovereign.dialogue.followups import gone
from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.types import Ask, DialogueState, Plan, Question, Run, Say, Step

_MOST_WORDS = 4
_SHOWN_BY: Mapping[str, Command] = {
    "reminder": types.ListReminders(kind="reminder"),
    "alarm": types.ListReminders(kind="alarm"),
    "timer": types.ListReminders(kind="timer"),
    "event": types.ListCalendarEvents(),
    "item": types.ShowList(),
    "list": types.ShowList(),
}


def activity_answer(
    state: DialogueState | None, question: Question | None, reading: Reading
) -> Plan | None:
    """Return the plan to tell what was done; None: that is not what a message asks.

    Args:
        state: What was done; None: nothing that is known.
        question: What waits for an answer, and was asked after that.
        reading: The message.
    """
    begins = reading.has("account") and reading.begins_with("account", "also")
    asks = begins and not reading.content
    whether = reading.begins_with("did") and len(reading.content.split()) <= _MOST_WORDS
    if not asks and not whether:
        return None
    things = reading.things - {"mail"}
    if len(things) == 1 and (shown := _SHOWN_BY.get(*things)) is not None:
        return Plan(steps=(Run(command=shown),), language=reading.language)
    if not asks and reading.content and not reading.things:
        return None
    steps = tuple(_told(state, question))
    # What still is asked for is asked anew, and not twice.
    return Plan(steps=steps, language=reading.language, answered=len(steps) > 1)


def _told(state: DialogueState | None, question: Question | None) -> Sequence[Step]:
    if question is not None and question.type:
        return Say(key="did_nothing_yet"), Ask(question)
    done = state.last if state is not None else None
    if done is None:
        return (Say(key="did_nothing"),)
    if done.ended == "gone" or not done.text:
        return gone(done)
    return (Say(key="did_last", values={"text": done.text}),)
