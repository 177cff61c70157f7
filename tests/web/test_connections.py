"""Connections on the page: cards, forms, tests, on a desktop and a phone."""

from __future__ import annotations

import datetime as dt

from playwright.sync_api import FilePayload, Page, expect

from tests.channels.matrix.conftest import homeserver
from tests.connections.conftest import Household, _running, household
from tests.connections.test_connections import KINDS, applied
from tests.connectors.email.dovecot import PASSWORD, USER
from tests.connectors.waste.town import calendar, whole_day
from tests.support.graph_api import ALICE_PHONE, NUMBER_ID, SECRET, TOKEN
from tests.support.homeserver import ALICE_ACCOUNT, ASSISTANT, Homeserver
from tests.support.server import ADMIN_KEY, ALICE_KEY
from tests.web.pages import Pages, axe, fits, go

__all__ = ["_running", "homeserver", "household"]


def open_form(page: Page, name: str, action: str = "Set up") -> None:
    page.get_by_role("link", name=f"{name}: {action}").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)


def test_a_mailbox_is_set_up_on_a_desktop(household: Household, pages: Pages) -> None:
    page = pages.open(household.server.url, "/connections")
    expect(page.get_by_text("Not set up")).to_have_count(len(KINDS))
    axe(page)
    open_form(page, "Mail")
    page.get_by_label("Mail address or user name").fill("ada@gmx.de")
    expect(page.get_by_label("Server for incoming mail (IMAP)")).to_have_value("imap.gmx.net")
    expect(page.get_by_text("allow access by POP3 and IMAP first")).to_be_visible()
    page.get_by_label("Provider").select_option("")
    page.get_by_label("Mail address or user name").fill(USER)
    page.get_by_label("Server for incoming mail (IMAP)").fill("localhost")
    page.get_by_label("Server for outgoing mail (SMTP)").fill("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is required")).to_be_visible()
    axe(page)
    page.get_by_label("Password", exact=True).fill("wrong")
    page.get_by_text("More settings").click()
    page.get_by_label("IMAP port").fill(str(household.dovecot.tls_port))
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("heading", name="It does not work yet")).to_be_visible()
    expect(page.get_by_text("does not accept the login")).to_be_visible()
    expect(page.get_by_text("certificate valid until")).to_be_visible()
    axe(page)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_role("heading", name="It works")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Works", exact=True)).to_be_visible()
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    assert PASSWORD not in page.content()
    applied(household, "emails", 200)
    page.get_by_role("button", name="Remove connection").click()
    axe(page)
    page.get_by_role("dialog").get_by_role("button", name="Remove connection").click()
    expect(page.get_by_text("Not set up")).to_have_count(len(KINDS))
    applied(household, "emails", 503)


def test_what_is_not_set_up_leads_there(household: Household, pages: Pages) -> None:
    page = pages.open(household.server.url, "/", key=ADMIN_KEY)
    message = page.get_by_role("textbox")
    message.fill("What's the weather?")
    message.press("Enter")
    link = page.get_by_role("link", name="Set up")
    expect(link).to_be_visible()
    axe(page)
    link.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Connections")


def test_the_weather_and_whatsapp_on_a_phone(household: Household, pages: Pages) -> None:
    page = pages.open(
        household.server.url, "/connections", device="phone", language="de", dark=True
    )
    axe(page)
    fits(page)
    open_form(page, "Wetter", "Einrichten")
    place = page.get_by_label("Ort")
    place.fill("Berlin")
    place.press("Enter")
    expect(page.get_by_text("Funktioniert", exact=True)).to_be_visible()
    fits(page)
    page.get_by_role("link", name="Alle Verbindungen").click()
    open_form(page, "WhatsApp", "Einrichten")
    token = page.get_by_label("Verifizierungstoken", exact=False).first.input_value()
    assert len(token) == 48
    page.get_by_label("ID der Telefonnummer").fill(NUMBER_ID)
    page.get_by_label("Zugriffstoken").fill(TOKEN)
    page.get_by_label("App-Geheimcode").fill(SECRET)
    page.get_by_role("button", name="Jemanden hinzufügen").click()
    page.get_by_label("Telefonnummer", exact=True).fill(f"+{ALICE_PHONE[:2]} {ALICE_PHONE[2:]}")
    page.get_by_label("Wer das ist").select_option(index=0)
    axe(page)
    fits(page)
    page.get_by_role("button", name="Speichern").click()
    expect(page.get_by_text("Funktioniert", exact=True)).to_be_visible()
    assert token not in page.content()
    fits(page)
    answer = household.server.request(
        "GET",
        "/v1/webhooks/whatsapp",
        params={
            "hub.mode": "subscribe",
            "hub.verify_token": token,
            "hub.challenge": "challenge123",
        },
    )
    assert answer.text == "challenge123"


