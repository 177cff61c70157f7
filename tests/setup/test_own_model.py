"""A model of one's own on the set-up page: dropped, read, sent and chosen, in a real browser."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from pisovereign.models.store import ModelStore, State
from tests.support.browser import browser_page
from tests.support.patience import PATIENCE_MS
from tests.support.setup import Device
from tests.support.tiny_models import write_tiny


@pytest.fixture
def device(data_dir: Path, models_dir: Path) -> Iterator[Device]:
    """One that has the models it needs, and may get more."""
    root = data_dir / "models"
    for home in models_dir.iterdir():
        if home.is_dir() and not home.name.startswith("."):
            (root / home.name).mkdir(parents=True)
            for path in home.iterdir():
                (root / home.name / path.name).symlink_to(path)
    running = Device(data_dir, root).start()
    yield running
    running.end()


@pytest.fixture
def page(device: Device) -> Iterator[Page]:
    failures: list[str] = []
    with browser_page() as page:
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.goto(f"{device.url}/#code={device.code}")
        page.get_by_role("button", name="Continue").click()
        page.get_by_label("Your name").fill("Ada")
        page.get_by_label("Time zone").fill("Europe/Berlin")
        page.get_by_role("button", name="Continue").click()
        expect(page.get_by_role("heading", name="The model")).to_be_focused()
        yield page
    assert failures == []


def drop(page: Page, name: str, content: bytes) -> None:
    """Let go of a file above the page."""
    page.evaluate(
        """([name, content]) => {
          const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
          const files = new DataTransfer();
          files.items.add(new File([bytes], name));
          const options = { dataTransfer: files, bubbles: true, cancelable: true };
          document.getElementById("drop").dispatchEvent(new DragEvent("drop", options));
        }""",
        [name, base64.b64encode(content).decode()],
    )


def test_a_file_is_read_sent_and_chosen(device: Device, page: Page, tmp_path: Path) -> None:
    path = write_tiny(tmp_path / "My Own.gguf", "qwen35")
    page.get_by_label("Or a model of your own").set_input_files(path)
    found = page.locator("#file-found")
    expect(found).to_contain_text("F32, license not stated. It needs")
    expect(found).to_contain_text("of memory with a conversation of 4096 tokens.")
    expect(found).to_contain_text("is here.")
    expect(page.locator("input[name=model]:checked")).to_have_value("my-own")
    store = ModelStore(device.data_dir / "models")
    assert store.state(store.model("my-own")) is State.VERIFIED
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="Your key")).to_be_focused()


def test_a_dropped_file_that_is_none_is_refused_in_one_line(device: Device, page: Page) -> None:
    drop(page, "letter.gguf", b"Dear assistant, " * 100_000)
    expect(page.get_by_role("alert").filter(has_text="GGUF")).to_have_text("it is not a GGUF file")
    expect(page.get_by_label("Or a model of your own")).to_be_enabled()
    left = [path for path in (device.data_dir / "models" / ".adding").rglob("*") if path.is_file()]
    assert left == []


def test_a_piece_needs_the_session(device: Device) -> None:
    answer = device.request("POST", "/setup/upload?name=x&size=10", data=b"x")
    assert answer.status_code == 401
