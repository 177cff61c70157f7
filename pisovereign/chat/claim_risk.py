"""Whether an answer may claim a deed, known before its first word.

A model claims what somebody asked for, or what was spoken of just before. Where nobody has spoken
of a deed its words need not be held; what it claims all the same is noticed behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from pisovereign.chat.claims import ClaimDetector
from pisovereign.chat.types import ANSWERED_BY, Turn
from pisovereign.languages.sentences import asks_with_question_word, is_question
from pisovereign.memory.service import MemoryService
from pisovereign.parsing.service import ParseService

_LEAST_ASKED = 0.2
"""The least probability that a message asks for something with which it may be answered so."""
_LEAST_WORDS = 3
"""Fewer words answer a question of ours: "yes, please"."""
_RECENT = 6
"""Turns before a message that it may go on from."""


class ClaimRisk:
    """Tells which answers may claim a deed.

    Args:
        detector: Knows the words of deeds.
        parsing: Says how likely a message asks for something.
        memory: Says whether it states what may be learned, which a model claims to have noted.
    """

    def __init__(
        self, detector: ClaimDetector, parsing: ParseService, memory: MemoryService
    ) -> None:
        self._detector = detector
        self._parsing = parsing
        self._memory = memory

    def looks_like_talk(self, message: str) -> bool:
        """Return whether a message looks like talk at once, and not like an order or an answer."""
        if len(message.split()) < _LEAST_WORDS:
            return False
        return asks_with_question_word(message) or not self._detector.names_deeds(message)

    async def of(
        self, user: UUID, message: str, history: Sequence[Turn], others: Sequence[str | None] = ()
    ) -> bool:
        """Return whether the answer to a message may claim a deed.

        Args:
            user: Whose message it is.
            message: What they wrote.
            history: The turns before it, oldest first.
            others: Texts of others that are in the prompt, which may ask for it as well.
        """
        recent = history[-_RECENT:]
        if any(turn.model == ANSWERED_BY or turn.tools is not None for turn in recent):
            return True
        said = [turn.said for turn in recent if turn.role == "user"]
        if not is_question(message):
            said += [turn.sent for turn in recent[-1:]]  # it may answer an offer
        if any(map(self._detector.names_deeds, (message, *said, *filter(None, others)))):
            return True
        if await self._parsing.asks_for_deeds(user, message) >= _LEAST_ASKED:
            return True
        return not is_question(message) and await self._memory.would_learn(message)
