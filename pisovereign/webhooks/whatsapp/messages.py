"""What is said to people beside answers, in both languages."""

from __future__ import annotations

from pisovereign.approvals.types import Status
from pisovereign.languages import Language

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
CODE: dict[Language, str] = {
    "en": "To approve it, answer: approve {code}\nTo refuse it, answer: deny {code}",
    "de": "Zum Genehmigen antworte: genehmigen {code}\nZum Ablehnen antworte: ablehnen {code}",
}
UNKNOWN_CODE: dict[Language, str] = {
    "en": "There is nothing to decide with this code. It may be mistyped, or too old.",
    "de": "Mit diesem Code gibt es nichts zu entscheiden. Vielleicht ist er vertippt oder zu alt.",
}
DECIDED: dict[Language, dict[Status, str]] = {
    "en": {
        "pending": "Not decided yet: {title}",
        "approved": "Approved, and not finished yet: {title}",
        "executed": "Done: {title}",
        "denied": "Refused: {title}",
        "cancelled": "Withdrawn: {title}",
        "expired": "Too late, this has expired: {title}",
        "failed": "This failed: {title}.",
    },
    "de": {
        "pending": "Noch nicht entschieden: {title}",
        "approved": "Genehmigt, aber noch nicht fertig: {title}",
        "executed": "Erledigt: {title}",
        "denied": "Abgelehnt: {title}",
        "cancelled": "Zurückgezogen: {title}",
        "expired": "Zu spät, das ist abgelaufen: {title}",
        "failed": "Das ist fehlgeschlagen: {title}.",
    },
}
