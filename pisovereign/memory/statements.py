"""Statements of users about themselves, taken from their words and never put into others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from pisovereign.languages.pasted_text import own_text
from pisovereign.languages.sentences import MASK, Sentence, split_sentences
from pisovereign.languages.words import lowered
from pisovereign.memory.statement_patterns import load_statement_patterns
from pisovereign.memory.types import Kind

MOST_STATEMENTS = 5
MOST_CHARACTERS = 300
LEAST_WORDS = 2
# Longer messages were pasted rather than written.
LONGEST_MESSAGE = 2_000
_SUMMARY_CHARACTERS = 100
_LEAD_INS = 4
# Where "remember that" may begin, and how long it is at most.
_JOINT = re.compile(r"[,;:!–-]\s*")
_LONGEST_REQUEST = 60
_TRAILING = " \t\r\n.,;:!…-–"
_PATTERNS = load_statement_patterns()
# Numbers of cards, and long words of letters and digits: keys and addresses with a password.
_CODE = re.compile(r"(?:\d[ -]?){12,}|(?<!\S)(?=\S*\d)(?=\S*[a-z])\S{16,}")


class Statement(NamedTuple):
    """One thing to remember; `requested`: the user asked for it explicitly."""

    content: str
    kind: Kind
    requested: bool = False

    @property
    def summary(self) -> str:
        """The content, cut at a word."""
        if len(self.content) <= _SUMMARY_CHARACTERS:
            return self.content
        return self.content[: _SUMMARY_CHARACTERS - 1].rpartition(" ")[0] + "…"


class _Clause(NamedTuple):
    """A sentence without what leads to it, and without "remember that" after it.

    Attributes:
        text: As it was written.
        normalized: In the form that patterns match.
        corrects: It is announced as a correction.
        asked: It is to be remembered, as the words after it say.
    """

    text: str
    normalized: str
    corrects: bool = False
    asked: bool = False


class Candidate(NamedTuple):
    """A sentence that may be a statement.

    Attributes:
        statement: What would be remembered.
        has_form: It has one of the forms in which people state something.
        is_own: The user speaks of themselves.
    """

    statement: Statement
    has_form: bool
    is_own: bool


def candidates(message: str) -> list[Candidate]:
    """Return the sentences that may be statements: no questions, tasks, guesses or quotations.

    Nor are those that others wrote, as far as the message looks as if it was pasted.
    """
    found: dict[str, Candidate] = {}
    for candidate in _found(message):
        if _has_usable_length(candidate.statement.content):
            found.setdefault(candidate.statement.content.casefold(), candidate)
    return list(found.values())


def sentence_count(message: str) -> int:
    """Return how many sentences say something; what only leads up to one does not."""
    return sum(bool(clause.normalized) for _, clause in _clauses(message))


def is_about_self(message: str) -> bool:
    """Return whether users speak of themselves or of what is theirs."""
    return bool(_PATTERNS.self.search(_normalize(message)))


def is_about_text(message: str) -> bool:
    """Return whether a message sets a task about a text or a role: "translate this"."""
    return bool(_PATTERNS.about_text.search(_normalize(message)))


def statements(message: str) -> list[Statement]:
    """Return what has one of the forms in which people state something about themselves."""
    found = [candidate.statement for candidate in candidates(message) if candidate.has_form]
    return found[:MOST_STATEMENTS]


def requested_statement(text: str) -> Statement:
    """Return what somebody asks to be remembered, without the words that ask for it."""
    asked = [one for one in statements(text) if one.requested]
    return asked[0] if len(asked) == 1 else Statement(_as_sentence(text), "fact", requested=True)


def normalized_content(content: str) -> str:
    """Return a statement in the form that patterns match."""
    return _normalize(content).strip().rstrip(_TRAILING)


def first_person_sentences(message: str) -> list[str]:
    """Return every sentence in which users speak of themselves, whatever its form."""
    return [
        candidate.statement.content
        for candidate in candidates(message)
        if candidate.is_own and not candidate.statement.requested
    ]


def _found(message: str) -> Iterator[Candidate]:
    if len(message) > LONGEST_MESSAGE:
        return
    correcting = False
    for sentence, clause in _clauses(own_text(message)):
        corrects = clause.corrects or correcting
        # "That's wrong. I live in Graz." The mark is for the sentence after it.
        correcting = corrects and not clause.normalized
        is_own = bool(_PATTERNS.self.search(clause.normalized))
        kind = None if sentence.is_question else _kind(clause.normalized, corrects)
        if requested := _requested(clause):
            yield Candidate(requested, has_form=True, is_own=is_own)
        elif kind is not None:
            statement = Statement(_as_sentence(clause.text), kind)
            yield Candidate(statement, has_form=True, is_own=is_own)
        elif sentence.ends_with_colon or _PATTERNS.about_text.search(clause.normalized):
            return
        elif not (
            sentence.is_question or MASK in clause.normalized or _is_doubtful(clause.normalized)
        ):
            kind = _kind_of_any(clause.normalized, corrects, preference=False)
            statement = Statement(_as_sentence(clause.text), kind)
            yield Candidate(statement, has_form=False, is_own=is_own)


def _clauses(message: str) -> Iterator[tuple[Sentence, _Clause]]:
    """Yield the sentences; "Remember that." is none, but belongs to the one before it."""
    waiting: tuple[Sentence, _Clause] | None = None
    for sentence in split_sentences(message):
        clause = _without_lead_ins(sentence)
        if waiting is not None and _PATTERNS.remember_that.fullmatch(clause.normalized):
            yield waiting[0], waiting[1]._replace(asked=not waiting[0].is_question)
            waiting = None
            continue
        if waiting is not None:
            yield waiting
        waiting = sentence, clause
    if waiting is not None:
        yield waiting


def _without_lead_ins(sentence: Sentence) -> _Clause:
    """Return the sentence after "By the way,", and before ", remember that"."""
    normalized, at, corrects = _normalize(sentence.masked), 0, False
    for _ in range(_LEAD_INS):
        if mark := _PATTERNS.correcting.match(normalized, at):
            corrects = True
        else:
            mark = _PATTERNS.lead_in.match(normalized, at)
        if mark is None:
            break
        at = mark.end()
    said = normalized[at:].rstrip(_TRAILING)
    near = max(0, len(said) - _LONGEST_REQUEST)
    ends = (m for m in _JOINT.finditer(said, near) if m.start())
    end = next((m for m in ends if _PATTERNS.remember_that.fullmatch(said, m.end())), None)
    if end is not None and not sentence.is_question:
        return _Clause(sentence.text[at:][: end.start()], said[: end.start()], corrects, asked=True)
    return _Clause(sentence.text[at:], said, corrects)


def _requested(clause: _Clause) -> Statement | None:
    mark = next(
        (m for pattern in _PATTERNS.remember if (m := pattern.match(clause.normalized))), None
    )
    if mark is None:
        return _asked(clause) if clause.asked else None
    groups = mark.groupdict()
    normalized = groups["said1"].rstrip(_TRAILING)
    if _PATTERNS.task.match(normalized) or normalized.startswith(MASK):
        return None
    text = clause.text[mark.start("said1") :]
    kind: Kind = _kind(normalized, corrects=False) or "fact"
    said = _main_clause(text) if groups.get("clause1") else text
    return Statement(_as_sentence(said), kind, requested=True)


def _asked(clause: _Clause) -> Statement | None:
    """Return what stands before "remember that"; None: a task, or somebody else's words."""
    normalized = clause.normalized.rstrip(_TRAILING)
    if not normalized or MASK in normalized or _PATTERNS.about_text.search(normalized):
        return None
    kind: Kind = _kind(normalized, clause.corrects) or "fact"
    return Statement(_as_sentence(clause.text), kind, requested=True)


