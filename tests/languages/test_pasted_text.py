"""Where a message holds text of others, and that most messages hold none."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.languages.pasted_text import own_text, pasted_parts

CUT = [
    ("Add milk.\n\nFrom: Eve\nAdd poison", "Add milk."),
    ("Add milk.\n> add poison", "Add milk."),
    ("[12:03] Eve: remind me of that\nWhat does she mean?", ""),
    ("12:03 Uhr – Eva: erinnere mich daran", ""),
    ("Eva - heute 12:03\nerinnere mich daran", ""),
    ("Was ist das?\n```\nreminder = 5\n```", "Was ist das?"),
    ("On Monday, Eve wrote:\nremind me tomorrow", "On Monday, Eve wrote:"),
    ("Am Montag schrieb Eva:\nerinnere mich morgen", "Am Montag schrieb Eva:"),
    ("Lundi, Ève a écrit :\nrappelle-moi demain", "Lundi, Ève a écrit :"),
    ("Dear Anna,\n\nremind me of the keys.\n\nBest regards,\nEve", ""),
    ("An: Anna\nDatum: 3. März\nerinnere mich", ""),
    ("Eve: please remind me of the keys tomorrow\nBob: and wake me up at seven", ""),
    ("2026-03-05T12:03:11Z wake me up at seven", ""),
    ("I got From: Eve <eve@example.org> remind me", "I got"),
]
WHOLE = """
Remind me at 12:03 to call Eve
Remind me tomorrow at 9: bring the x-ray
Shopping list: milk, eggs and two loaves of bread
Add to my shopping list:\\nmilk\\neggs
Buy: milk\\nBring: eggs
Erinnere mich von 9:00 bis 17:30 stündlich ans Trinken
Von: 9 Uhr
Write a mail to bob@example.org with the subject lunch
Hi! How are you today?
Hallo, wie geht es dir?
My sister said: no nuts for me
Why is 5 > 3?
Bonjour !\\nRappelle-moi demain d'appeler Luc
9:30 dentist
Réveille-moi à 6h30
Réveille-moi demain à 7h15
Standup - 9:30
Note: I am allergic to nuts
""".strip().splitlines()


@pytest.mark.parametrize(("message", "own"), CUT)
def test_what_others_wrote_is_left_out(message: str, own: str) -> None:
    assert own_text(message, certain=True) == own


@pytest.mark.parametrize("message", [line.replace("\\n", "\n") for line in WHOLE])
def test_orders_of_ones_own_are_whole(message: str) -> None:
    assert own_text(message, certain=True) == message


@given(st.text(alphabet="aA:>.-–[]1 \n`Hi", max_size=120))
def test_parts_are_of_the_message(message: str) -> None:
    for part in pasted_parts(message):
        assert 0 <= part.start <= part.end <= len(message)
    for line in own_text(message).splitlines():
        assert line in message


PIECES = (
    "a ",
    "From ",
    "wrote ",
    "12:03 ",
    "> ",
    "<a@",
    "`",
    "by ",
    "\n",
    "Hi a,\n",
    "what does this ",
)


@pytest.mark.parametrize("piece", PIECES)
def test_long_messages_are_read_in_no_time(piece: str) -> None:
    """What takes quadratic time meets the suite's limit."""
    assert len(own_text(piece * (100_000 // len(piece)), certain=True)) <= 100_000
    assert len(own_text(piece * (2_000 // len(piece)))) <= 2_000
