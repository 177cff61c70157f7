"""What somebody wants, as the intent model guesses it from the vectors of what they say."""

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
        known = [encoder for encoder in encoders.encoders if encoder.model in model.encoders]
        self._encoders = EncoderSet(known)
        self._model = model

    async def guesses(self, user: UUID, language: Language, core: str) -> list[Guess]:
        """Return the intents that a sentence may have, the likeliest first; none if nobody knows.

        Args:
            user: Who says it.
            language: What it is in.
            core: The sentence as `Parser.core` gives it.
        """
        asked = EncoderSet(
            [e for e in self._encoders.encoders if self._model.knows(e.model, language)]
        )
        if not asked.encoders:
            return []
        vectors = await asked.question(user, core, LIMIT_S)
        return self._model.guesses(vectors) if vectors else []