def _kind(normalized: str, corrects: bool) -> Kind | None:
    """Return what kind of statement has this form; None: it has none of them."""
    if _is_doubtful(normalized):
        return None
    preference = bool(_PATTERNS.preferences.match(normalized))
    if not preference and not _PATTERNS.facts.match(normalized):
        return None
    return _kind_of_any(normalized, corrects, preference=preference)


def _kind_of_any(normalized: str, corrects: bool, *, preference: bool) -> Kind:
    if corrects or _PATTERNS.no_longer.search(normalized):
        return "correction"
    return "preference" if preference else "fact"


def _is_doubtful(normalized: str) -> bool:
    """Return whether it is no lasting fact, or one that nobody wants to find in a prompt."""
    return bool(
        _PATTERNS.uncertain.search(normalized)
        or _PATTERNS.secret.search(normalized)
        or _CODE.search(normalized)
    )


def _main_clause(text: str) -> str:
    """Return "ich wohne in Graz" for "ich in Graz wohne", which is what follows a German "dass"."""
    words = text.rstrip(_TRAILING + "?").split()
    if len(words) < 3 or words[0].lower() not in _PATTERNS.verb_last or "," in text:
        return text
    return " ".join((words[0], words[-1], *words[1:-1]))


def _normalize(masked: str) -> str:
    """Return it in lower case, with straight apostrophes, and of the same length."""
    return re.sub(r"\s", " ", lowered(masked).replace("’", "'"))


def _as_sentence(text: str) -> str:
    """Return one line that begins with a capital letter and ends with a period."""
    line = " ".join(text.split()).rstrip(_TRAILING + "?")
    return f"{line[:1].upper()}{line[1:]}." if line else ""


def _has_usable_length(content: str) -> bool:
    return len(content) <= MOST_CHARACTERS and len(content.split()) >= LEAST_WORDS
