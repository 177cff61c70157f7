"""Documents in the page: added, read, searched, cited, opened and deleted."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from playwright.sync_api import expect

from tests.documents.support import read
from tests.support.server import Server
from tests.web.pages import Pages, axe, fits

LEASE = """# Lease

## Rent

The rent of the Turmalin flat is due on the third of the month.

## Pets

In the Turmalin flat hamsters may be kept, and dogs with a letter of the landlord.
"""


def test_adding_searching_opening_and_deleting(
    server: Server, pages: Pages, tmp_path: Path
) -> None:
    name = f"turmalin-{uuid4().hex[:8]}.md"
    (tmp_path / name).write_text(f"{LEASE}\n{uuid4()}\n", "utf-8")
    page = pages.open(server.url, "/documents", device="phone")
    page.get_by_label("Add a file").set_input_files(tmp_path / name)
    row = page.locator("main .list > li").filter(has_text=name)
    (tmp_path / "empty.txt").touch()
    page.get_by_label("Add a file").set_input_files(tmp_path / "empty.txt")
    expect(page.get_by_role("alert").filter(has_text="empty.txt: it is empty")).to_be_visible()
    expect(row).to_contain_text("2 passages", timeout=60_000)
    axe(page)
    fits(page)
    page.get_by_label("Search in documents").fill(f"Turmalin dogs {name}")
    found = page.locator("main .list > li").first
    expect(found).to_contain_text("hamsters may be kept")
    axe(page)
    found.get_by_role("link").click()
    cited = page.get_by_label("The cited passage")
    expect(cited).to_be_in_viewport()
    expect(cited).to_contain_text("letter of the landlord")
    expect(page.get_by_role("heading", name="Pets")).to_be_visible()
    axe(page)
    fits(page)
    page.get_by_role("link", name="All documents").click()
    row.get_by_role("button", name=f"Delete {name}").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)


def test_an_answer_links_to_the_places_that_it_cites(server: Server, pages: Pages) -> None:
    name = f"beryl-{uuid4().hex[:8]}.md"
    document = read(server, name, f"# Beryl house\n\nThe beryl boiler is red. {uuid4()}".encode())
    page = pages.open(server.url, "/")
    field = page.get_by_role("textbox", name="Message")
    field.fill("What color is the boiler of the beryl house?")
    field.press("Enter")
    link = page.locator(".used-passages a").first
    expect(link).to_contain_text("beryl", timeout=60_000)
    axe(page)
    link.click()
    expect(page.get_by_label("The cited passage")).to_contain_text("The beryl boiler is red")
    server.request("DELETE", f"/v1/documents/{document['id']}")
