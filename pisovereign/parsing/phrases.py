"""What the rules have to know of a language, beside its times.

Patterns are matched against sentences in small letters, words against single words. Where a field
is called `words`, it is a list of small patterns with blanks between them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

from pisovereign.parsing.times.language import TimeLanguage

# Stands for a phrase that was taken out of a sentence.
CUT = "\x1f"


class Manners(NamedTuple):
    """What stands around a request.

    Attributes:
        lead_in: greetings and the like, which change nothing.
        polite: what makes a request of a question: "could you".
        trailer: what may come at the end.
        filler: whole sentences that say nothing.
        about_text: a task about a text or a word: what follows is spoken of, not said.
        refused: no request begins or ends like this.
        undoes: how an order begins that cancels, moves or deletes something. No command does that,
            and many of its words are also those of a question for the same thing.
    """

    lead_in: str
    polite: str
    trailer: str
    filler: str
    about_text: str
    refused: str
    undoes: str


class EventWords(NamedTuple):
    """Requests for an event.

    Attributes:
        clear: forms (with the group `rest`) that need nothing but a time.
        vague: forms of which `rest` must have a noun for events, or name the calendar.
        timed: forms that need a day and a time of day.
        heads: how a note of an event begins, with a time and a colon after it: "dentist" is the
            title of "appointment tomorrow at 9: dentist".
        nouns: what is in calendars.
        prepositions: words that end what is asked for: a recipe "for" dinner is no dinner.
        generic: nouns that are no title when more is said.
        goes_on: words after a generic noun that belong to it.
        calendar: "in my calendar".
        named: what a title follows, with the group `title`.
        place: words before a place, and the place in the group `place`.
        no_place: how what is no place begins.
        refused: words that no request has outside of quotation marks.
    """

    clear: tuple[str, ...]
    vague: tuple[str, ...]
    timed: tuple[str, ...]
    heads: str
    nouns: str
    prepositions: str
    generic: str
    goes_on: str
    calendar: str
    named: str
    place: str
    no_place: str
    refused: str


class ReminderWords(NamedTuple):
    """Requests for a reminder.

    Attributes:
        forms: with the group `rest`, or `before` and `rest`.
        about: what stands before a thing to be reminded of.
        to: what stands before something to do.
        filler: what may stand between.
        refused: how what to be reminded of does not begin.
        second: how a second reminder begins; what says when is `CUT`.
        listed: how it begins too, where the first one begins with its time.
        fixed: forms with the group `title`, and in the group `left` nothing but a time.
        conditional: words that make a request depend on something.
        harmless: what makes such a word harmless, right before it: "ask".
        tidy: replacements in a title.
        evidence: without one of these words nothing is a request for a reminder.
    """

    forms: tuple[str, ...]
    about: str
    to: str
    filler: str
    refused: str
    second: str
    listed: str
    fixed: tuple[str, ...]
    conditional: str
    harmless: str
    tidy: tuple[tuple[str, str], ...]
    evidence: str


class Query(NamedTuple):
    """Words of a question: one of each group of `topics` (separated by +) has to be there.

    `dated`: a day has to be named too ("how does next week look").
    """

    topics: str
    words: str = ""
    dated: bool = False


class Phrases(NamedTuple):
    """Everything of a language.

    Attributes:
        articles: at the beginning of a title they are dropped.
        loose_ends: words that a title does not end or begin with.
        starts: words that a question or a request begins with.
        common: words that say nothing about what is asked for.
        machine: words for the computer.
        imperatives: words that begin a request to do something.
        place: words before a place.
        no_place: words that are none.
        stated: words that no question about now has.
        speakers: words with which a short sentence states something.
        definition: a question about a word, or how something is done.
        mornings, evenings: what takes place then.
        by_name: requests for a system command by its name, in the group `name`.
        ping: requests to ping what the group `host` says.
    """

    language: Literal["en", "de"]
    times: TimeLanguage
    manners: Manners
    events: EventWords
    reminders: ReminderWords
    articles: str
    loose_ends: str
    starts: str
    common: str
    machine: str
    imperatives: str
    place: str
    no_place: str
    stated: str
    speakers: str
    definition: str
    mornings: str
    evenings: str
    by_name: tuple[str, ...]
    ping: tuple[str, ...]
    queries: Mapping[str, tuple[Query, ...]]
    system: Mapping[str, tuple[Query, ...]]
