"""Conversations on the page: what people do with them, and what becomes of answers on a bad day."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.chat.test_tools import DENTIST, KEEP, TITLE, acting, script
from tests.support.api_process import ApiProcess
from tests.support.equipped import Equipped
from tests.support.scripted_model import Calls, Slow
from tests.support.server import ADMIN_KEY, TWO_USERS, Server
from tests.web.pages import Pages, axe, fits, sign_in

__all__ = ["acting"]


def say(page: Page, text: str) -> Locator:
    """Say something; returns the answer once it is over."""
    before = page.locator(".message.assistant").count()
    page.get_by_label("Message", exact=True).fill(text)
    page.get_by_role("button", name="Send", exact=True).click()
    answer = page.locator(".message.assistant").nth(before)
    expect(answer).to_have_class("message assistant done", timeout=60_000)
    return answer


def reload(page: Page) -> None:
    """Load the page anew; the key was in memory only."""
    page.reload()
    if page.locator("input[name=key]").or_(page.locator("#main h1")).first.get_attribute("name"):
        sign_in(page, ADMIN_KEY)


def test_a_conversation_is_kept_found_named_saved_and_deleted(
    equipped: Equipped, acting: ApiProcess, pages: Pages
) -> None:
    word = f"zebra{uuid.uuid4().hex[:6]}"
    page = pages.open(acting.url)
    script(equipped, "It is a **striped** animal.", "A horse is not striped.")
    say(page, f"What do you make of a {word}?")
    assert "?c=" in page.url
    reload(page)
    answer = page.locator(".message.assistant.done")
    expect(answer.locator("strong")).to_have_text("striped")
    answer.get_by_text("What this used").click()
    expect(answer.locator(".answer-details dl")).to_contain_text("Memories")
    side = page.get_by_role("region", name="Conversations")
    current = side.locator(".conversation-item.current")
    expect(current).to_contain_text(f"What do you make of a {word}?")
    axe(page)
    side.get_by_label("Search your conversations").fill(f"{word.upper()} make")
    expect(side.get_by_role("listitem")).to_have_count(1)
    expect(side.locator(".conversation-excerpt")).to_have_text(f"What do you make of a {word}?")
    side.get_by_role("button", name="Name, save or delete").click()
    dialog = page.get_by_role("dialog")
    axe(page)
    with page.expect_download() as saved:
        dialog.get_by_role("button", name="Save to read").click()
    assert "It is a **striped** animal." in Path(saved.value.path()).read_text("utf-8")
    dialog.get_by_label("Name", exact=True).fill("Stripes")
    dialog.get_by_label("Name", exact=True).press("Enter")
    expect(dialog).to_have_count(0)
    expect(side.locator(".conversation-title")).to_have_text("Stripes")
    side.get_by_role("button", name="Name, save or delete: Stripes").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("button", name="What can you do?")).to_be_visible()
    expect(side.get_by_role("listitem")).to_have_count(0)
    assert "?c=" not in page.url


def test_what_was_asked_is_changed_and_asked_once_more(
    equipped: Equipped, acting: ApiProcess, pages: Pages
) -> None:
    page = pages.open(acting.url)
    script(equipped, "The first answer.", "The second answer.", "The third.", "The fourth.")
    say(page, "I wonder about the sea")
    say(page, "I wonder about the mountains")
    page.get_by_role("button", name="Answer again").last.click()
    expect(page.locator(".message.assistant.done").last).to_contain_text("The third.")
    expect(page.locator(".message")).to_have_count(4)
    page.get_by_role("button", name="Change the message").first.click()
    page.locator(".message-editor textarea").fill("I wonder about the desert")
    page.get_by_role("button", name="Send the new one").click()
    expect(page.locator(".message.assistant.done")).to_have_text([re.compile("The fourth")])
    reload(page)
    expect(page.locator(".message.user .message-text")).to_have_text(["I wonder about the desert"])


def test_an_approval_is_decided_where_it_was_asked_for(
    equipped: Equipped, acting: ApiProcess, pages: Pages
) -> None:
    page = pages.open(acting.url, device="phone", language="de")
    script(equipped, Calls(("create_reminder", DENTIST)), "Es wartet auf dich.")
    page.get_by_label("Nachricht", exact=True).fill(KEEP)
    page.get_by_role("button", name="Senden", exact=True).click()
    card = page.locator(".message .approval")
    expect(card.locator(".approval-title")).to_contain_text("2099")
    expect(card).to_contain_text("the dentist")
    axe(page)
    fits(page)
    card.get_by_role("button", name="Genehmigen").click()
    expect(card.get_by_role("button")).to_have_count(0)
    listed = acting.request("GET", "/v1/reminders?limit=500").json()
    assert any(one["title"] == DENTIST["title"] for one in listed)
    assert TITLE in {
        one["title"] for one in acting.request("GET", "/v1/approvals?status=executed").json()
    }


def test_an_answer_is_stopped_and_joined_after_a_reload(
    equipped: Equipped, acting: ApiProcess, pages: Pages
) -> None:
    page = pages.open(acting.url)
    # It has begun, and is not over, however long the browser takes.
    script(equipped, Slow(f"There was a ship.\n\nIt sailed{' on and on.' * 200}"))
    page.get_by_label("Message", exact=True).fill("Tell me a very long story of the sea.")
    page.get_by_role("button", name="Send", exact=True).click()
    writing = page.locator(".message.assistant.writing")
    expect(writing).to_contain_text("It sailed")
    reload(page)
    # It goes on, from its first word.
    expect(writing).to_contain_text("There was a ship.")
    page.get_by_role("button", name="Stop", exact=True).click()
    stopped = page.locator(".message.assistant.stopped")
    expect(stopped).to_contain_text("You stopped this answer.")
    shown = stopped.locator(".markdown").inner_text()
    reload(page)
    again = page.locator(".message.assistant.stopped .markdown")
    # As it is shown: the text of two paragraphs alone has nothing between them.
    expect(again).to_have_text(shown, use_inner_text=True)


@pytest.fixture
def own(models_dir: Path, tmp_path: Path) -> Iterator[Server]:
    """A server that is killed."""
    running = Server(tmp_path / "data", models_dir, TWO_USERS).start()
    yield running
    running.remove()


def test_a_page_outlives_the_program(own: Server, pages: Pages) -> None:
    """It says that an answer was interrupted, and asks for it once more when somebody wants it."""
    pages.expected += ["ERR_", "Failed to load"]
    page = pages.open(own.url)
    page.get_by_label("Message", exact=True).fill("Tell me a very long story of the sea.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.locator(".message.assistant.writing")).to_be_visible()
    own.kill_everything()
    expect(page.locator(".message.assistant.reconnecting")).to_be_visible()
    own.start()
    failed = page.locator(".message.assistant.failed")
    expect(failed).to_contain_text("send it again", timeout=60_000)
    failed.get_by_role("button", name="Try again").click()
    expect(page.locator(".message.assistant.writing")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop", exact=True).click()
    conversation = page.url.partition("?c=")[2]
    stored = own.request("GET", f"/v1/conversations/{conversation}", key=ADMIN_KEY).json()
    assert len([one for one in stored["messages"] if one["role"] == "user"]) == 1
