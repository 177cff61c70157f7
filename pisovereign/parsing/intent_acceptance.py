"""Acceptance of the intent model's guesses, and what of a sentence forbids it.

Nothing with an effect is read from a sentence that denies, supposes, quotes, looks back or speaks
of others, however sure the model is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from pisovereign.actions.registry import INTENTS, intents_of, spec_of
from pisovereign.actions.types import Command, RunCatalogCommand
from pisovereign.languages import Language, load_data
from pisovereign.languages.patterns import PatternExpander
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.types import CatalogEntry
from pisovereign.reading.patterns import CommandPatterns
from pisovereign.reading.utterance import Utterance

NOTHING = "none"
UNSUPPORTED = "unsupported."
RUN = "run."
LEAST_READING = 0.4
"""The least probability of what only reads something."""
LEAST_EFFECT = 0.35
"""The least probability of what changes something and is asked back for."""
SURE_EFFECT = 0.88
"""The least probability of what changes something and is carried out without asking back.

Of what cross-validation finds above it, one in a thousand is something else.
"""
ASKED_BACK = 0.65
"""The confidence of what has to be asked back for; below what chat carries out."""
_LEAST_UNSUPPORTED = 0.6
# Of what the language model proposes: the intent model has only to hold it possible.
_LEAST_AGREEMENT, _LEAST_AGREEMENT_ON_EFFECT = 0.1, 0.3
_LEAST_SYSTEM = 0.75
_READING = intents_of(lambda spec: not spec.side_effects)
OF_THE_WORLD = intents_of(lambda spec: spec.of_the_world) | frozenset(
    f"{UNSUPPORTED}{what}"
    for what in (
        "currency", "movies", "news", "places", "stocks", "tickets", "traffic", "transport",
    )
)  # fmt: skip
"""What is asked of the world or of the program: no deed, and nothing of the asker's own."""
# They take something back, so that an order that does is one of them or none.
_UNDOING = intents_of(lambda spec: spec.undoes)


def bears_out(intent: str, guesses: Sequence[Guess]) -> bool:
    """Return whether the intent model agrees with what the language model proposes.

    While nothing is guessed, because the encoders are away, only what reads something is borne out.
    """
    if not guesses:
        return intent in _READING
    least = _LEAST_AGREEMENT if intent in _READING else _LEAST_AGREEMENT_ON_EFFECT
    return any(guess.intent == intent and guess.probability >= least for guess in guesses)


_DOUBTFUL, _DOUBTFUL_EFFECT = 0.05, 0.1
_SURE = 0.9
_SURE_OF_ANOTHER = 0.5
_SURE_OF_NOTHING = 0.7


class AcceptedIntent(NamedTuple):
    """An intent that is believed, and the confidence that is reported."""

    intent: str
    confidence: float


class EffectGuards:
    """Guards that forbid reading anything with an effect from a sentence of one language.

    Args:
        patterns: Patterns of the language for commands.
        refusals: What denies, supposes, looks back or speaks of others.
    """

    def __init__(self, patterns: CommandPatterns, refusals: re.Pattern[str]) -> None:
        self._conditional = re.compile(patterns.reminders.conditional)
        self._refusals = refusals

    def refuse_form(self, utterance: Utterance, command: Command) -> bool:
        """Return whether a sentence of a known form may not be carried out.

        Some forms deny ("don't wake me"), and what is remembered may speak of anybody.
        """
        refused = self._refusals.search(utterance.normalized)
        return self._depends(utterance) or bool(refused and not spec_of(command).forms_deny)

    def _depends(self, utterance: Utterance) -> bool:
        """Return whether a sentence asks, or depends on something."""
        asks = utterance.is_question and not utterance.is_polite
        return asks or bool(self._conditional.search(utterance.normalized))

    def refuse(self, utterance: Utterance) -> bool:
        """Return whether nothing with an effect may be read from a sentence."""
        return (
            self._depends(utterance)
            or utterance.is_about_text
            or utterance.is_retracted
            or bool(self._refusals.search(utterance.normalized))
        )


def load_guards(language: Language) -> re.Pattern[str]:
    """Return what forbids effects in a language."""
    data = load_data(language, "forms")
    return re.compile(PatternExpander({}).expand(data["refusals"]))


def accept(
    guesses: Sequence[Guess], utterance: Utterance, guards: EffectGuards
) -> AcceptedIntent | None:
    """Return the likeliest intent if it is believed; None if it is not, or if it is talk."""
    intent, probability = guesses[0]
    if intent == NOTHING:
        return None
    if intent.startswith(UNSUPPORTED):
        refused = utterance.is_about_text or probability < _LEAST_UNSUPPORTED
        return None if refused else AcceptedIntent(intent, probability)
    if intent.startswith(RUN):
        refused = utterance.is_undoing or probability < _LEAST_SYSTEM
        return None if refused else AcceptedIntent(intent, probability)
    if intent in _READING:
        refused = utterance.is_undoing or utterance.is_retracted
        least = _least(intent, LEAST_READING)
        return None if refused or probability < least else AcceptedIntent(intent, probability)
    if probability < _least(intent, LEAST_EFFECT):
        return None
    quotes = intent in INTENTS and INTENTS[intent].quotes and probability >= SURE_EFFECT
    if guards.refuse(utterance) and not quotes:
        return None
    if utterance.is_undoing and intent not in _UNDOING:
        return None
    return AcceptedIntent(intent, probability if probability >= SURE_EFFECT else ASKED_BACK)


def _least(intent: str, otherwise: float) -> float:
    """Return the least probability at which an intent is believed."""
    known = INTENTS.get(intent)
    return otherwise if known is None or known.least is None else known.least


def is_overruled(command: Command, guesses: Sequence[Guess], allowed: Sequence[Guess]) -> bool:
    """Return whether the intent model is sure that a command that rules read is another one.

    Args:
        command: What rules read.
        guesses: What the model guesses: of all intents that it was trained with.
        allowed: Those that no word rules out, the likeliest first.
    """
    name, spec = intent_of(command), spec_of(command)
    # Of what it was not trained with the model knows nothing, and takes it for something else. And
    # what is to be remembered, or forgotten, may be about anything.
    known = name and any(guess.intent.startswith(name) for guess in guesses)
    if not allowed or not known or spec.about_anything:
        return False
    own = sum(guess.probability for guess in allowed if guess.intent.startswith(name))
    another = allowed[0]
    if not spec.side_effects:
        # Rules read a question whole or not at all, so that only another command is believed.
        return own < _DOUBTFUL and another.intent != NOTHING and another.probability >= _SURE
    sure = _SURE_OF_NOTHING if another.intent == NOTHING else _SURE_OF_ANOTHER
    return own < _DOUBTFUL_EFFECT and another.probability >= sure


def intent_of(command: Command) -> str:
    """Return the intent that a command answers to; empty: there is none."""
    return spec_of(command).intent_of(command)


def system_command(intent: str, catalog: Mapping[str, CatalogEntry]) -> RunCatalogCommand | None:
    """Return the system command of an intent; None if it needs an approval or an argument."""
    entry = catalog.get(f"default-{intent.removeprefix(RUN)}")
    if entry is None or entry.requires_approval or entry.arguments:
        return None
    return RunCatalogCommand(catalog_id=entry.id)
