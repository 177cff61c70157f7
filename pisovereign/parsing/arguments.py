"""Reading a command whose kind is known, by whatever way it became known."""

from __future__ import annotations

from typing import NamedTuple, cast

from pisovereign.actions.computable import is_computable
from pisovereign.actions.registry import INTENTS, words_in
from pisovereign.actions.types import Command
from pisovereign.languages import Language
from pisovereign.parsing.types import Incomplete
from pisovereign.reading.forms import Forms, Spans
from pisovereign.reading.partial_commands import Wording
from pisovereign.reading.patterns import CommandPatterns
from pisovereign.reading.requests import Request, RequestReader
from pisovereign.reading.times.ambiguity import HourHints
from pisovereign.reading.times.finder import TimeFinder
from pisovereign.reading.times.patterns import TimePatterns
from pisovereign.reading.titles import TitleCleaner


class Filled(NamedTuple):
    """A command with its arguments; if some are `missing`, it is in `incomplete`."""

    command: Command | None
    incomplete: Incomplete | None = None
    missing: tuple[str, ...] = ()


class ArgumentRules:
    """Reads orders and questions that have a known form, and arguments of the others.

    Args:
        language: The code of the language.
        patterns: Its patterns for commands.
        times: Its patterns for times.
        finder: Finds its times.
    """

    def __init__(
        self,
        language: Language,
        patterns: CommandPatterns,
        times: TimePatterns,
        finder: TimeFinder,
    ) -> None:
        hints = HourHints(patterns.mornings, patterns.evenings)
        self.forms = Forms(language, patterns, times, words_in(language))
        self.reader = RequestReader(finder, self.forms, TitleCleaner(patterns), hints)
        self._numbers = times.numbers
        self._language = language

    def by_form(self, request: Request) -> Command | None:
        """Return the command of a sentence that has a known form, if nothing is missing."""
        if not request.is_possible:
            return None
        for form in self.forms.match(request.utterance.normalized, request.cut):
            filled = self._fill(form.intent, request, form.spans)
            if filled.command is not None and self.is_computable(filled.command):
                return filled.command
        return None

    def by_intent(self, request: Request, intent: str) -> Filled | None:
        """Return what a sentence asks for that is known to have an intent; None: it is not read.

        Args:
            request: The sentence.
            intent: One of those that have arguments.
        """
        if intent not in INTENTS:
            return None
        if not INTENTS[intent].past and not request.is_possible:
            return None
        filled: Filled | None = None
        for form in self.forms.match(request.utterance.normalized, request.cut):
            if form.intent.startswith(intent):
                filled = self._fill(form.intent, request, form.spans)
                if filled.command is not None:
                    return filled
        rest = self._fill(intent, request, None)
        # Of two that are incomplete, the one that lacks less is asked back for.
        less = filled is None or len(rest.missing) <= len(filled.missing)
        best = rest if filled is None or rest.command is not None or less else filled
        return best if best.command is not None or best.incomplete is not None else None

    def is_computable(self, command: Command) -> bool:
        """Return whether arithmetic or a conversion can be computed; True for all others."""
        return is_computable(command, self._language)

    def _fill(self, intent: str, request: Request, spans: Spans | None) -> Filled:
        read, timed = INTENTS[intent].read, INTENTS[intent].timed
        draft = read(Wording(request, spans, intent, timed, self.forms, self.reader, self._numbers))
        if draft is None:
            return Filled(None)
        known, missing = draft.known, draft.missing
        if missing:
            return Filled(None, Incomplete(draft.type, known), missing)
        command = cast("Command", draft.type(**known))
        return Filled(command)
