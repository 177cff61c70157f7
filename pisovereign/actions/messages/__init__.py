"""The words of actions: one module of texts for each language, by the keys that actions name."""

from pisovereign.actions.messages.english import ENGLISH
from pisovereign.actions.messages.german import GERMAN
from pisovereign.actions.messages.language import Messages
from pisovereign.languages import Language


def messages_in(language: Language) -> Messages:
    """Return the texts of a language."""
    return GERMAN if language == "de" else ENGLISH
