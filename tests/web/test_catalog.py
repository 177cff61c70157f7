"""Commands and the log, in the page."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.approvals.conftest import Approvals, approvals, catalog
from tests.support.server import AGENT_KEY
from tests.web.pages import Pages, axe, fits

__all__ = ["approvals", "catalog"]

# Prints a script, and then a line of 40,000 characters.
NOISY = "seq -s '<script>alert(1)</script>' 1 1500"


def test_running_a_command_with_a_form(approvals: Approvals, pages: Pages) -> None:
    approvals.catalog.add_free("seq {count:int:1..9} {last:int:10..12}", name="Count to")
    approvals.catalog.add_free(NOISY, name="Noise")
    page = pages.open(approvals.server.url, "/commands")
    page.get_by_label("Search commands").fill("count to")
    rows = page.get_by_role("main").get_by_role("listitem")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Run …").press("Enter")
    axe(page)
    expect(rows).to_contain_text("A whole number from 1 to 9")
    rows.get_by_label("count", exact=True).fill("8")
    rows.get_by_label("last").fill("11")
    rows.get_by_label("last").press("Enter")
    expect(rows).to_contain_text("8\n9\n10\n11")
    axe(page)
    page.get_by_label("Search commands").fill("noise")
    expect(rows).to_contain_text("Noise")
    rows.get_by_role("button", name="Run …").click()
    rows.get_by_role("button", name="Run", exact=True).click()
    expect(rows).to_contain_text("1499<script>alert(1)</script>1500")
    expect(rows.locator("script")).to_have_count(0)
    fits(page)
    axe(page)


def test_adding_changing_and_deleting_a_command(approvals: Approvals, pages: Pages) -> None:
    page = pages.open(approvals.server.url, "/commands", language="de", device="phone")
    fits(page)
    axe(page)
    page.get_by_role("button", name="Hinzufügen").click()
    form = page.get_by_role("dialog")
    form.get_by_label("Name").fill("Begrüßen")
    form.get_by_label("Befehl", exact=True).fill("echo hallo; reboot")
    form.get_by_role("button", name="Speichern").click()
    expect(form.locator(".field-error")).to_contain_text("only a shell would interpret")
    form.get_by_label("Befehl", exact=True).fill("echo hallo")
    axe(page)
    form.get_by_role("button", name="Speichern").click()
    expect(form).to_have_count(0)
    page.get_by_label("Befehle suchen").fill("begrüßen")
    row = page.get_by_role("main").get_by_role("listitem")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="Begrüßen bearbeiten").click()
    form.get_by_label("Befehl", exact=True).fill("echo guten Tag")
    form.get_by_role("button", name="Speichern").click()
    expect(row).to_contain_text("echo guten Tag")
    # It waits for an approval, which is decided right there.
    row.get_by_role("button", name="Ausführen …").click()
    row.get_by_role("button", name="Um Genehmigung bitten").click()
    card = page.get_by_role("article")
    card.get_by_role("button", name="Genehmigen").click()
    expect(card.get_by_role("status")).to_contain_text("guten Tag")
    row.get_by_role("button", name="Begrüßen löschen").click()
    form.get_by_role("button", name="Löschen").click()
    expect(page.get_by_text("Kein Befehl passt.")).to_be_visible()
    assert approvals.catalog.request("GET", "/count").json() == {"count": 32}


def test_the_log(approvals: Approvals, pages: Pages) -> None:
    asked = approvals.ask("echo in the log", key=AGENT_KEY)
    approvals.decide(asked, "deny")
    page = pages.open(approvals.server.url, "/log")
    page.get_by_label("What happened").select_option("denied")
    page.get_by_label("Who (exactly)").fill("nobody")
    expect(page.get_by_text("No entry fits.")).to_be_visible()
    page.get_by_label("Who (exactly)").fill("")
    rows = page.get_by_role("main").get_by_role("listitem")
    expect(rows.first).to_contain_text("echo in the log")
    expect(rows.first).to_contain_text("Denied")
    page.get_by_role("button", name="Check now").press("Enter")
    expect(page.get_by_text("are as they were written")).to_be_visible()
    axe(page)
    with page.expect_download() as exported:
        page.get_by_role("button", name="Export").click()
    assert exported.value.suggested_filename == "audit.ndjson"
