"""Acceptance of the intent model's guesses, and what of a sentence forbids it.

Nothing with an effect is read from a sentence that denies, supposes, quotes, looks back or speaks
of others, however sure the model is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import msgspec

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import (
    AddToList,
    Calculate,
    CancelReminders,
    Command,
    ConvertUnits,
    CreateCalendarEvent,
    CreateList,
    CreateReminder,
    CurrentWeather,
    DateTimeQuestion,
    DeleteCalendarEvent,
    DeleteList,
    EmailSummary,
    ForgetMemory,
    Help,
    ListCalendarEvents,
    ListReminders,
    MorningBriefing,
    MoveCalendarEvent,
    MoveReminder,
    RecallMemory,
    Remember,
    RemoveFromList,
    RunCatalogCommand,
    SetAlarm,
    SetTimer,
    ShowList,
    SnoozeReminder,
)
from pisovereign.languages import Language, load_data
from pisovereign.languages.patterns import PatternExpander
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.patterns import CommandPatterns
from pisovereign.parsing.types import CatalogEntry
from pisovereign.parsing.utterance import RequestExtractor, Utterance

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
_LEAST_OF: Mapping[str, float] = {"recall": 0.8, "remember": 0.8, "forget": 0.8, "help": 0.7}
_LEAST_UNSUPPORTED = 0.6
# Of what the language model proposes: the intent model has only to hold it possible.
_LEAST_AGREEMENT, _LEAST_AGREEMENT_ON_EFFECT = 0.1, 0.3
_LEAST_SYSTEM = 0.75
_READING = frozenset((
    "calendar", "weather", "emails", "briefing", "help", "reminders", "alarms", "timers",
    "list_show", "clock", "sum", "units", "recall",
))  # fmt: skip
OF_THE_WORLD = frozenset((
    "weather", "help", "clock", "sum", "units", "unsupported.currency", "unsupported.movies",
    "unsupported.news", "unsupported.places", "unsupported.stocks", "unsupported.tickets",
    "unsupported.traffic", "unsupported.transport",
))  # fmt: skip
"""What is asked of the world or of the program: no deed, and nothing of the asker's own."""
# They take something back, so that an order that does is one of them or none.
_UNDOING = frozenset((
    "cancel_reminder", "cancel_alarm", "cancel_timer", "delete_event", "move_reminder",
    "move_event", "list_remove", "list_delete", "forget",
))  # fmt: skip


def bears_out(intent: str, guesses: Sequence[Guess]) -> bool:
    """Return whether the intent model agrees with what the language model proposes.

    While nothing is guessed, because the encoders are away, only what reads something is borne out.
    """
    if not guesses:
        return intent in _READING
    least = _LEAST_AGREEMENT if intent in _READING else _LEAST_AGREEMENT_ON_EFFECT
    return any(guess.intent == intent and guess.probability >= least for guess in guesses)


_OWN_WORDS = (CancelReminders, CreateReminder, ForgetMemory, Remember)
_DOUBTFUL, _DOUBTFUL_EFFECT = 0.05, 0.1
_SURE = 0.9
_SURE_OF_ANOTHER = 0.5
_SURE_OF_NOTHING = 0.7
_INTENT_OF: Mapping[type[msgspec.Struct], str] = {
    AddToList: "list_add",
    Calculate: "sum",
    CancelReminders: "cancel_reminder",
    ConvertUnits: "units",
    CreateCalendarEvent: "event",
    CreateList: "list_new",
    CreateReminder: "reminder",
    CurrentWeather: "weather",
    DateTimeQuestion: "clock",
    DeleteCalendarEvent: "delete_event",
    DeleteList: "list_delete",
    EmailSummary: "emails",
    ForgetMemory: "forget",
    Help: "help",
    ListCalendarEvents: "calendar",
    ListReminders: "reminders",
    MorningBriefing: "briefing",
    MoveCalendarEvent: "move_event",
    MoveReminder: "move_reminder",
    RecallMemory: "recall",
    Remember: "remember",
    RemoveFromList: "list_remove",
    SetAlarm: "alarm",
    SetTimer: "timer",
    ShowList: "list_show",
    SnoozeReminder: "snooze",
}
_OF_KIND: Mapping[tuple[str, str | None], str] = {
    ("reminders", "alarm"): "alarms",
    ("reminders", "timer"): "timers",
    ("cancel_reminder", "alarm"): "cancel_alarm",
    ("cancel_reminder", "timer"): "cancel_timer",
}


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
        return self._depends(utterance) or bool(refused and not isinstance(command, _OWN_WORDS))

    def _depends(self, utterance: Utterance) -> bool:
        """Return whether a sentence asks, or depends on something."""
        asks = utterance.is_question and not utterance.is_polite
        return asks or bool(self._conditional.search(utterance.normalized))

    def refuse(self, utterance: Utterance, requests: RequestExtractor) -> bool:
        """Return whether nothing with an effect may be read from a sentence."""
        return (
            self._depends(utterance)
            or requests.is_about_text(utterance)
            or requests.is_retracted(utterance)
            or bool(self._refusals.search(utterance.normalized))
        )


