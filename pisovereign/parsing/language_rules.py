"""All rules of one language, and what they say of a sentence as a whole."""

from __future__ import annotations

from pisovereign.languages import Language
from pisovereign.parsing.arguments import ArgumentRules
from pisovereign.parsing.events import EventRules
from pisovereign.parsing.home import HomeReader
from pisovereign.parsing.intent_acceptance import EffectGuards, load_guards
from pisovereign.parsing.model_proposals import ProposalRules
from pisovereign.parsing.queries import QueryRules
from pisovereign.parsing.reminders import ReminderRules
from pisovereign.reading.patterns import load_patterns
from pisovereign.reading.requests import Request
from pisovereign.reading.times.expressions import Past, expressions_of
from pisovereign.reading.times.finder import TimeFinder
from pisovereign.reading.times.patterns import load_times
from pisovereign.reading.utterance import RequestExtractor, Utterance


class LanguageRules:
    """All rules of one language."""

    def __init__(self, language: Language) -> None:
        patterns, times = load_patterns(language), load_times(language)
        self.sentences = RequestExtractor(patterns.requests)
        self.times = TimeFinder(times)
        self.queries = QueryRules(patterns, times.numbers)
        self.reminders = ReminderRules(patterns)
        self.events = EventRules(patterns)
        self.proposals = ProposalRules(patterns)
        self.arguments = ArgumentRules(language, patterns, times, self.times)
        self.requests = self.arguments.reader
        self.home = HomeReader(language, times.numbers)
        self.guards = EffectGuards(patterns, load_guards(language))

    def unserved(self, utterance: Utterance) -> str | None:
        """Return what a sentence asks for if it is known that nothing here can do it."""
        if utterance.is_about_text:
            return None
        return self.arguments.forms.unserved(utterance.normalized)

    def contradict(self, intent: str, utterance: Utterance) -> bool:
        """Return whether words of a sentence rule out that it has an intent."""
        return self.arguments.forms.contradict(intent, utterance.normalized)

    def tell_of_the_past(self, request: Request) -> bool:
        """Return whether it is told that something took place: no question for what is to come."""
        past = any(isinstance(e, Past) for e in expressions_of(request.times))
        return past and not request.utterance.is_question
