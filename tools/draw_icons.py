"""Draw the app's icons: `pisovereign/web/icons/icon.svg` in the sizes that devices ask for.

    python -m tools.draw_icons

Needs Debian's chromium; the pictures are in the repository. A maskable icon fills its square, since
devices cut it to their own shape.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import Page

from tests.support.browser import chromium

ICONS = Path(__file__).resolve().parent.parent / "pisovereign" / "web" / "icons"
_ROUND = 'rx="112" '
# Name, pixels, and whether the background fills the square.
PICTURES = (
    ("icon-192.png", 192, False),
    ("icon-512.png", 512, False),
    ("maskable-512.png", 512, True),
    ("apple-touch-icon.png", 180, True),
)


def draw(page: Page, source: str, pixels: int, *, fills: bool) -> bytes:
    """Return one picture as PNG."""
    drawing = source.replace(_ROUND, "") if fills else source
    page.set_viewport_size({"width": pixels, "height": pixels})
    page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawing}")
    return page.screenshot(omit_background=True)


def main() -> int:
    """Draw all of them."""
    source = (ICONS / "icon.svg").read_text(encoding="utf-8")
    with chromium() as browser:
        page = browser.new_page()
        for name, pixels, fills in PICTURES:
            (ICONS / name).write_bytes(draw(page, source, pixels, fills=fills))
    return 0


if __name__ == "__main__":
    sys.exit(main())
