"""What tasks say of themselves, in both languages."""

from __future__ import annotations

from collections.abc import Sequence

from pisovereign.actions import registry
from pisovereign.agents.quota import BudgetSpent
from pisovereign.agents.types import ANSWER, MEMORY, Draft, Part
from pisovereign.errors import (
    ContextExceeded,
    EngineMisbehaved,
    EngineUnavailable,
    PiSovereignError,
)
from pisovereign.languages import Language

_LABELS: dict[str, dict[Language, str]] = {
    **{spec.name: spec.labels for spec in registry.offered_to("agents")},
    MEMORY: registry.find("memory_search", "agents").labels,
    ANSWER: {"en": "answer", "de": "Antwort"},
}
_TEXTS: dict[str, dict[Language, str]] = {
    "one": {"en": "1 sub-task", "de": "1 Teilaufgabe"},
    "many": {"en": "{} sub-tasks", "de": "{} Teilaufgaben"},
    "failed": {"en": "This could not be done: {}", "de": "Das ging nicht: {}"},
    "nothing": {"en": "I remember nothing about it.", "de": "Dazu habe ich mir nichts gemerkt."},
    "remembered": {"en": "I remember:", "de": "Ich habe mir gemerkt:"},
    "too_many": {
        "en": "The request has {} sub-tasks, and {} is the most; please split it up",
        "de": "Die Bitte hat {} Teilaufgaben, höchstens {} gehen; bitte teile sie auf",
    },
    "too_long": {
        "en": "It took longer than {:g} seconds",
        "de": "Es hat länger als {:g} Sekunden gedauert",
    },
    "interrupted": {
        "en": "It was interrupted {} times and is not tried again",
        "de": "Es wurde {}-mal unterbrochen und wird nicht noch einmal versucht",
    },
    "uncertain": {
        "en": "It was interrupted; it may have been carried out, and is not repeated",
        "de": "Es wurde unterbrochen; vielleicht ist es geschehen, und es wird nicht wiederholt",
    },
    "needs": {
        "en": "{}, which it depends on, was not completed",
        "de": "{}, wovon es abhängt, wurde nicht abgeschlossen",
    },
    "crowded": {
        "en": "Too many approvals wait already; decide some of them first",
        "de": "Es warten schon zu viele Freigaben; entscheide erst einige davon",
    },
    "conditional": {
        "en": "It depends on a condition, which nobody watches; nothing was changed",
        "de": "Es hängt von einer Bedingung ab, auf die niemand achtet; geändert wurde nichts",
    },
    "not_understood": {
        "en": "No command was found in it; nothing was changed",
        "de": "Darin wurde kein Befehl gefunden; geändert wurde nichts",
    },
    "denied": {"en": "It was denied", "de": "Es wurde abgelehnt"},
    "denied_why": {"en": "It was denied: {}", "de": "Es wurde abgelehnt: {}"},
    "withdrawn": {"en": "It was withdrawn", "de": "Es wurde zurückgezogen"},
    "expired": {"en": "Nobody decided in time", "de": "Niemand hat rechtzeitig entschieden"},
    "none": {"en": "No sub-task could be done", "de": "Keine Teilaufgabe ließ sich erledigen"},
    "under_way": {
        "en": "It was being carried out when the task ended; its approval tells what came of it",
        "de": "Es wurde gerade ausgeführt, als die Aufgabe endete; was daraus wurde, "
        "steht bei der Freigabe",
    },
    "done": {"en": "Done: {}", "de": "Erledigt: {}"},
    "plan": {"en": "Carry out this plan ({})", "de": "Diesen Plan ausführen ({})"},
    "plan_denied": {"en": "The plan was denied", "de": "Der Plan wurde abgelehnt"},
    "plan_expired": {
        "en": "Nobody decided about the plan in time",
        "de": "Niemand hat rechtzeitig über den Plan entschieden",
    },
    "unreadable": {
        "en": "What is stored of it cannot be read",
        "de": "Was davon gespeichert ist, lässt sich nicht lesen",
    },
    "error": {"en": "An internal error occurred", "de": "Ein interner Fehler ist aufgetreten"},
    "spent": {
        "en": "The task has used all of its tokens",
        "de": "Die Aufgabe hat alle ihre Tokens verbraucht",
    },
    "too_much_text": {
        "en": "It is longer than what the model can read",
        "de": "Es ist länger, als das Modell lesen kann",
    },
    "no_model": {"en": "The model does not answer ({})", "de": "Das Modell antwortet nicht ({})"},
    "no_answer": {
        "en": "The model found no answer",
        "de": "Das Modell hat keine Antwort gefunden",
    },
}


def say(what: str, language: Language, *values: object) -> str:
    """A sentence, with values put into it."""
    return _TEXTS[what][language].format(*values)


def say_why(error: PiSovereignError, language: Language) -> str:
    """Why a sub-task could not be done."""
    match error:
        case BudgetSpent():
            return say("spent", language)
        case ContextExceeded():
            return say("too_much_text", language)
        case EngineUnavailable() | EngineMisbehaved():
            return say("no_model", language, error.message)
        case _:
            return error.message


def summary(drafts: Sequence[Draft], language: Language) -> str:
    """A plan in one line: "3 sub-tasks: weather, calendar, events"."""
    labels = dict.fromkeys(_LABELS[draft.tool][language] for draft in drafts)
    number = "one" if len(drafts) == 1 else "many"
    return f"{say(number, language, len(drafts))}: {', '.join(labels)}"


def heading(tool: str, language: Language) -> str:
    """What stands above something that a tool found."""
    label = _LABELS[tool][language]
    return label[:1].upper() + label[1:]


def listing(parts: Sequence[Part], language: Language) -> str:
    """What came of the parts, each result exactly as its tool gave it."""
    told = [(part, part.result or say("failed", language, part.reason)) for part in parts]
    if len(told) == 1:
        return told[0][1]
    return "\n\n".join(f"{part.draft.description}:\n{text}" for part, text in told)
