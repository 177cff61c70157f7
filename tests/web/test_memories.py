"""What is remembered, in the page: found while typing, changed, explained and forgotten."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.memory.conftest import memories
from tests.memory.support import remember
from tests.support.server import Server
from tests.web.pages import Pages, axe, fits

__all__ = ["memories"]

SCRIPT = "<script>document.title = 'taken over'</script><img src=x onerror=alert(1)>"


def listed(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.request("GET", "/v1/memories?limit=500").json()
    return found


def test_adding_searching_changing_and_forgetting(memories: Server, pages: Pages) -> None:
    for fact in ("The key of the shed hangs in the hall", "Ada plays the cello", "Tea, no sugar"):
        remember(memories, fact, memory_type="fact")
    page = pages.open(memories.url, "/memories")
    rows = page.locator("main .list > li")
    expect(rows).to_have_count(3)
    axe(page)
    page.get_by_role("button", name="Add").press("Enter")
    form = page.get_by_role("dialog")
    form.get_by_label("What to remember").fill("The cello is in the music room")
    axe(page)
    form.get_by_role("button", name="Save").press("Enter")
    expect(form).to_have_count(0)
    expect(rows).to_have_count(4)
    # As somebody types, the best is first, with how well it fits.
    page.get_by_label("Search memories").press_sequentially("where is the cello")
    expect(rows.first).to_contain_text("The cello is in the music room")
    expect(rows.first).to_contain_text("similarity")
    rows.first.get_by_role("button", name="Why?").click()
    expect(rows.first).to_contain_text("It was added by hand or by a program")
    rows.first.get_by_role("button", name="Edit").click()
    form.get_by_label("What to remember").fill("The cello is at the luthier's")
    form.get_by_role("button", name="Save").click()
    expect(rows.first).to_contain_text("luthier")
    axe(page)
    shown = rows.count()
    page.get_by_role("button", name=f"Forget these {shown}").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("deleted for good")
    dialog.get_by_role("button", name="Cancel").click()
    assert len(listed(memories)) == 4
    rows.first.get_by_role("button", name="Forget").click()
    dialog.get_by_role("button", name="Forget").click()
    expect(dialog).to_have_count(0)
    assert "luthier" not in str(listed(memories))
    page.get_by_label("Search memories").fill("")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Forget everything").click()
    dialog.get_by_role("button", name="Forget").click()
    expect(page.get_by_text("Nothing is remembered yet")).to_be_visible()
    assert listed(memories) == []
    axe(page)


def test_hostile_memories_are_text_on_a_phone(memories: Server, pages: Pages) -> None:
    remember(memories, SCRIPT)
    remember(memories, "x" * 31_990 + " the end", summary="long")
    remember(memories, "turned \u202e around\u3164\u3164\u3164 and hidden")
    page = pages.open(memories.url, "/memories", device="phone", language="de", dark=True)
    main = page.get_by_role("main")
    expect(main.locator(".list > li")).to_have_count(3)
    expect(main).to_contain_text(SCRIPT)
    expect(main.locator("script, img")).to_have_count(0)
    expect(main).to_contain_text("⟨U+202E⟩")
    long = main.locator(".list > li").filter(has_text="the end")
    expect(long).to_contain_text("weitere Zeichen")
    long.get_by_role("button", name="Alles zeigen (31.998 Zeichen").click()
    expect(long.get_by_role("group")).to_contain_text("x the end")
    fits(page)
    axe(page)
    assert page.title() == "Gedächtnis – PiSovereign"


def test_export_and_import(memories: Server, pages: Pages, tmp_path: Path) -> None:
    remember(memories, "Ada plays the cello", tags=["music"])
    remember(memories, "Tea, no sugar")
    page = pages.open(memories.url, "/memories")
    with page.expect_download() as exported:
        page.get_by_role("button", name="Export").click()
    file = tmp_path / "memories.ndjson"
    exported.value.save_as(file)
    assert len([json.loads(line) for line in file.read_text().splitlines()]) == 2
    memories.request("DELETE", "/v1/memories?confirm=all")
    dialog = page.get_by_role("dialog")
    page.get_by_role("button", name="Import").click()
    dialog.get_by_label("File").set_input_files(file)
    dialog.get_by_role("button", name="Import").click()
    expect(page.get_by_text("2 new, 0 known already")).to_be_visible()
    assert {m["content"] for m in listed(memories)} == {"Ada plays the cello", "Tea, no sugar"}
    page.get_by_role("button", name="Import").click()
    dialog.get_by_label("File").set_input_files(
        {"name": "x.ndjson", "mimeType": "text/plain", "buffer": b"no json"}
    )
    dialog.get_by_role("button", name="Import").click()
    expect(dialog.get_by_role("alert")).to_contain_text("not an export")
