"""What a user says about themselves, taken from their words and not put into others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pisovereign.languages.sentences import MASK, Sentence, split_sentences
from pisovereign.memory import statement_rules as rules
from pisovereign.memory.types import Kind

MOST_STATEMENTS = 5
MOST_CHARACTERS = 300
LEAST_WORDS = 2
# Longer messages are pasted rather than said.
LONGEST_SAID = 2_000
_SUMMARY_CHARACTERS = 100
_LEAD_INS = 4
_TRAILING = " \t\r\n.,;:!…-–"


class Statement(NamedTuple):
    """One thing to remember; `asked`: the user asked for it in so many words."""

    content: str
    kind: Kind
    asked: bool = False

    @property
    def summary(self) -> str:
        """The content, cut at a word."""
        if len(self.content) <= _SUMMARY_CHARACTERS:
            return self.content
        return self.content[: _SUMMARY_CHARACTERS - 1].rpartition(" ")[0] + "…"


class _Spoken(NamedTuple):
    """A sentence without what leads to it: as written, and in the form that patterns match."""

    text: str
    plain: str


def statements(message: str) -> list[Statement]:
    """The statements of a message: neither questions, tasks, guesses nor quotations."""
    found: dict[str, Statement] = {}
    for statement in _found(message):
        if _is_whole(statement.content):
            found.setdefault(statement.content.casefold(), statement)
    return list(found.values())[:MOST_STATEMENTS]


def own_sentences(message: str) -> list[str]:
    """Every sentence in which the user speaks of themselves, whatever its form."""
    if len(message) > LONGEST_SAID:
        return []
    kept = []
    for sentence in split_sentences(message):
        (text, plain), _ = _without_lead_ins(sentence)
        if sentence.ends_with_colon or rules.ABOUT_TEXT.search(plain):
            break
        content = _finished(text)
        doubtful = sentence.is_question or MASK in plain or _is_doubtful(plain)
        if rules.SELF.search(plain) and not doubtful and _is_whole(content):
            kept.append(content)
    return kept


def _found(message: str) -> Iterator[Statement]:
    if len(message) > LONGEST_SAID:
        return
    correcting = False
    for sentence in split_sentences(message):
        spoken, corrects = _without_lead_ins(sentence)
        corrects = corrects or correcting
        # "That's wrong. I live in Graz." The mark is for the sentence after it.
        correcting = corrects and not spoken.plain
        kind = None if sentence.is_question else _kind(spoken.plain, corrects)
        if asked := _asked_for(spoken):
            yield asked
        elif kind is not None:
            yield Statement(_finished(spoken.text), kind)
        elif sentence.ends_with_colon or rules.ABOUT_TEXT.search(spoken.plain):
            return


def _without_lead_ins(sentence: Sentence) -> tuple[_Spoken, bool]:
    """The sentence after "By the way," and the like; and whether these announce a correction."""
    plain, at, corrects = _plain(sentence.masked), 0, False
    for _ in range(_LEAD_INS):
        if mark := rules.CORRECTING.match(plain, at):
            corrects = True
        else:
            mark = rules.LEAD_IN.match(plain, at)
        if mark is None:
            break
        at = mark.end()
    return _Spoken(sentence.text[at:], plain[at:].rstrip(_TRAILING)), corrects


def _asked_for(spoken: _Spoken) -> Statement | None:
    mark = rules.REMEMBER.match(spoken.plain)
    if mark is None:
        return None
    group = "en" if mark["en"] else "de"
    plain = mark[group].rstrip(_TRAILING)
    if rules.TASK.match(plain) or plain.startswith(MASK):
        return None
    text = spoken.text[mark.start(group) :]
    kind: Kind = _kind(plain, corrects=False) or "fact"
    return Statement(_finished(_main_clause(text) if mark["dass"] else text), kind, asked=True)


def _kind(plain: str, corrects: bool) -> Kind | None:
    if _is_doubtful(plain):
        return None
    preference = any(pattern.match(plain) for pattern in rules.PREFERENCES)
    if not preference and not any(pattern.match(plain) for pattern in rules.FACTS):
        return None
    if corrects or rules.NO_LONGER.search(plain):
        return "correction"
    return "preference" if preference else "fact"


def _is_doubtful(plain: str) -> bool:
    """Whether it is no lasting fact, or one that nobody wants to find in a prompt."""
    return bool(rules.UNCERTAIN.search(plain) or rules.SECRET.search(plain))


def _main_clause(text: str) -> str:
    """German: "ich in Graz wohne", which follows a "dass", as "ich wohne in Graz"."""
    words = text.rstrip(_TRAILING + "?").split()
    if len(words) < 3 or words[0].lower() not in ("ich", "wir") or "," in text:
        return text
    return " ".join((words[0], words[-1], *words[1:-1]))


def _plain(masked: str) -> str:
    """In small letters, with straight apostrophes; of the same length, or positions would shift."""
    lowered = "".join(low if len(low := c.lower()) == 1 else c for c in masked)
    return re.sub(r"\s", " ", lowered.replace("’", "'"))


def _finished(text: str) -> str:
    """One line that begins with a capital letter and ends with a point."""
    line = " ".join(text.split()).rstrip(_TRAILING + "?")
    return f"{line[:1].upper()}{line[1:]}." if line else ""


def _is_whole(content: str) -> bool:
    return len(content) <= MOST_CHARACTERS and len(content.split()) >= LEAST_WORDS
