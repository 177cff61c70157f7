"""Which of the two languages a message is in: the one to answer in."""

from __future__ import annotations

import re

from pisovereign.languages import Language
from pisovereign.languages.stopwords import ENGLISH, GERMAN

_WORD = re.compile(r"[^\W\d_]+")
_GERMAN_LETTER = re.compile("[äöüß]")
_MOST_CHARACTERS = 1000
# What commands are made of beside the words that any text has.
_ENGLISH_COMMANDS = """
add appointment appointments brief calendar check create day email emails event events forecast get
give help inbox list mail mails meeting meetings morning next please read remind reminder reminders
schedule set show tell today tomorrow tonight unread week weather
"""
_GERMAN_COMMANDS = """
abend anlegen bitte eintragen erinnere erinnern erinnerung erinnerungen erstelle erstellen gib
heute hilfe kalender mail mails morgen nachricht nachrichten neue neuen postfach tag termin termine
trag trage uhr ungelesene ungelesenen wetter woche zeig zeige übermorgen
"""
_OF_ENGLISH = (ENGLISH | frozenset(_ENGLISH_COMMANDS.split())) - GERMAN
_OF_GERMAN = (GERMAN | frozenset(_GERMAN_COMMANDS.split())) - ENGLISH


def language_of(message: str, otherwise: Language) -> Language:
    """The language that more words are of; `otherwise` when they do not tell."""
    text = message[:_MOST_CHARACTERS]
    words = _WORD.findall(text.casefold())
    english = sum(word in _OF_ENGLISH for word in words)
    german = sum(word in _OF_GERMAN for word in words) + bool(_GERMAN_LETTER.search(text.lower()))
    if english == german:
        return otherwise
    return "de" if german > english else "en"
