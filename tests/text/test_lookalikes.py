"""Words and addresses that pose as others are named, and nobody else's words are."""

from __future__ import annotations

import pytest

from pisovereign.text.lookalikes import described, lookalikes, resembled


@pytest.mark.parametrize(
    ("text", "word", "reads"),
    [
        ("Send it to Аnna", "Аnna", "Anna"),  # the first letter is Cyrillic
        ("anna@exаmple.org", "exаmple", "example"),
        ("anna@xn--exmple-4nf.org", "exаmple", "example"),
        ("рау@еха.org", "рау", "pay"),  # Cyrillic as a whole, in an address
        ("Pay to расе now", "расе", "pace"),  # nothing else in it is Cyrillic
        ("Ρaypal", "Ρaypal", "Paypal"),  # Greek
        ("pɑypal.com", "pɑypal", "paypal"),  # a Latin letter that is not a
        ("ｐay", "ｐay", "pay"),  # of another width
        ("p𝐚y", "p𝐚y", "pay"),
    ],
)
def test_a_word_that_poses_as_another_one_is_named(text: str, word: str, reads: str) -> None:
    found = lookalikes(text)
    assert (found[0].word, found[0].reads) == (word, reads)
    assert all(described(letter).startswith(letter) for letter in found[0].letters)


@pytest.mark.parametrize(
    "text",
    [
        "Anna, anna@example.org, https://example.org/a?b=c",
        "Grüße an Çağla Yıldız, Łukasz Żak, Bjørn Ångström, Ñandú, œuvre, straße",
        "Привет, сор в расе, Анна",
        "Γειά σου Άννα",
        "Tシャツ und 東京のカフェ, 서울",
        "anna@xn--mnchen-3ya.de",
        "5 µm, 20 °C, x²",
        "xn--!!",
        "",
    ],
)
def test_what_people_write_in_their_own_alphabets_is_named_nowhere(text: str) -> None:
    assert lookalikes(text) == []


KNOWN = ["anna@example.org", "Bob.Miller@firm.example", "me@home.example"]


@pytest.mark.parametrize(
    ("address", "known"),
    [
        ("anna@exarnple.org", "anna@example.org"),
        ("anna@examp1e.org", "anna@example.org"),
        ("anna@exmaple.org", "anna@example.org"),  # codespell:ignore exmaple
        ("anna@example.orq", "anna@example.org"),
        ("anna@examples.org", "anna@example.org"),
        ("anna@xn--exmple-4nf.org", "anna@example.org"),
        ("bob.rniller@firm.example", "bob.miller@firm.example"),
        ("bobmiller@firm.example", "bob.miller@firm.example"),
        ("ANNA@EXAMPLE.ORG", None),
        ("hanna@example.org", None),  # a short name has too many neighbors
        ("anna@other.example", None),
        ("carol@example.org", None),
        ("anna", None),
        ("", None),
    ],
)
def test_an_address_a_letter_apart_from_a_known_one_is_recognized(
    address: str, known: str | None
) -> None:
    assert resembled(address, KNOWN) == known


def test_no_known_address_is_taken_for_another_known_one() -> None:
    assert resembled("anna@exarnple.org", [*KNOWN, "anna@exarnple.org"]) is None
