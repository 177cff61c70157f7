"""From words to a command, by rules alone: the same words at the same time mean the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from zoneinfo import ZoneInfo

import msgspec

from pisovereign.actions.computable import is_no_arithmetic
from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import Command, RunCatalogCommand
from pisovereign.connectors.home_assistant.types import House
from pisovereign.languages import LANGUAGES, Language
from pisovereign.languages.words import lowered
from pisovereign.parsing.arguments import Filled
from pisovereign.parsing.confidence import BY_MODEL, BY_RULE, NO_COMMAND, NOT_ALONE, reported
from pisovereign.parsing.intent_acceptance import (
    RUN,
    SURE_EFFECT,
    UNSUPPORTED,
    accept,
    intent_of,
    is_overruled,
    system_command,
)
from pisovereign.parsing.intent_model import Guess
from pisovereign.parsing.language_rules import LanguageRules
from pisovereign.parsing.model_proposals import Proposal
from pisovereign.parsing.task_home import waits_on_a_server
from pisovereign.parsing.types import CatalogEntry, Interpretation, Parsed
from pisovereign.reading.clause_boundaries import Halves, halves_of
from pisovereign.reading.message import Message, MessageReader
from pisovereign.reading.requests import Request
from pisovereign.reading.time_fragments import TimeSlots
from pisovereign.reading.times.resolution import Moment
from pisovereign.reading.utterance import one_line

_CALENDAR = "calendar"


class Parser:
    """Parses commands; holds rules but no state, and is made once."""

    def __init__(self) -> None:
        self._by_language: dict[Language, LanguageRules] = {
            language: LanguageRules(language) for language in LANGUAGES
        }
        self._reader = MessageReader(self._by_language)

    def message(self, text: str, at: Moment) -> Message:
        """Return a message with what it says, as everything else here takes it."""
        return self._reader.read(text, at)

    def parse(
        self, text: str, now: dt.datetime, zone: ZoneInfo, catalog: Iterable[CatalogEntry]
    ) -> Parsed:
        """Return the command that a text is by rules alone, if it is one.

        Args:
            text: What somebody said.
            now: When; aware.
            zone: Where, which decides what a time of day means.
            catalog: The system commands that there are.
        """
        return self.by_rules(self.message(text, Moment.of(now, zone)), catalog)

    def by_rules(self, message: Message, catalog: Iterable[CatalogEntry]) -> Parsed:
        """Return the command that a message is by rules alone, if it is one."""
        entries = {entry.id: entry for entry in catalog}
        found = [
            interpretation
            for code in message.possible
            if (
                interpretation := self._interpret(
                    self._by_language[code], message.requests[code].each, entries
                )
            )
        ]
        if not found:
            return self.nothing()
        best = max(found, key=lambda interpretation: interpretation.confidence)
        return self.parsed(best, entries)

    def at_home(self, message: Message, house: House) -> Parsed | None:
        """Return what a sentence asks of a house; None: nothing that this house has.

        Nothing can be put off there: with a time that is said, a sentence asks for something else.
        """
        for known in (True, False):
            for code, requests in message.requests.items():
                if len(requests.each) != 1 or requests.each[0].utterance.is_retracted:
                    continue
                rules, request = self._by_language[code], requests.each[0]
                said = request.utterance.normalized
                command = rules.home.read(said, house) if known else rules.home.unknown(said, house)
                if command is None or (not known and request.times):
                    continue
                return self.parsed(Interpretation(command, BY_RULE), {})
        return None

    def needs_catalog(self, message: Message) -> bool:
        """Return whether it may be a system command; if not, the catalog is not needed."""
        return any(
            self._by_language[code].queries.catalog_commands.may_match(request.utterance)
            for code in message.possible
            for request in message.requests[code].each
        )

    def without_remarks(self, message: Message) -> Iterator[Message]:
        """Yield what is left of a message without a clause that only tells how something is.

        What is left is understood without that clause: "I have the butter, drop it" is not.
        """
        forms = self._by_language[message.language].arguments.forms
        for first, rest in halves_of(message.text):
            for remark, order in ((first, rest), (rest, first)):
                tells = forms.is_remark(lowered(one_line(remark)))
                if not tells or forms.refers_back(lowered(one_line(order))):
                    continue
                yield self.message(order, message.at)

    def allowed(self, message: Message, guesses: Sequence[Guess]) -> list[Guess]:
        """Return the guesses that no word of a message rules out."""
        request = message.requests[message.language].whole
        if request is None:
            return list(guesses)
        rules, said = self._rules_for(message), request.utterance
        return [g for g in guesses if not any(r.contradict(g.intent, said) for r in rules)]

    def weigh(
        self, message: Message, guesses: Sequence[Guess], catalog: Sequence[CatalogEntry]
    ) -> Parsed:
        """Return what rules read, unless the intent model knows better; else what it reads.

        Args:
            message: What somebody said.
            guesses: What it may ask for, the likeliest first; none: rules alone decide.
            catalog: The system commands that there are.
        """
        parsed = self.by_rules(message, catalog)
        allowed = self.allowed(message, guesses)
        if parsed.command is not None and not is_overruled(parsed.command, guesses, allowed):
            return parsed
        return self.by_intent(message, allowed, catalog) or self.nothing()

    def by_intent(
        self, message: Message, guesses: Sequence[Guess], catalog: Iterable[CatalogEntry]
    ) -> Parsed | None:
        """Return what a message asks for by the guesses of the intent model; None: nothing.

        Args:
            message: What somebody said.
            guesses: What it may ask for, the likeliest first.
            catalog: The system commands that there are.
        """
        request = message.requests[message.language].whole
        if request is None or not guesses:
            return None
        utterance = request.utterance
        rules, possible = self._by_language[message.language], self._rules_for(message)
        unserved = next(filter(None, (each.unserved(utterance) for each in possible)), None)
        if unserved is not None:
            return self._unsupported(unserved, BY_RULE)
        believed = accept(guesses, utterance, rules.guards)
        if believed is None or any(r.contradict(believed.intent, utterance) for r in possible):
            return None
        if believed.intent.startswith(UNSUPPORTED):
            return self._unsupported(believed.intent.removeprefix(UNSUPPORTED), believed.confidence)
        entries = {entry.id: entry for entry in catalog}
        if believed.intent.startswith(RUN):
            command = system_command(believed.intent, entries)
            found = Interpretation(command, believed.confidence) if command else None
            return self.parsed(found, entries) if found else None
        if believed.intent == _CALENDAR and rules.tell_of_the_past(request):
            return None
        filled = rules.arguments.by_intent(request, believed.intent)
        if filled is None:
            return None
        if filled.command and is_no_arithmetic(filled.command):
            return None
        if filled.command and believed.confidence < SURE_EFFECT:
            # Who plainly asks for arithmetic is told that it cannot be calculated.
            filled = filled if rules.arguments.is_computable(filled.command) else None
        return self._filled(filled, believed.confidence, entries) if filled else None

    def _unsupported(self, what: str, confidence: float) -> Parsed:
        return msgspec.structs.replace(
            self.nothing(), confidence=reported(confidence), unsupported=what
        )

    def _filled(
        self, filled: Filled, confidence: float, catalog: dict[str, CatalogEntry]
    ) -> Parsed:
        if filled.command is not None:
            return self.parsed(Interpretation(filled.command, confidence), catalog)
        return Parsed(
            parsed=True,
            command=None,
            confidence=reported(confidence),
            requires_approval=False,
            incomplete=filled.incomplete,
            missing=filled.missing,
        )

    def accept(self, message: Message, proposal: Proposal) -> Parsed | None:
        """Return the command that a model proposes for a message, if the words bear it out.

        It has to be approved if it changes anything.
        """
        requests = message.requests[message.language].each
        if len(requests) != 1:
            return None
        if requests[0].utterance.is_about_text or requests[0].utterance.is_undoing:
            return None
        command = self._by_language[message.language].proposals.interpret(requests[0], proposal)
        if command is None:
            return None
        return Parsed(
            parsed=True,
            command=command,
            confidence=reported(BY_MODEL),
            requires_approval=spec_of(command).side_effects,
        )

    def time_phrase(self, text: str, now: dt.datetime, zone: ZoneInfo) -> str | None:
        """Return the words of a text that say when, if there are any: "next week"."""
        at = Moment.of(now, zone)
        normalized = lowered(text)
        for rules in self._by_language.values():
            if found := rules.times.find(normalized, at.local, at.zone):
                return text[found[0].start : found[-1].end]
        return None

    def halves(self, message: Message) -> Iterator[Halves]:
        """Yield ways to part a message into two requests, none of them within a time."""
        # Most messages have no such place, and finding times is what takes long.
        return halves_of(message.text, lambda: self._time_spans(message))

    def _time_spans(self, message: Message) -> list[tuple[int, int]]:
        """Return where phrases about time stand in a message, in any language it may be in."""
        at, normalized = message.at, lowered(message.text)
        return [
            (phrase.start, phrase.end)
            for code in message.possible
            for phrase in self._by_language[code].times.find(normalized, at.local, at.zone)
        ]

    def times(self, language: Language, text: str, now: dt.datetime, zone: ZoneInfo) -> TimeSlots:
        """Return the times in a few words of a language; positions are those of `text`."""
        at = Moment.of(now, zone)
        found = self._by_language[language].times.find(lowered(text), at.local, at.zone)
        return TimeSlots(found, at)

    def nothing(self) -> Parsed:
        """Return the result for what is no command."""
        return Parsed(
            parsed=False,
            command=None,
            confidence=NO_COMMAND,
            requires_approval=False,
        )

    def parsed(self, interpretation: Interpretation, catalog: dict[str, CatalogEntry]) -> Parsed:
        """Return an interpretation as a result."""
        return Parsed(
            parsed=True,
            command=interpretation.command,
            confidence=reported(interpretation.confidence),
            requires_approval=_requires_approval(interpretation.command, catalog),
        )

    def _rules_for(self, message: Message) -> list[LanguageRules]:
        """Return the rules of each language that a message may be in."""
        return [self._by_language[code] for code in message.requests]

    def _interpret(
        self,
        rules: LanguageRules,
        requests: Sequence[Request],
        catalog: dict[str, CatalogEntry],
    ) -> Interpretation | None:
        """Return the only command of a message; two would be ambiguous, whatever the second is."""
        found = [
            interpretation
            for request in requests
            if (interpretation := self._interpret_one(rules, request, catalog))
        ]
        utterances = [request.utterance for request in requests]
        undone = [utterance for utterance in utterances if utterance.is_undoing]
        if undone and not (len(utterances) == 1 and found):
            return None
        asked = sum(utterance.is_polite or utterance.is_question for utterance in utterances)
        if len(found) != 1 or (len(utterances) > 1 and asked > 1):
            return None
        confidence = found[0].confidence - (0 if utterances[0].is_alone else NOT_ALONE)
        return Interpretation(found[0].command, confidence)

    def _interpret_one(
        self, rules: LanguageRules, request: Request, catalog: dict[str, CatalogEntry]
    ) -> Interpretation | None:
        utterance = request.utterance
        if utterance.is_retracted:
            return None
        found = self._found(rules, request, catalog)
        if found is None or rules.contradict(intent_of(found.command), utterance):
            return None
        return None if spec_of(found.command).side_effects and rules.unserved(utterance) else found

    def _found(
        self, rules: LanguageRules, request: Request, catalog: dict[str, CatalogEntry]
    ) -> Interpretation | None:
        command, utterance = rules.arguments.by_form(request), request.utterance
        if command is not None and not (
            spec_of(command).side_effects and rules.guards.refuse_form(utterance, command)
        ):
            return Interpretation(command, BY_RULE)
        if utterance.is_undoing:
            return None
        return (
            rules.reminders.interpret(request)
            or rules.events.interpret(request)
            or rules.queries.interpret(request, catalog)
        )


def _requires_approval(command: Command, catalog: dict[str, CatalogEntry]) -> bool:
    if isinstance(command, RunCatalogCommand):
        return catalog[command.catalog_id].requires_approval
    return waits_on_a_server(command)
