"""From words to a command, by rules alone: the same words at the same time mean the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from pisovereign.actions.registry import spec_of
from pisovereign.actions.types import Command, RunCatalogCommand
from pisovereign.languages.detection import detect_language
from pisovereign.parsing.confidence import BY_MODEL, NO_COMMAND, NOT_ALONE, stated
from pisovereign.parsing.english import ENGLISH
from pisovereign.parsing.events import EventRules
from pisovereign.parsing.german import GERMAN
from pisovereign.parsing.phrases import Phrases
from pisovereign.parsing.proposal import Proposed
from pisovereign.parsing.proposal_rules import ProposalRules
from pisovereign.parsing.queries import QueryRules
from pisovereign.parsing.questions import Question, QuestionRules
from pisovereign.parsing.reminders import ReminderRules
from pisovereign.parsing.times.reader import TimeReader
from pisovereign.parsing.times.when import Moment
from pisovereign.parsing.types import CatalogEntry, Parsed, Reading
from pisovereign.parsing.utterance import Listener, Utterance, heard, plain_form


class _LanguageRules:
    """All rules of one language."""

    def __init__(self, phrases: Phrases) -> None:
        self.listener = Listener(phrases.manners)
        self.times = TimeReader(phrases.times)
        self.queries = QueryRules(phrases)
        self.reminders = ReminderRules(phrases)
        self.events = EventRules(phrases)
        self.questions = QuestionRules(phrases)
        self.proposals = ProposalRules(phrases)


class Parser:
    """Reads commands; holds rules but no state, and is made once."""

    def __init__(self) -> None:
        self._by_language = {p.language: _LanguageRules(p) for p in (ENGLISH, GERMAN)}

    def parse(
        self, text: str, now: dt.datetime, zone: ZoneInfo, catalog: Iterable[CatalogEntry]
    ) -> Parsed:
        """The command that `text` is, if it is one.

        Args:
            text: what somebody said.
            now: when; aware.
            zone: where, which decides what a time of day means.
            catalog: the system commands that there are.
        """
        at = Moment.of(now, zone)
        entries = {entry.id: entry for entry in catalog}
        said = heard(text)
        readings = [
            reading
            for rules in self._by_language.values()
            if (reading := self._reading(rules, rules.listener.utterances(said), at, entries))
        ]
        if not readings:
            return self.nothing()
        best = max(readings, key=lambda reading: reading.certainty)
        return self.parsed(best, entries)

    def needs_catalog(self, text: str) -> bool:
        """Whether `text` may be a system command; if not, it is read without the catalog."""
        said = heard(text)
        return any(
            rules.queries.system.concern(utterance)
            for rules in self._by_language.values()
            for utterance in rules.listener.utterances(said)
        )

    def question(self, text: str, now: dt.datetime, zone: ZoneInfo) -> Question | None:
        """The one short question that `text` may be, for what the rules do not understand."""
        at, rules = Moment.of(now, zone), self._spoken(text)
        utterances = rules.listener.utterances(heard(text))
        if len(utterances) != 1 or rules.listener.undoes(utterances[0]):
            return None
        times = rules.times.find(utterances[0].plain, at.local, at.zone)
        return rules.questions.read(utterances[0], times, at)

    def proposed(
        self, text: str, now: dt.datetime, zone: ZoneInfo, proposed: Proposed
    ) -> Parsed | None:
        """What a model makes of `text`, if the words bear it out.

        Whatever changes something has to be approved then.
        """
        at, rules = Moment.of(now, zone), self._spoken(text)
        utterances = rules.listener.utterances(heard(text))
        if len(utterances) != 1:
            return None
        if rules.listener.is_about_text(utterances[0]) or rules.listener.undoes(utterances[0]):
            return None
        times = rules.times.find(utterances[0].plain, at.local, at.zone)
        command = rules.proposals.read(utterances[0], times, at, proposed)
        if command is None:
            return None
        return Parsed(
            parsed=True,
            command=command,
            confidence=stated(BY_MODEL),
            requires_approval=spec_of(command).side_effects,
        )

    def time_phrase(self, text: str, now: dt.datetime, zone: ZoneInfo) -> str | None:
        """The words of a text that say when, if there are any: "next week"."""
        at = Moment.of(now, zone)
        plain = plain_form(text)
        for rules in self._by_language.values():
            if found := rules.times.find(plain, at.local, at.zone):
                return text[found[0].start : found[-1].end]
        return None

    def nothing(self) -> Parsed:
        """No command."""
        return Parsed(
            parsed=False,
            command=None,
            confidence=NO_COMMAND,
            requires_approval=False,
        )

    def parsed(self, reading: Reading, catalog: dict[str, CatalogEntry]) -> Parsed:
        """A reading as a response."""
        return Parsed(
            parsed=True,
            command=reading.command,
            confidence=stated(reading.certainty),
            requires_approval=_requires_approval(reading.command, catalog),
        )

    def _spoken(self, text: str) -> _LanguageRules:
        return self._by_language[detect_language(text, "en")]

    def _reading(
        self,
        rules: _LanguageRules,
        utterances: list[Utterance],
        at: Moment,
        catalog: dict[str, CatalogEntry],
    ) -> Reading | None:
        """The one command of a message; two would be one too many, also if one is none of ours."""
        if any(rules.listener.undoes(said) for said in utterances):
            return None
        found = [reading for said in utterances if (reading := self._one(rules, said, at, catalog))]
        asked = sum(said.polite or said.asks for said in utterances)
        if len(found) != 1 or (len(utterances) > 1 and asked > 1):
            return None
        certainty = found[0].certainty - (0 if utterances[0].alone else NOT_ALONE)
        return Reading(found[0].command, certainty)

    def _one(
        self,
        rules: _LanguageRules,
        said: Utterance,
        at: Moment,
        catalog: dict[str, CatalogEntry],
    ) -> Reading | None:
        if rules.listener.is_taken_back(said):
            return None
        times = rules.times.find(said.plain, at.local, at.zone)
        return (
            rules.reminders.read(said, times, at)
            or rules.events.read(said, times, at)
            or rules.queries.read(said, times, at, catalog)
        )


def _requires_approval(command: Command, catalog: dict[str, CatalogEntry]) -> bool:
    approval = spec_of(command).approval
    if approval == "depends" and isinstance(command, RunCatalogCommand):
        return catalog[command.catalog_id].requires_approval
    return approval == "always"
