"""Messages that approve what waits: "yes, approve".

A plain "yes" approves nothing. Only what was asked for in this conversation can be meant, and only
right after the answer that showed it.
"""

from __future__ import annotations

from pisovereign.dialogue.reading import Reading
from pisovereign.dialogue.types import Decide, KnownState, Plan

_LONGEST_S = 1800.0
"""How long after the answer that showed it something is approved by a word."""


def decide(known: KnownState | None, reading: Reading) -> Plan | None:
    """Return the plan to approve what the last answer showed; None: that is not what is said.

    Args:
        known: What the conversation is about; None: nothing that is known.
        reading: The message.
    """
    if not reading.has("approve") or not reading.consists_of("yes", "approve", "pronoun"):
        return None
    if reading.is_question or not reading.times.is_empty:
        return None
    step = Decide(waiting=(), shown=(), text="", whole=None)
    if known is not None:
        state = known.state
        just_now = known.turns == 0 and known.age_s <= _LONGEST_S
        asked = [done for done in (state.effect, state.last) if done and done.approval]
        step = Decide(
            waiting=state.waiting,
            shown=state.asked if just_now else (),
            text=asked[0].text if asked and just_now else "",
            whole=state.whole if just_now else None,
        )
    return Plan(steps=(step,), language=reading.language)
