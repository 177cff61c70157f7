"""What is approved is what is seen: one form of a text, in which nothing hides."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pisovereign.text.canonical import MOST_BLANKS, canonical, canonical_line, visible

TRICKS = (
    "\u202e\u2066\u2069\u200b\u200d\u200c\u3164\u2800\ufeff\u00ad\U000e0041\u0301\ufe0f\r\u2028"
)
HOSTILE = st.text(st.sampled_from(TRICKS + " \t\nab.é😀"), max_size=80) | st.text(max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pay \u202e05 EUR", "pay 05 EUR"),
        ("Lunch\u3164\u3164\u3164\u3164 and send money", "Lunch and send money"),
        ("Lunch\u2800\u2800 tomorrow", "Lunch tomorrow"),
        ("Lunch" + " " * 400 + "and send money", "Lunch and send money"),
        ("Lunch\n\n\n\nand send money", "Lunch and send money"),
        ("ad\u200bmin\ufeff", "admin"),
        ("tag\U000e0068\U000e0069ged", "tagged"),
        ("soft\u00adhyphen", "softhyphen"),
        ("Ada\u00a0Lovelace", "Ada Lovelace"),
        ("e\u0301t\u0065\u0301", "été"),
        ("Z" + "\u0336\u0337\u0338\u0334\u0335\u0332" + "o", "Z\u0336\u0337\u0338\u0334o"),
    ],
)
def test_nothing_hides_in_a_title(text: str, shown: str) -> None:
    assert canonical_line(text) == unicodedata.normalize("NFC", shown)


@pytest.mark.parametrize(
    "text",
    [
        "Grüße an Zoë, à bientôt",
        "👩‍👩‍👧 picnic ❤️ 🇫🇷 1️⃣",
        "می‌خواهم",  # Persian needs the joiner that keeps letters apart
        "שלום עולם",
        "क्षत्रिय",
        "日本語、テスト",
        "code:\n        indented\n\n\nend",
    ],
)
def test_usual_text_stays_as_it_is(text: str) -> None:
    assert canonical(text) == unicodedata.normalize("NFC", text)


@given(HOSTILE)
@example("a\u200b\u0301")
@example("\u00e9\u200d\u212a")
def test_once_is_enough(text: str) -> None:
    assert canonical(canonical(text)) == canonical(text)
    assert canonical_line(canonical_line(text)) == canonical_line(text)


@given(HOSTILE)
def test_no_blank_is_long_and_no_direction_changes(text: str) -> None:
    done = canonical(text)
    assert " " * (MOST_BLANKS + 1) not in done
    assert "\n" * 4 not in done
    assert not any(unicodedata.bidirectional(char) in _TURNS for char in done)


_TURNS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def test_what_may_not_be_changed_is_written_out() -> None:
    assert visible("a\u202eb") == "a⟨U+202E⟩b"
    assert visible("a" + " " * 40 + "b") == "a⟨40 ␣⟩b"
    assert visible("a\u3164b") == "a⟨U+3164⟩b"
    assert visible("Zoë 👩‍👧 ❤️\nnext") == "Zoë 👩‍👧 ❤️\nnext"


@given(HOSTILE)
def test_nothing_is_left_to_write_out(text: str) -> None:
    assert not {"\u202e", "\u200b", "\u3164", "\u2800", "\ufeff"} & set(visible(text))
