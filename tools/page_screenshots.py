"""Take pictures of every view of the page, of a program of its own with a few things in it.

    python -m tools.page_screenshots docs/screenshots

Each view is shown on a desktop and on a phone, in light and dark: `<view>-<device>-<scheme>.webp`.
"""

from __future__ import annotations

import argparse
import datetime as dt
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from pisovereign.config.loading import models_dir
from tests.support.browser import chromium
from tests.support.server import ADMIN_KEY, Server
from tests.web.pages import SIZES, Device, Pages, go

CONVERSATION = "first-day"
SAID = (
    "My sister Anna is allergic to walnuts",
    "Remind me tomorrow at 9 to water the tomatoes",
    "Put oat milk, eggs and bread on the shopping list",
    "What is 15 % of 80?",
)
MEMORIES = (
    "Anna's favorite tea is Lapsang Souchong.",
    "The spare key is with Mrs. Berger on the second floor.",
    "I prefer trains to planes.",
)
_BUILD = Path(__file__).parents[1] / "pisovereign" / "web" / "dist" / "build.json"
_QUALITY = 70
_SETTLED_MS = 1500


def main() -> None:
    """Start a program, fill it, and write the pictures."""
    parser = argparse.ArgumentParser(description="Pictures of every view of the page.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="pisov-shots-") as data:
        server = Server(Path(data), models_dir())
        server.start()
        try:
            fill(server)
            take_all(server.url, folder)
        finally:
            server.remove()


def fill(server: Server) -> None:
    """Put into the program what a first day leaves."""
    for said in SAID:
        server.chat(said, key=ADMIN_KEY, conversation_id=CONVERSATION)
    for content in MEMORIES:
        memory = {"content": content, "summary": content, "memory_type": "fact"}
        post(server, "/v1/memories", memory)
    for hours, title in ((3, "Take the bread out of the oven"), (50, "Pay the rent")):
        at = dt.datetime.now(dt.UTC) + dt.timedelta(hours=hours)
        post(server, "/v1/reminders", {"title": title, "remind_at": at.isoformat()})


def post(server: Server, path: str, body: dict[str, Any]) -> None:
    """Send a request that may be refused: a picture shows what is there."""
    server.request("POST", path, key=ADMIN_KEY, json=body)


def take_all(url: str, folder: Path) -> None:
    """Write a picture of each view in each form."""
    with chromium() as browser:
        for device in SIZES:
            for scheme in ("light", "dark"):
                pages = Pages(browser)
                sign_in = pages.open(url, key=None, device=device, dark=scheme == "dark")
                sign_in.locator("input[name=key]").wait_for()
                take(sign_in, folder / f"sign-in-{device}-{scheme}.webp")
                page = pages.open(url, device=device, dark=scheme == "dark")
                for path in json.loads(_BUILD.read_text("utf-8"))["views"]:
                    take_view(page, path, device, scheme, folder)
                pages.close()


def take_view(page: Page, path: str, device: Device, scheme: str, folder: Path) -> None:
    """Write a picture of one view; the chat is shown with a conversation."""
    go(page, f"/?c={CONVERSATION}" if path == "/" else path)
    # The stream of events never ends, so the network is never idle.
    page.wait_for_timeout(_SETTLED_MS)
    name = path.strip("/").replace("/", "-") or "chat"
    take(page, folder / f"{name}-{device}-{scheme}.webp")


def take(page: Page, file: Path) -> None:
    """Write a picture of what a person sees without scrolling."""
    with Image.open(io.BytesIO(page.screenshot(animations="disabled"))) as image:
        image.convert("RGB").save(file, "WEBP", quality=_QUALITY, method=6)


if __name__ == "__main__":
    main()
