"""What is said to people beside answers, in both languages."""

from __future__ import annotations

from pisovereign.commands.sources import Language

ONLY_TEXT: dict[Language, str] = {
    "en": "Sorry, I can only read text so far.",
    "de": "Ich kann bisher leider nur Text lesen.",
}
TOO_LONG: dict[Language, str] = {
    "en": "Sorry, that message is too long for me.",
    "de": "Diese Nachricht ist leider zu lang für mich.",
}
NO_ANSWER: dict[Language, str] = {
    "en": "Sorry, I could not answer your message. Please write again later.",
    "de": "Ich konnte deine Nachricht leider nicht beantworten. Bitte schreib später noch einmal.",
}
INTERRUPTED: dict[Language, str] = {
    "en": "I was interrupted and do not know whether this was done. Please check before you ask"
    " again.",
    "de": "Ich wurde unterbrochen und weiß nicht, ob das erledigt ist. Bitte sieh nach, bevor du"
    " noch einmal fragst.",
}
