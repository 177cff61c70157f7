"""To-dos and people of the calendar's server in a browser."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.connectors.calendar.test_contacts import card
from tests.support.equipped import Equipped
from tests.web.pages import Pages, axe, fits
from tests.web.test_planner_connected import approve_what_waits


@pytest.fixture
def account(equipped: Equipped) -> Iterator[str]:
    """The name of somebody in an address book, beside a list of tasks; both are gone afterwards."""
    name = f"Zora{uuid.uuid4().hex[:6]}"
    radicale, book, tasks = equipped.radicale, f"b{uuid.uuid4().hex}", f"t{uuid.uuid4().hex}"
    radicale.make_address_book(book, "Friends")
    radicale.make_calendar(tasks, "Chores", components=("VTODO",))
    radicale.add_card(book, "zora", card(name, "EMAIL:zora@example.org", "BDAY:--05-17"))
    yield name
    for each in (book, tasks):
        radicale.remove(each)
    # It looks for lists anew once one of them is gone.
    for _ in range(2):
        equipped.server.request("GET", "/v1/tasks")


def test_todos_and_people(equipped: Equipped, pages: Pages, account: str) -> None:
    page = pages.open(equipped.server.url, "/calendar", device="phone", timezone_id="Europe/Berlin")
    todos = page.locator(".calendar-tasks")
    todos.get_by_label("New to-do").fill("Water the plants")
    todos.get_by_role("button", name="Save").click()
    approve_what_waits(page, "Water the plants")
    # Other tests leave to-dos in lists of their own.
    own = todos.get_by_role("listitem").filter(has_text="Water the plants")
    expect(own).to_be_visible()
    axe(page)
    fits(page)
    todos.get_by_role("button", name="Done: Water the plants").click()
    approve_what_waits(page, "Water the plants")
    expect(own).to_have_count(0)

    page.goto(f"{equipped.server.url}/contacts")
    main = page.locator("main")
    main.get_by_label("Search by name").fill(account[:6].lower())
    found = main.get_by_role("listitem").filter(has_text=account)
    expect(found.first).to_contain_text("zora@example.org")
    expect(found.first).to_contain_text("Birthday: May 17")
    axe(page)
    fits(page)

    page.goto(f"{equipped.server.url}/mail")
    page.get_by_role("button", name="New mail").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("To").fill(account)
    dialog.get_by_role("button", name=f"{account} (zora@example.org)").click()
    expect(dialog.get_by_label("To")).to_have_value("zora@example.org")
    axe(page)
