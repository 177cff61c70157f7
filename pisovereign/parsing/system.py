"""Requests for a system command of the catalog."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pisovereign.actions.types import RunCatalogCommand
from pisovereign.parsing.confidence import BY_RULE
from pisovereign.parsing.phrases import Phrases
from pisovereign.parsing.types import CatalogEntry, Reading
from pisovereign.parsing.utterance import Utterance
from pisovereign.parsing.vocabulary import Vocabulary, topics_of, words_of

_DEFAULT = "default-"
_PING = "default-ping"
# What changes something has to be told, not asked for.
_ACTING = ("reboot", "restart-service")
# A name or an address has a point or a colon in it, unless it is on the own network.
_HOST = re.compile(r"(?=.{1,253}$)[a-z0-9](?:[a-z0-9:.-]*[a-z0-9])?")
_NO_HOST = {"me", "mir", "it", "you", "dir", "router", "gateway", "pong", "him", "them", "us"}


class SystemRules:
    """The rules of one language."""

    def __init__(self, phrases: Phrases) -> None:
        self._topics = topics_of(phrases.system, phrases.common, phrases.machine)
        self._imperatives = Vocabulary(phrases.imperatives)
        self._by_name = tuple(re.compile(form) for form in phrases.by_name)
        self._ping = tuple(re.compile(form) for form in phrases.ping)

    def concern(self, said: Utterance) -> bool:
        """Whether the catalog has to be looked at; true too often rather than too seldom."""
        words = words_of(said.plain)
        if any(form.fullmatch(said.plain) for form in (*self._by_name, *self._ping)):
            return True
        return any(topic.fits(words) for topics in self._topics.values() for topic in topics)

    def named(self, said: Utterance, catalog: Mapping[str, CatalogEntry]) -> Reading | None:
        """The command that is called by its name, or a ping."""
        for form in self._by_name:
            if match := form.fullmatch(said.plain):
                name = match["name"].strip()
                for entry in catalog.values():
                    if entry.name.lower() == name and not entry.arguments:
                        return _run(entry.id)
        for form in self._ping:
            match = form.fullmatch(said.plain)
            if match and _PING in catalog and _is_host(match["host"]):
                return _run(_PING, host=match["host"])
        return None

    def asked(
        self,
        words: Sequence[str],
        said: Utterance,
        catalog: Mapping[str, CatalogEntry],
        *,
        begins: bool,
    ) -> Reading | None:
        """The command that answers a question, if it has no word that is not known.

        `begins`: it begins as a question or a request does; else it has to begin with its topic.
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
        told = said.polite or (words[0] in self._imperatives and not said.asks)
        if acting and not told:
            return None
        for name in (*acting, *fitting):
            entry = catalog.get(_DEFAULT + name)
            if entry is not None and not entry.arguments:
                return _run(entry.id)
        return None


def _run(catalog_id: str, **arguments: str) -> Reading:
    return Reading(RunCatalogCommand(catalog_id=catalog_id, arguments=arguments), BY_RULE)


def _is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text)) and text not in _NO_HOST and ".." not in text
