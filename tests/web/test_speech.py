"""Speaking with the page, in a browser with a microphone, and services that speak Wyoming."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.support.api_process import ApiProcess
from tests.support.browser import chromium
from tests.support.server import ADMIN_KEY, Server, wait_until
from tests.support.speech_services import SpeechServices
from tests.web.pages import Pages, axe, fits

MICROPHONE = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium whose microphone hears beeps."""
    with chromium(*MICROPHONE) as running:
        yield running


def test_what_is_said_is_shown_before_it_is_sent_and_answers_are_read_aloud(
    server: Server, pages: Pages
) -> None:
    title = f"water the ferns {uuid.uuid4().hex[:6]}"
    with (
        SpeechServices() as services,
        ApiProcess(
            server,
            PISOVEREIGN_SPEECH__TO_TEXT=services.address,
            PISOVEREIGN_SPEECH__TO_SPEECH=services.address,
        ) as api,
    ):
        services.says = f"remind me to {title} tomorrow at 9"
        page = pages.open(api.url, device="phone")
        page.get_by_label("Message", exact=True).fill("Please")
        page.get_by_role("button", name="Speak", exact=True).click()
        stop = page.get_by_role("button", name="Stop and write it down")
        expect(stop).to_have_attribute("aria-pressed", "true")
        axe(page)
        fits(page)
        # The browser's microphone for tests is silent but for a beep a second.
        page.wait_for_timeout(2_000)
        stop.click()
        field = page.get_by_label("Message", exact=True)
        expect(field).to_have_value(f"Please {services.says}")
        ((_, rate, audio),) = services.heard
        assert rate == 16_000
        assert len(audio) > 3_200
        assert any(audio)
        # Shown, and nothing was done yet.
        listed = api.request("GET", "/v1/reminders?status=open", key=ADMIN_KEY).json()
        assert not [each for each in listed if each["title"] == title]
        page.get_by_role("button", name="Send", exact=True).click()
        answer = page.locator(".message.assistant.done")
        expect(answer).to_contain_text(title)
        answer.get_by_role("button", name="Read aloud").click()
        wait_until(lambda: services.spoken, 60, "a voice")
        assert title in services.spoken[0][0]
        listed = api.request("GET", "/v1/reminders?status=open", key=ADMIN_KEY).json()
        (mine,) = [each for each in listed if each["title"] == title]
        api.request("DELETE", f"/v1/reminders/{mine['id']}", key=ADMIN_KEY)


def test_without_services_nothing_is_offered(server: Server, pages: Pages) -> None:
    page = pages.open(server.url)
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Speak", exact=True)).to_have_count(0)
