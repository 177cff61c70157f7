"""What may stand in a mail that is to be sent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.actions.types import DraftEmail, SendEmail
from pisovereign.connectors.email.types import split_recipients
from pisovereign.validation import check

GOOD = {"to": "bob@example.org", "subject": "Hi", "body": "Hello\nBob"}


def broken(**changes: Any) -> dict[str, str]:
    """The fields that are refused, and why."""
    _, errors = check(GOOD | changes, SendEmail)
    return {error["field"]: error["error"] for error in errors}


@pytest.mark.parametrize("command", [SendEmail, DraftEmail])
def test_what_is_right(command: type[SendEmail | DraftEmail]) -> None:
    assert check(GOOD, command)[1] == []
    assert check({"body": "Yes", "reply_to": "1795635472-12"}, command)[1] == []
    assert check(GOOD | {"subject": "Grüße 👩‍💻", "body": "a\tb\r\nc"}, command)[1] == []


@pytest.mark.parametrize(
    "to",
    [
        "",
        "bob@",
        "@example.org",
        "bob@example.org\r\nBcc: eve@example.net",
        "bob@example.org\nx",
        "bob@example.org, eve@",
        "<bob@example.org>",
        "Bob <bob@example.org>",
        "bob@exam ple.org",
        "bob@[127.0.0.1]",
        '"bob\r\n"@example.org',
        "jürgen@example.org",
        "bob@example.org\0",
        "bob@\u202egro.elpmaxe",
        ",",
        ",".join(f"p{number}@example.org" for number in range(11)),
    ],
)
def test_what_is_no_recipient(to: str) -> None:
    assert list(broken(to=to)) == ["to"]


@pytest.mark.parametrize(
    "text", ["", "  ", "a\0b", "a\x1b[31mb", "\u202eevil", "a\u2066b", "pass\u200bword", "\ud800"]
)
def test_what_is_no_subject_and_no_text(text: str) -> None:
    assert list(broken(subject=text)) == ["subject"]
    assert list(broken(body=text)) == ["body"]


@pytest.mark.parametrize("subject", ["a\nb", "a\r\nBcc: eve@example.net", "a\x85b", "a\u2028b"])
def test_a_subject_is_one_line(subject: str) -> None:
    assert list(broken(subject=subject)) == ["subject"]


def test_every_broken_field_at_once() -> None:
    found = broken(to="x@", subject="a\nb", body="", reply_to="../1")
    assert found == {
        "to": "'x@' is not a mail address",
        "subject": "cannot hold the character U+000A",
        "body": "cannot be empty",
        "reply_to": "must match ^[0-9]{1,10}-[0-9]{1,10}$",
    }


def test_people_may_be_named() -> None:
    assert broken(to="bob") == {}
    assert broken(to="bob@example.org, eve") == {}


def test_recipients_are_given_in_one_form() -> None:
    found = split_recipients(" bob@EXAMPLE.org ,zoe@bücher.example,bob@example.org")
    assert found == ["bob@example.org", "zoe@xn--bcher-kva.example"]


@given(st.text(max_size=60))
def test_nothing_that_passes_holds_a_line_end(value: str) -> None:
    try:
        addresses = split_recipients(value)
    except ValueError:
        return
    assert all(address.isascii() and address.isprintable() for address in addresses)
    assert all(" " not in address and "," not in address for address in addresses)
