"""What a push message says, and how long it may be."""

from __future__ import annotations

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pisovereign.connectors.sending import Outgoing
from pisovereign.languages import LANGUAGES
from pisovereign.notifications.push.channel import PushChannel, shorten
from pisovereign.notifications.push.encryption import Sender
from pisovereign.notifications.push.types import Reached
from tests.support.push_service import SubscribedBrowser

BROWSER = SubscribedBrowser("https://push.example.com/x")


def channel(*, show_text: bool) -> PushChannel:
    return PushChannel(None, None, None, None, show_text=show_text)  # type: ignore[arg-type]


def outgoing(text: str) -> Outgoing:
    return Outgoing(id=uuid4(), about="approval", subject=uuid4(), to="", text=text, tries=1)


def reached() -> Reached:
    sent = BROWSER.subscription()
    keys = sent["keys"]
    return Reached(uuid4(), sent["endpoint"], keys["p256dh"], keys["auth"], "en")


@pytest.mark.parametrize("language", LANGUAGES)
def test_text_is_left_out_where_a_setting_says_so(language: str) -> None:
    told = channel(show_text=False)._notice(language, outgoing("Send mail to the bank"))
    assert told.body == ""
    assert told.title
    assert channel(show_text=True)._notice(language, outgoing("Send")).body == "Send"


@given(st.text(max_size=5000))
def test_every_message_fits_and_can_be_read(text: str) -> None:
    text = text.encode(errors="replace").decode()
    notice = channel(show_text=True)._notice("en", outgoing(text))
    body = Sender.encrypt(notice, reached())
    assert len(body) <= 4096
    assert BROWSER.read(body)["body"] == shorten(text)
    assert shorten(text) == text or text.startswith(shorten(text)[:-2])


def test_sender_is_the_same_after_a_restart_and_another_for_another_key() -> None:
    first, again = Sender(b"k" * 32, "mailto:a@b.c"), Sender(b"k" * 32, "mailto:a@b.c")
    assert first.public_key == again.public_key
    assert first.public_key != Sender(b"j" * 32, "mailto:a@b.c").public_key
