"""Requests for a system command of the catalog."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pisovereign.actions.types import RunCatalogCommand
from pisovereign.parsing.confidence import BY_RULE
from pisovereign.parsing.types import CatalogEntry, Interpretation
from pisovereign.reading.patterns import CommandPatterns
from pisovereign.reading.utterance import Utterance
from pisovereign.reading.vocabulary import Vocabulary, topics_of, words_of

_DEFAULT = "default-"
_PING = "default-ping"
# What changes something has to be an order, not a question.
_ACTING = ("reboot", "restart-service")
# A name of the local network has neither a period nor a colon in it.
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9:.-]*[a-z0-9])?")
_NO_HOST = {"me", "mir", "it", "you", "dir", "router", "gateway", "pong", "him", "them", "us"}


class CatalogCommandRules:
    """Interprets requests for system commands in one language."""

    def __init__(self, patterns: CommandPatterns) -> None:
        self._topics = topics_of(
            patterns.system_queries, patterns.common_words, patterns.machine_words
        )
        self._imperatives = Vocabulary(patterns.imperative_words)
        self._by_name = tuple(re.compile(form) for form in patterns.by_name)
        self._ping = tuple(re.compile(form) for form in patterns.ping)

    def may_match(self, utterance: Utterance) -> bool:
        """Return whether the catalog is needed; true too often rather than too seldom."""
        words = words_of(utterance.normalized)
        if any(form.fullmatch(utterance.normalized) for form in (*self._by_name, *self._ping)):
            return True
        return any(topic.fits(words) for topics in self._topics.values() for topic in topics)

    def by_name(
        self, utterance: Utterance, catalog: Mapping[str, CatalogEntry]
    ) -> Interpretation | None:
        """Return the command that is called by its name, or a ping."""
        for form in self._by_name:
            if match := form.fullmatch(utterance.normalized):
                name = match["name"].strip()
                for entry in catalog.values():
                    if entry.name.lower() == name and not entry.arguments:
                        return _run(entry.id)
        for form in self._ping:
            match = form.fullmatch(utterance.normalized)
            if match and _PING in catalog and _is_host(match["host"]):
                return _run(_PING, host=match["host"])
        return None

    def by_question(
        self,
        words: Sequence[str],
        utterance: Utterance,
        catalog: Mapping[str, CatalogEntry],
        *,
        begins: bool,
    ) -> Interpretation | None:
        """Return the command that answers a question, if each of its words is known.

        Args:
            words: The words of the sentence.
            utterance: The sentence.
            catalog: The commands that there are.
            begins: Whether it begins like a question or a request; else it has to begin with its
                topic.
        """
        fitting = [
            name
            for name, topics in self._topics.items()
            if any(
                t.fits(words) and (begins or t.has(words[0])) and not t.vocabulary.unknown(words)
                for t in topics
            )
        ]
        acting = [name for name in fitting if name in _ACTING]
        is_order = utterance.is_polite or (
            words[0] in self._imperatives and not utterance.is_question
        )
        if acting and not is_order:
            return None
        for name in (*acting, *fitting):
            entry = catalog.get(_DEFAULT + name)
            if entry is not None and not entry.arguments:
                return _run(entry.id)
        return None


def _run(catalog_id: str, **arguments: str) -> Interpretation:
    return Interpretation(RunCatalogCommand(catalog_id=catalog_id, arguments=arguments), BY_RULE)


def _is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text)) and text not in _NO_HOST and ".." not in text
