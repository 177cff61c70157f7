"""Whatever is said, a result comes, the same each time, and soon."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.parse.cases import CATALOG
from pisovereign.parsing.types import LONGEST_INPUT, Parsed
from pisovereign.reading.utterance import LONGEST_REQUEST
from pisovereign.validation import check
from tests.parsing.support import BERLIN, NOW
from tests.support.rules import rules

PIECES = [
    "a ", "remind me ", "create a meeting ", "at 3 ", "tomorrow ", "in ", "bitte ", "kannst du ",
    ", ", ". ", "? ", '"', "'", "um ", "von 1 bis ", "1 ", "12:", "1.1.", "a", "ä", "-", "ß",
    "weather in ", "erinnere mich ", "an den ", "zu ", "zuzu", "hi ", "please ", "from 1 to ",
    "the ", "31.2. ", "31 april ", "feb 29 ", "2026-01-01 ", "und ", "einund", "next ", "heute ",
    "ping ", "run ", "trag ", " ein", "in my calendar ", "called ", "\n", ": ", "danke ", "...",
    "9999-12-31 ", "1900-01-01T00:00 ", "0 ", "500 days ", "next 500 days ", "for 9999 hours ",
    "in 9999 months ", "in 0 minutes ", "show my calendar for ", "show the last ", "emails ",
    "quarter past ", "viertel vor ", "zwanzig ", "1 hour and ", "nächstes jahr ",
    "rappelle-moi ", "de ", "d'", "à ", "à 9 h ", "demain ", "et demie ", "moins le quart ",
    "le 31 février ", "les 5 prochains jours ", "du 3 au ", "vingt et ", "l'", "mon agenda ",
    "qu'est-ce que ", "météo à ",
    "\u2028", "\x1f", "\u0130", "☃",
]  # fmt: skip


def parse(text: str) -> Parsed:
    return rules().parse(text, NOW, BERLIN, CATALOG)


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "lead", ["", "remind me ", "schedule ", "trage ", "erinnere mich ", "rappelle-moi ", "ajoute "]
)
def test_rows_of_the_same_words(lead: str) -> None:
    for piece in PIECES:
        for end in ("", " ein", " bitte", "?"):
            text = (lead + piece * LONGEST_REQUEST)[: LONGEST_REQUEST - len(end)] + end
            assert parse(text) == parse(text)


@pytest.mark.timeout(120)
@given(st.lists(st.sampled_from(PIECES), max_size=120).map("".join))
def test_words_in_any_order(text: str) -> None:
    parsed = parse(text)
    assert parsed.parsed == (parsed.command is not None)
    if parsed.command is not None:
        fields = {k: v for k, v in msgspec.to_builtins(parsed.command).items() if k != "type"}
        assert check(fields, type(parsed.command)) == (parsed.command, [])
    assert 0 <= parsed.confidence <= 1
    assert not (parsed.requires_approval and parsed.command is None)


@pytest.mark.timeout(120)
@given(st.text(max_size=LONGEST_REQUEST))
def test_any_text(text: str) -> None:
    assert parse(text) == parse(text)


@pytest.mark.timeout(120)
def test_what_was_pasted_is_not_read() -> None:
    request = "remind me at 5 to leave. "
    assert parse(request).parsed
    assert not parse("x" * LONGEST_REQUEST + request).parsed
    assert not parse((request * 100)[:LONGEST_INPUT]).parsed
    for _ in range(1000):
        parse("a " * (LONGEST_INPUT // 2))
