"""Guesses of the intent model, from the vectors of what somebody says."""

from __future__ import annotations

from uuid import UUID

from pisovereign.engine_client.encoder_set import EncoderSet
from pisovereign.languages import Language
from pisovereign.parsing.intent_model import Guess, IntentModel

# It takes milliseconds; who waits longer is better off with rules alone.
LIMIT_S = 1.0


class IntentReader:
    """Guesses intents.

    Args:
        encoders: The encoders in use; those that the model does not know are not asked.
        model: The intent model.
    """

    def __init__(self, encoders: EncoderSet, model: IntentModel) -> None:
        self._encoders = encoders
        self._model = model

    async def guesses(self, user: UUID, language: Language, core: str) -> list[Guess]:
        """Return the intents that a sentence may have, the likeliest first; none if nobody knows.

        Args:
            user: Who says it.
            language: What it is in.
            core: The sentence as `Parser.core` gives it.
        """
        known = {m for m in self._encoders.models if self._model.knows(m, language)}
        if not known:
            return []
        vectors = await self._encoders.question(user, core, LIMIT_S)
        own = {model: vector for model, vector in vectors.items() if model in known}
        return self._model.guesses(own) if own else []
