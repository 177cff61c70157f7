"""Models, backups and the system: what the owner does with the device."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.support.second_model import add_bytes, models_beside
from tests.support.server import ADMIN_KEY, Server, remove_data
from tests.support.tiny_models import write_tiny
from tests.web.pages import Pages, axe, fits, go, sign_in

PASSPHRASE = "correct horse battery"


@pytest.fixture(scope="module")
def own(models_dir: Path) -> Iterator[Server]:
    """A server that may be started again and restored into, with a model that cannot be used."""
    folder = Path(tempfile.mkdtemp(prefix="pisov-device-"))
    models = models_beside(models_dir, folder / "models")
    add_bytes(models, "broken", b"GGUF" + b"\xff" * 5000)
    running = Server(folder / "data", models, PISOVEREIGN_MEMORY__LEARN="false").start()
    yield running
    running.remove()
    remove_data(folder)


def test_models_on_a_desktop(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/models")
    main = page.locator("main")
    expect(main.get_by_role("heading", name="SmolLM2 135M Instruct answers")).to_be_visible()
    used = main.get_by_role("listitem").filter(has_text="SmolLM2 135M Instruct").first
    expect(used).to_contain_text("in use")
    expect(used.get_by_role("button", name="Delete")).to_have_count(0)
    axe(page)
    fits(page)
    # What a download takes is said before it begins.
    main.get_by_role("button", name=re.compile("Download")).first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("of memory")
    axe(page)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    # A file that is no model is refused at once, and the reason is said.
    main.get_by_label("A file from this computer").set_input_files(
        {"name": "photo.gguf", "mimeType": "", "buffer": b"\xff\xd8" + bytes(5000)}
    )
    expect(main.get_by_role("alert").filter(has_text="file")).to_be_visible()


def test_a_model_of_ones_own_answers_after_it_was_dropped(
    own: Server, pages: Pages, tmp_path: Path
) -> None:
    page = pages.open(own.url, "/models")
    main = page.locator("main")
    tiny = write_tiny(tmp_path / "mine.gguf", "llama")
    main.get_by_label("A file from this computer").set_input_files(tiny)
    mine = main.get_by_role("listitem").filter(has_text="not stated")
    expect(mine).to_be_visible(timeout=60_000)

    broken = main.get_by_role("listitem").filter(has_text="broken")
    dialog = page.get_by_role("dialog")
    broken.get_by_role("button", name="Use").click()
    dialog.get_by_role("button", name="Use").click()
    failed = main.get_by_role("alert").filter(has_text="broken could not be used")
    expect(failed).to_be_visible(timeout=120_000)
    expect(main.get_by_role("heading", name="SmolLM2 135M Instruct answers")).to_be_visible()

    mine.get_by_role("button", name="Use").click()
    expect(dialog).to_contain_text("everything stays as it is")
    dialog.get_by_role("button", name="Use").click()
    expect(mine).to_contain_text("in use", timeout=120_000)
    expect(main).to_contain_text("The change went well.")
    # It lies elsewhere, as what comes with the system of a card does.
    shipped = main.get_by_role("listitem").filter(has_text="SmolLM2 135M Instruct").first
    expect(shipped.get_by_role("button", name="Check")).to_be_visible()
    expect(shipped.get_by_role("button", name="Delete")).to_have_count(0)
    axe(page)
    broken.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(broken).to_have_count(0)

    go(page, "/system")
    pages.expected.append("ERR_")
    main.get_by_role("button", name="Start the assistant again").click()
    dialog.get_by_role("button", name="Start again").click()
    expect(main).to_contain_text("It is starting again")
    expect(page.get_by_text("It is back.")).to_be_visible(timeout=120_000)
    assert own.process is not None
    assert own.process.poll() is None


def test_the_system_on_a_desktop_and_a_phone(server: Server, pages: Pages) -> None:
    server.chat("A pelican in Zanzibar")
    page = pages.open(server.url, "/system")
    main = page.locator("main")
    expect(main.get_by_role("heading", name="Everything works")).to_be_visible()
    for words in ("Memory", "words or pieces a second", "PostgreSQL"):
        expect(main.get_by_text(words).first).to_be_visible()
    expect(main.get_by_role("img")).to_have_count(8)
    main.get_by_role("button", name="Last day").click()
    expect(main.get_by_role("button", name="Last day")).to_have_attribute("aria-pressed", "true")
    main.get_by_label("Show").select_option("debug")
    log = main.get_by_role("region", name="Log")
    expect(log).to_contain_text("/v1/chat")
    expect(log).not_to_contain_text("Zanzibar")
    axe(page)
    fits(page)
    phone = pages.open(server.url, "/system", device="phone", language="fr", dark=True)
    expect(phone.get_by_role("heading", name="Tout marche")).to_be_visible()
    parts = phone.locator("dt").all_inner_texts()
    # Each service has a name that a household reads.
    assert {"Recherche web", "Parole", "Telegram", "ntfy", "Home Assistant"} <= set(parts), parts
    health = server.request("GET", "/ready/all").json()["services"]
    assert not set(health) & set(parts) - {"ntfy"}
    axe(phone)
    fits(phone)


def test_a_backup_from_its_making_to_its_restoring(own: Server, pages: Pages) -> None:
    kept = {"content": "The key is under the stone", "summary": "x", "memory_type": "fact"}
    assert own.request("POST", "/v1/memories", key=ADMIN_KEY, json=kept).status_code == 201
    page = pages.open(own.url, "/backup")
    main = page.locator("main")
    expect(main).to_contain_text("No backup has been made yet.")
    axe(page)
    main.get_by_label("Passphrase").first.fill("short")
    main.get_by_label("The same once more").fill("shorter")
    main.get_by_role("button", name="Make a backup").click()
    expect(main).to_contain_text("It needs at least 12 characters.")
    expect(main).to_contain_text("The two are not the same.")
    main.get_by_label("Passphrase").first.fill(PASSPHRASE)
    main.get_by_label("The same once more").fill(PASSPHRASE)
    main.get_by_role("button", name="Make a backup").click()
    made = main.get_by_role("list", name="Backups on this device").get_by_role("listitem")
    expect(made).to_have_count(1)
    with page.expect_download() as download:
        made.get_by_role("link", name="Download").click()
    file = download.value.path()
    assert file.read_bytes().startswith(b"PiSovereign backup")
    name = download.value.suggested_filename

    made.get_by_role("button", name="Check").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Passphrase").fill("wrong horse battery")
    dialog.get_by_role("button", name="Check").click()
    expect(dialog).to_contain_text("This is not the passphrase of this backup.")
    dialog.get_by_label("Passphrase").fill(PASSPHRASE)
    dialog.get_by_role("button", name="Check").click()
    # A restore of it is rehearsed, which takes a while.
    expect(main).to_contain_text(f"{name} is whole", timeout=120_000)
    expect(main).to_contain_text("1 memories")

    made.get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(main).to_contain_text("No backup has been made yet.")
    main.get_by_label("Bring a backup from this computer").set_input_files(
        {"name": name, "mimeType": "", "buffer": file.read_bytes()}
    )
    expect(made).to_have_count(1)

    made.get_by_role("button", name="Restore").click()
    restore = dialog.get_by_role("button", name="Restore")
    expect(restore).to_be_disabled()
    axe(page)
    dialog.get_by_label("Passphrase").fill(PASSPHRASE)
    dialog.get_by_label("I want to replace what is stored now.").check()
    pages.expected.append("ERR_")
    restore.click()
    # The page waits through the new start; where its session was lost with it, one signs in again.
    done = main.get_by_role("heading", name="The backup was restored")
    key = page.locator("input[name=key]")
    expect(done.or_(key)).to_be_visible(timeout=120_000)
    if key.is_visible():
        sign_in(page, ADMIN_KEY)
        go(page, "/backup")
    expect(done).to_be_visible()
    expect(main).to_contain_text("before-restore-")
    axe(page)
    fits(page)
    assert PASSPHRASE not in own.log()


def test_backups_by_themselves_are_set_up_and_brought_back(own: Server, pages: Pages) -> None:
    page = pages.open(own.url, "/backup")
    main = page.locator("main")
    expect(main).to_contain_text("No automatic backups are made.")
    folder = Path(tempfile.mkdtemp(prefix="pisov-device-backups-"))
    values = {"values": {"path": str(folder), "other_disk": False}}
    path = "/v1/connections/backup_folder"
    assert own.request("PUT", path, key=ADMIN_KEY, json=values).status_code == 200
    form = main.locator("section", has=page.get_by_role("heading", name="Automatic backups"))
    settings = form.last
    settings.get_by_label("Passphrase").fill(PASSPHRASE)
    settings.get_by_label("How often").select_option("daily")
    settings.get_by_role("button", name="Save").click()
    expect(main).to_contain_text("The first backup is still to come.")
    axe(page)
    main.get_by_role("button", name="Make one now and send it").click()
    expect(main).to_contain_text("The last backup arrived everywhere", timeout=120_000)
    main.get_by_role("button", name="What is there").click()
    there = main.get_by_role("list", name="Backups there").get_by_role("listitem")
    expect(there).to_have_count(1)
    there.get_by_role("button", name="Bring here").click()
    expect(main).to_contain_text("The backup is here now")
    axe(page)
    fits(page)
    assert own.request("DELETE", "/v1/settings/backup", key=ADMIN_KEY).status_code == 204
    assert own.request("DELETE", path, key=ADMIN_KEY).status_code == 204
    remove_data(folder)
