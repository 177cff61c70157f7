"""A message as every part of the parser sees it: what it says in each language, found once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from pisovereign.languages import OTHERWISE, Language
from pisovereign.languages.detection import detect_languages
from pisovereign.reading.utterance import MessageText, RequestExtractor, Requests


class Message(NamedTuple):
    """What somebody wrote or said.

    Attributes:
        text: As it was written.
        language: What it is in, for all that can be told.
        possible: The languages that it may be in.
        core: In lower case, without what leads up to a request and what ends it.
        requests: What it asks for: in its language, then in the others that it may be in.
    """

    text: str
    language: Language
    possible: tuple[Language, ...]
    core: str
    requests: Mapping[Language, Requests]


class MessageReader:
    """Reads messages.

    Args:
        extractors: What finds requests, by language.
    """

    def __init__(self, extractors: Mapping[Language, RequestExtractor]) -> None:
        self._extractors = extractors

    def read(self, text: str) -> Message:
        """Return a message with what it says."""
        found, possible = detect_languages(text)
        language, said = found or OTHERWISE, MessageText.of(text)
        requests = {
            code: self._extractors[code].requests(said)
            for code in dict.fromkeys((language, *possible))
        }
        return Message(text, language, possible, self._extractors[language].core(said), requests)