def test_who_may_write_on_matrix_is_listed_by_their_account(
    household: Household, pages: Pages, homeserver: Homeserver
) -> None:
    page = pages.open(household.server.url, "/connections", key=ADMIN_KEY)
    open_form(page, "Matrix")
    page.get_by_label("Homeserver").fill(homeserver.url)
    page.get_by_label("Access token").fill(homeserver.tokens[ASSISTANT])
    page.get_by_role("button", name="Add somebody").click()
    page.get_by_label("Account", exact=True).fill("mia")
    page.get_by_label("Who that is").select_option(index=0)
    axe(page)
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".field-error").first).to_be_visible()
    page.get_by_label("Account", exact=True).fill(f" {ALICE_ACCOUNT} ")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Works", exact=True)).to_be_visible()
    assert homeserver.tokens[ASSISTANT] not in page.content()
    household.ask("DELETE", "matrix").raise_for_status()


def test_a_file_is_chosen(household: Household, pages: Pages) -> None:
    day = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
    text = calendar(whole_day(day, "Restmüll"))

    def chosen(content: bytes) -> None:
        file = FilePayload(name="2027.ics", mimeType="text/calendar", buffer=content)
        page.get_by_label("Calendar file").set_input_files(files=file)

    page = pages.open(household.server.url, "/connections", device="phone")
    open_form(page, "Waste collection")
    axe(page)
    chosen(b"x" * (256 * 1024 + 1))
    expect(page.get_by_text("larger than 256 KiB")).to_be_visible()
    chosen(b"<html>")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("must be a calendar in iCalendar format")).to_be_visible()
    axe(page)
    chosen(text.encode("cp1252"))
    expect(page.get_by_text("There is a file with 8 lines.")).to_be_visible()
    page.get_by_role("button", name="Test").click()
    expect(page.get_by_text(f"the next on {day}: Restmüll").first).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Works", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_text("There is a file with")).to_be_visible()
    axe(page)
    fits(page)
    page.get_by_role("button", name="Remove the file").click()
    expect(page.get_by_text("There is a file with")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("is required")).to_be_visible()


def test_who_may_not_change_it_sees_that(household: Household, pages: Pages) -> None:
    household.ask("PUT", "weather", key=ADMIN_KEY, location="Berlin").raise_for_status()
    page = pages.open(household.server.url, "/connections", key=ALICE_KEY)
    expect(page.get_by_role("link", name="Mail: Set up")).to_be_visible()
    expect(page.get_by_role("link", name="Weather")).to_have_count(0)
    go(page, "/connections?kind=weather")
    expect(page.get_by_role("alert")).to_contain_text("admin")


def test_how_one_is_reminded(household: Household, pages: Pages) -> None:
    page = pages.open(household.server.url, "/settings", device="phone", key=ALICE_KEY)
    expect(page.get_by_role("heading", name="Reminders")).to_be_visible()
    axe(page)
    fits(page)
    card = page.locator("section.card").filter(
        has=page.get_by_role("heading", name="Reminders", exact=True)
    )
    by_mail = card.get_by_label("By mail")
    by_mail.check()
    card.get_by_role("button", name="Save").click()
    expect(page.get_by_text("not set up for you")).to_be_visible()
    by_mail.uncheck()
    page.get_by_label("Snooze for").fill("20")
    card.get_by_role("button", name="Save").click()
    page.get_by_role("button", name="As usual again").click()
    expect(page.get_by_label("Snooze for")).to_have_value("15")
    axe(page)
