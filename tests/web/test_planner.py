"""Reminders, timers, lists, tasks and schedules in a browser, and notices on open pages."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.reminders.support import at
from tests.support.days import lasting_day
from tests.support.server import ADMIN_KEY, Server
from tests.web.pages import Pages, axe, fits, go

UTC = ZoneInfo("UTC")
EVERYTHING = ("/v1/reminders?status=open", "/v1/lists", "/v1/agentic/schedules")


@pytest.fixture(autouse=True)
def _nothing_left(server: Server) -> None:
    clean(server)


def clean(server: Server) -> None:
    for path in EVERYTHING:
        for one in server.request("GET", path, key=ADMIN_KEY).json():
            server.request("DELETE", f"{path.partition('?')[0]}/{one['id']}", key=ADMIN_KEY)


def remind(server: Server, title: str, **other: object) -> str:
    body = {"title": title, "remind_at": at(dt.timedelta(0))} | other
    answer = server.request("POST", "/v1/reminders", key=ADMIN_KEY, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def notices(page: Page) -> list[str]:
    return page.locator(".notices .notice strong").all_inner_texts()


def day_in_words(at: dt.datetime, otherwise: str) -> str:
    """Return how the page calls a day that is near; the browser has the time zone of the tests."""
    days = (at.astimezone(dt.UTC).date() - dt.datetime.now(dt.UTC).date()).days
    return {0: "today", 1: "tomorrow"}.get(days, otherwise)


def in_five_minutes() -> str:
    return day_in_words(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=5), "later")


def test_reminders_in_words_and_by_form(server: Server, pages: Pages) -> None:
    lasting_day(UTC)
    page = pages.open(server.url, "/reminders")
    main = page.locator("main")
    axe(page)
    words = main.get_by_label("What, and when?")
    words.fill("take out the bins every Monday at 7")
    words.press("Enter")
    told = page.locator(".toast").inner_text()  # it goes by itself
    made = main.get_by_role("listitem").filter(has_text="take out the bins")
    expect(made).to_contain_text("every week")
    (bins,) = (
        reminder
        for reminder in server.request("GET", "/v1/reminders?limit=200").json()
        if reminder["title"] == "take out the bins"
    )
    monday = dt.datetime.fromisoformat(bins["remind_at"])
    assert monday.strftime("%A") == "Monday"
    # The answer names the day, so that a wrong one is seen.
    assert day_in_words(monday, "Monday") in told
    # What does not say when is asked for, with what it says.
    words.fill("buy a present")
    words.press("Enter")
    dialog = page.get_by_role("dialog")
    axe(page)
    expect(dialog.get_by_label("What?")).to_have_value("buy a present")
    dialog.get_by_label("When?").fill("2099-12-24T17:00")
    dialog.get_by_label("How often?").select_option("yearly")
    dialog.get_by_role("button", name="Save").click()
    present = main.get_by_role("listitem").filter(has_text="buy a present")
    expect(present).to_contain_text("December 24")
    present.get_by_role("button", name="Change: buy a present").press("Enter")
    dialog.get_by_label("What?").fill("wrap a present")
    dialog.get_by_role("button", name="Save").click()
    wrapped = main.get_by_role("listitem").filter(has_text="wrap a present")
    wrapped.get_by_role("button", name="Delete: wrap a present").click()
    expect(wrapped).to_have_count(0)
    page.locator(".toast").filter(has_text="Deleted").get_by_role("button", name="Undo").click()
    expect(wrapped).to_have_count(1)
    axe(page)


def test_what_is_due_shows_on_every_page_and_one_click_is_enough(
    server: Server, pages: Pages
) -> None:
    first = pages.open(server.url, "/settings")
    second = pages.open(server.url, "/lists", device="phone", language="de")
    remind(server, "Take the pills <b>now</b>")
    for page in (first, second):
        expect(page.locator(".notices .notice")).to_contain_text("Take the pills <b>now</b>")
        axe(page)
    fits(second)
    second.locator(".notices").get_by_role("button", name="Erledigt").click()
    for page in (first, second):
        expect(page.locator(".notices .notice")).to_have_count(0)
    # A page that was not there when it came shows it, and can put it off.
    remind(server, "Water the plants")
    expect(first.locator(".notices .notice")).to_have_count(1)
    third = pages.open(server.url, "/settings")
    days = {in_five_minutes()}
    third.locator(".notices select").select_option("5")
    days.add(in_five_minutes())
    told = re.compile(f"You will be told again: ({'|'.join(days)})")
    expect(third.locator(".toast")).to_contain_text(told)
    expect(first.locator(".notices .notice")).to_have_count(0)


def test_a_timer_rings_on_an_open_page(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/timers")
    main = page.locator("main")
    axe(page)
    page.evaluate(
        """() => {
            window.tones = 0;
            const start = OscillatorNode.prototype.start;
            OscillatorNode.prototype.start = function (...given) {
                window.tones += 1;
                return start.apply(this, given);
            };
        }"""
    )
    main.get_by_role("button", name="10 min").click()
    running = main.get_by_role("timer")
    expect(running).to_have_text(re.compile(r"^(10:00|9:\d\d)$"))
    axe(page)
    main.get_by_role("button", name="Stop: Timer").click()
    expect(running).to_have_count(0)
    main.get_by_label("Minutes").fill("0.02")
    main.get_by_label("Name, if you like").fill("Eggs")
    main.get_by_role("button", name="Start").click()
    notice = page.locator(".notices .notice")
    expect(notice).to_contain_text("Eggs")
    page.wait_for_function("window.tones > 0")
    notice.get_by_role("button", name="Done").click()
    expect(notice).to_have_count(0)
    # It is silent now: what rings later is another one.
    before = page.evaluate("window.tones")
    remind(server, "Silent")
    expect(notice).to_contain_text("Silent")
    assert page.evaluate("window.tones") == before


def test_alarms_are_meant_for_the_next_morning(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/timers", device="phone", language="fr", dark=True)
    fits(page)
    axe(page)
    page.locator("main").get_by_role("button", name="Nouveau réveil").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Quand ?")).to_have_value(re.compile(r"T07:00$"))
    dialog.get_by_role("button", name="Enregistrer").click()
    expect(page.locator("main").get_by_role("list", name="Réveils")).to_contain_text(
        re.compile("7:00")
    )


def test_lists(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/lists", device="phone")
    main = page.locator("main")
    axe(page)
    main.get_by_label("New list").fill("Party")
    main.get_by_label("New list").press("Enter")
    expect(main.get_by_role("heading", level=1)).to_have_text("Party")
    add = main.get_by_label("Add to the list")
    add.fill("Cake, Juice, <script>alert(1)</script>")
    add.press("Enter")
    rows = main.get_by_role("list", name="Items").get_by_role("listitem")
    expect(rows).to_have_text(["Cake", "Juice", "<script>alert(1)</script>"])
    axe(page)
    fits(page)
    main.get_by_role("button", name="Down: Cake").press("Enter")
    expect(rows).to_have_text(["Juice", "Cake", "<script>alert(1)</script>"])
    rows.filter(has_text="Juice").get_by_role("checkbox").press("Space")
    main.get_by_role("button", name="Remove what is done").click()
    expect(rows).to_have_text(["Cake", "<script>alert(1)</script>"])
    page.go_back()
    expect(main.get_by_role("heading", level=1)).to_have_text("Lists")
    expect(main.get_by_text("2 open of 2")).to_be_visible()
    page.go_forward()
    expect(rows).to_have_text(["Cake", "<script>alert(1)</script>"])
    main.get_by_role("button", name="Delete").last.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Delete").click()
    expect(main.get_by_role("heading", level=1)).to_have_text("Lists")
    assert server.request("GET", "/v1/lists", key=ADMIN_KEY).json() == []


def test_a_task_is_followed_and_a_schedule_is_made(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/tasks")
    main = page.locator("main")
    axe(page)
    main.get_by_label("What is to be done?").fill("Show my reminders, and tell me what you can do")
    main.get_by_role("button", name="Begin").click()
    expect(main.get_by_role("status")).to_contain_text("Done")
    expect(main.get_by_role("list").get_by_role("listitem")).to_have_count(2)
    axe(page)
    go(page, "/schedules")
    main.get_by_role("button", name="New").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("How often?").select_option("weekly")
    dialog.get_by_label("Day").select_option("5")
    dialog.get_by_label("Time").fill("06:30")
    axe(page)
    dialog.get_by_role("button", name="Save").click()
    item = main.get_by_role("listitem")
    expect(item).to_contain_text("every Friday at 06:30")
    expect(item).to_contain_text("next")
    item.get_by_role("button", name="On", exact=True).click()
    expect(item).to_contain_text("Switched off")
    (stored,) = server.request("GET", "/v1/agentic/schedules", key=ADMIN_KEY).json()
    assert (stored["cron"], stored["enabled"]) == ("30 6 * * 5", False)
    axe(page)


@pytest.mark.parametrize("device", ["desktop", "phone"])
def test_the_start_page_and_what_is_not_connected(
    server: Server, pages: Pages, device: str
) -> None:
    remind(server, "Feed the cat", remind_at="2099-12-24T17:00:00Z")
    page = pages.open(server.url, "/today", device=device, dark=device == "phone")  # type: ignore[arg-type]
    main = page.locator("main")
    expect(main.get_by_text("Feed the cat")).to_be_visible()
    expect(main.get_by_text("Nothing waits for you.")).to_be_visible()
    axe(page)
    fits(page)
    go(page, "/mail")
    expect(main).to_contain_text("No mailbox is connected yet.")
    axe(page)
