"""Messages that ask for several things."""

from __future__ import annotations

import pytest

from pisovereign.parsing.joints import halves_of


@pytest.mark.parametrize(
    ("text", "parted"),
    [
        ("show my mails and the weather", ("show my mails", "the weather")),
        ("What's the weather? Show my mails", ("What's the weather?", "Show my mails")),
        ("wie ist das Wetter, und zeig meine Mails", ("wie ist das Wetter", "zeig meine Mails")),
        ("show my mails and then the weather", ("show my mails", "the weather")),
        ("montre mes rappels et donne-moi la météo", ("montre mes rappels", "donne-moi la météo")),
    ],
)
def test_where_a_message_is_parted(text: str, parted: tuple[str, str]) -> None:
    assert parted in list(halves_of(text))


@pytest.mark.parametrize("text", ["say “this and that”", "sandwich", "and", "the weather"])
def test_where_it_is_not(text: str) -> None:
    assert list(halves_of(text)) == []
