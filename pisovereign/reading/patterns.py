"""Patterns of a language that rules need, apart from its time expressions; read from data files.

Patterns are matched against normalized sentences, words against single words. Fields called
`..._words`, and the words of a query, are small patterns separated by blanks.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pisovereign.languages import Language, load_data

# Stands for each character of a phrase that was cut out of a sentence.
CUT = "\x1f"


class RequestPatterns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The patterns of what surrounds a request.

    Attributes:
        lead_in: Greetings and the like, which change nothing.
        polite: What turns a question into a request: "could you".
        trailer: What may come at the end.
        assent: What asks for assent at the end of an order, which makes it no question: "ok?".
        filler: Whole sentences that say nothing.
        about_text: A task about a text or a word: what follows is talked about, not said.
        retraction: What takes a request back at its end: "never mind".
        undoing: How an order begins that cancels, moves or deletes something. No command does that,
            and many of its words are also those of a question about the same thing.
    """

    lead_in: str
    polite: str
    trailer: str
    assent: str
    filler: str
    about_text: str
    retraction: str
    undoing: str


class EventPatterns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Requests for a calendar event. The group `rest` of a form is what is asked for.

    Attributes:
        clear: Forms that need nothing but a time.
        vague: Forms in which `rest` must have a noun for events, or name the calendar.
        timed: Forms that need a day and a time of day.
        headings: How a note about an event begins, before a time and a colon: "dentist" is the
            title of "appointment tomorrow at 9: dentist".
        nouns: What is in calendars.
        prepositions: Words that end what is asked for: a recipe "for" dinner is no dinner.
        generic: Nouns that are no title if more is said.
        continuations: Words after a generic noun that belong to it.
        calendar: "In my calendar".
        named: What a title follows, which is the group `title`.
        place: A preposition, and a place in the group `place`.
        no_place: How something begins that is no place.
        excluded: Words that no request has outside of quotation marks.
    """

    clear: tuple[str, ...]
    vague: tuple[str, ...]
    timed: tuple[str, ...]
    headings: str
    nouns: str
    prepositions: str
    generic: str
    continuations: str
    calendar: str
    named: str
    place: str
    no_place: str
    excluded: str


class ReminderPatterns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Requests for a reminder.

    Attributes:
        forms: They have the group `rest`, or the groups `before` and `rest`.
        noun_markers: What stands before a thing to be reminded of.
        clause_markers: What stands before something to do.
        filler: What may stand in between.
        excluded: How something to be reminded of does not begin.
        second: How a second reminder begins; its phrase about time is `CUT`.
        listed: How it may begin as well if the first one begins with its time.
        conditional: Words that make a request depend on something.
        unconditional: What makes such a word harmless if it stands right before it: "ask if".
        replacements: Replacements in a title.
        keywords: Nothing without one of these words is a request for a reminder.
    """

    forms: tuple[str, ...]
    noun_markers: str
    clause_markers: str
    filler: str
    excluded: str
    second: str
    listed: str
    conditional: str
    unconditional: str
    replacements: tuple[tuple[str, str], ...]
    keywords: str


class QueryPattern(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words of a question.

    Attributes:
        topics: Groups of alternatives, separated by +. One word of each group has to be there.
        words: Further words that may be there.
        dated: Whether a day has to be named as well ("how does next week look").
    """

    topics: str
    words: str = ""
    dated: bool = False


class CommandPatterns(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that the rules know of one language.

    Attributes:
        requests: What surrounds a request.
        events: Requests for an event.
        reminders: Requests for a reminder.
        articles: They are dropped at the beginning of a title.
        loose_ends: Words that a title does not begin or end with.
        opening_words: Words that a question or a request begins with.
        common_words: Words that say nothing about what is asked for.
        machine_words: Words for the computer.
        imperative_words: Words that begin a request to do something.
        place: Words before a place.
        no_place_words: Words that are no place.
        not_asked: Words that no question about the present has.
        pronoun_words: Words with which a short sentence states something.
        definition: A question about a word, or about how something is done.
        mornings: What takes place in the morning.
        evenings: What takes place in the evening.
        by_name: Requests for a system command by its name, the group `name`.
        ping: Requests to ping the group `host`.
        queries: Questions by the command that answers them.
        system_queries: Questions by the system command that answers them.
    """

    requests: RequestPatterns
    events: EventPatterns
    reminders: ReminderPatterns
    articles: str
    loose_ends: str
    opening_words: str
    common_words: str
    machine_words: str
    imperative_words: str
    place: str
    no_place_words: str
    not_asked: str
    pronoun_words: str
    definition: str
    mornings: str
    evenings: str
    by_name: tuple[str, ...]
    ping: tuple[str, ...]
    queries: Mapping[str, tuple[QueryPattern, ...]]
    system_queries: Mapping[str, tuple[QueryPattern, ...]]


def load_patterns(language: Language) -> CommandPatterns:
    """Return the patterns of a language, from its data files."""
    data = _without_line_breaks(load_data(language, "commands"))
    return msgspec.convert(data | load_data(language, "queries"), CommandPatterns)


def _without_line_breaks(value: Any, name: str = "") -> Any:
    """Return patterns in one line each; words are separated by line breaks as well as by blanks."""
    match value:
        case dict():
            return {key: _without_line_breaks(inner, key) for key, inner in value.items()}
        case list():
            return [_without_line_breaks(inner, name) for inner in value]
        case _:
            return value if name.endswith("_words") else value.replace("\n", "")