def load_guards(language: Language) -> re.Pattern[str]:
    """Return what forbids effects in a language."""
    data = load_data(language, "forms")
    return re.compile(PatternExpander({}).expand(data["refusals"]))


def accept(
    guesses: Sequence[Guess],
    utterance: Utterance,
    requests: RequestExtractor,
    guards: EffectGuards,
) -> AcceptedIntent | None:
    """Return the likeliest intent if it is believed; None if it is not, or if it is talk."""
    intent, probability = guesses[0]
    if intent == NOTHING:
        return None
    if intent.startswith(UNSUPPORTED):
        refused = requests.is_about_text(utterance) or probability < _LEAST_UNSUPPORTED
        return None if refused else AcceptedIntent(intent, probability)
    if intent.startswith(RUN):
        refused = requests.is_undoing(utterance) or probability < _LEAST_SYSTEM
        return None if refused else AcceptedIntent(intent, probability)
    if intent in _READING:
        refused = requests.is_undoing(utterance) or requests.is_retracted(utterance)
        least = _LEAST_OF.get(intent, LEAST_READING)
        return None if refused or probability < least else AcceptedIntent(intent, probability)
    if probability < _LEAST_OF.get(intent, LEAST_EFFECT):
        return None
    # A mail is shown before it is sent, and what it quotes is what it says.
    quotes = intent == "send_email" and probability >= SURE_EFFECT
    if guards.refuse(utterance, requests) and not quotes:
        return None
    if requests.is_undoing(utterance) and intent not in _UNDOING:
        return None
    return AcceptedIntent(intent, probability if probability >= SURE_EFFECT else ASKED_BACK)


def is_overruled(command: Command, guesses: Sequence[Guess]) -> bool:
    """Return whether the intent model is sure that a command that rules read is another one.

    Args:
        command: What rules read.
        guesses: What the model guesses, the likeliest first.
    """
    # What rules read as a system command names it; the model knows only some of these. And what is
    # to be remembered, or forgotten, may be about anything.
    # Of putting off it knows nothing at all, and takes it for the alarm.
    kinds = RunCatalogCommand | Remember | ForgetMemory | SnoozeReminder
    if not guesses or isinstance(command, kinds):
        return False
    name = intent_of(command)
    own = sum(guess.probability for guess in guesses if guess.intent.startswith(name))
    another = guesses[0]
    if not spec_of(command).side_effects:
        # Rules read a question whole or not at all, so that only another command is believed.
        return own < _DOUBTFUL and another.intent != NOTHING and another.probability >= _SURE
    sure = _SURE_OF_NOTHING if another.intent == NOTHING else _SURE_OF_ANOTHER
    return own < _DOUBTFUL_EFFECT and another.probability >= sure


def intent_of(command: Command) -> str:
    """Return the intent that a command answers to."""
    name = _INTENT_OF.get(type(command), "")
    kind = getattr(command, "kind", None)
    return _OF_KIND.get((name, kind), name)


def system_command(intent: str, catalog: Mapping[str, CatalogEntry]) -> RunCatalogCommand | None:
    """Return the system command of an intent; None if it needs an approval or an argument."""
    entry = catalog.get(f"default-{intent.removeprefix(RUN)}")
    if entry is None or entry.requires_approval or entry.arguments:
        return None
    return RunCatalogCommand(catalog_id=entry.id)
