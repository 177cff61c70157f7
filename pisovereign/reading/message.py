"""A message as every part of the parser sees it: what it says in each language, found once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, Protocol

from pisovereign.languages import OTHERWISE, Language
from pisovereign.languages.detection import detect_languages
from pisovereign.reading.requests import Request, RequestReader
from pisovereign.reading.times.resolution import Moment
from pisovereign.reading.utterance import MessageText, RequestExtractor, Utterances


class Requests(NamedTuple):
    """The requests of a message in one language.

    Attributes:
        each: Each sentence that may be a request: none in a text, and none of too many.
        whole: The message as one; None: it is no request, being too long, or quoted.
    """

    each: tuple[Request, ...]
    whole: Request | None


class Message(NamedTuple):
    """A text that somebody wrote or said.

    Attributes:
        text: As it was written.
        at: When and where it was said.
        language: What it is in, for all that can be told.
        possible: The languages that it may be in.
        core: In lower case, without what leads up to a request and what ends it.
        requests: What it asks for: in its language, then in the others that it may be in.
    """

    text: str
    at: Moment
    language: Language
    possible: tuple[Language, ...]
    core: str
    requests: Mapping[Language, Requests]


class RequestRules(Protocol):
    """The rules that find the requests of one language."""

    @property
    def sentences(self) -> RequestExtractor:
        """Return what finds sentences that may be requests."""
        ...

    @property
    def requests(self) -> RequestReader:
        """Return what finds their times."""
        ...


class MessageReader:
    """Reads messages.

    Args:
        rules: What finds requests, by language.
    """

    def __init__(self, rules: Mapping[Language, RequestRules]) -> None:
        self._rules = rules

    def read(self, text: str, at: Moment) -> Message:
        """Return a message with what it says."""
        found, possible = detect_languages(text)
        language, said = found or OTHERWISE, MessageText.of(text)
        core = self._rules[language].sentences.core(said)
        utterances = {
            code: self._rules[code].sentences.utterances(said)
            for code in dict.fromkeys((language, *possible))
        }
        requests = {
            code: _requests(self._rules[code], found, at) for code, found in utterances.items()
        }
        return Message(text, at, language, possible, core, requests)


def _requests(rules: RequestRules, utterances: Utterances, at: Moment) -> Requests:
    sentences, whole = utterances
    each = tuple(rules.requests.read(sentence, at) for sentence in sentences)
    if whole is None:
        return Requests(each, None)
    # A message of one sentence is that sentence.
    return Requests(each, each[0] if sentences == (whole,) else rules.requests.read(whole, at))
