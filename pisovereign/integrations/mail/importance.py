"""Which mails matter: those that the user marked, and those of people whom the user answers."""

from __future__ import annotations

from collections.abc import Iterable

from pisovereign.integrations.mail.mailbox import Entry


def answered_people(entries: Iterable[Entry]) -> frozenset[str]:
    """Who wrote the mails that are marked as answered."""
    return frozenset(entry.read.sender.address for entry in entries if entry.answered) - {""}


def is_important(entry: Entry, people: frozenset[str]) -> bool:
    """Whether a mail matters.

    What a sender claims counts only in mail to few: advertisements call themselves urgent. Nothing
    follows from the answer but a number and a mark.
    """
    if entry.flagged:
        return True
    if entry.read.bulk:
        return False
    return entry.read.urgent or entry.read.sender.address in people
