"""How quick the page is on a phone: its first view, and the first word of an answer.

    python -m bench.page                 # the real program, an emulated phone
    python -m bench.page --slowdown 1    # this machine's own speed

Starts the program and Debian's Chromium. `first_view_ms` is the time from the address to the first
thing that is drawn, `usable_ms` to a field that takes text, both with nothing kept from before;
`again_ms` is the latter with the files that the browser has by then. The processor is slowed down
by `slowdown`. `first_word_ms` is from sending a message to the first word of its answer on the
page, and `files` are the bytes of what the chat fetches.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from pathlib import Path
from typing import Any

import msgspec
from playwright.sync_api import Browser, CDPSession, Page

from bench.environment import Environment, describe
from bench.program import running
from tests.support.browser import chromium
from tests.support.server import ADMIN_KEY
from tests.web.pages import SIZES, sign_in

# Lighthouse's link of a phone: 150 ms there and back, 1.6 Mbit/s down and 750 kbit/s up.
NETWORKS = {
    "slow 4G": {"latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750},
    "Wi-Fi": {"latency": 4, "downloadThroughput": 2_500_000, "uploadThroughput": 2_500_000},
}
QUESTION = "I wonder how rivers find their way to the sea"
PATIENCE_MS = 120_000


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One visit of the page; milliseconds, and bytes as they were sent."""

    first_view_ms: float
    usable_ms: float
    again_ms: float
    requests: int
    bytes: int


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; times are medians."""

    environment: Environment
    slowdown: int
    visits: dict[str, Visit]
    first_word_ms: float
    files: dict[str, int]


def main(arguments: list[str] | None = None) -> int:
    """Measure and print one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m bench.page", description=__doc__)
    parser.add_argument("--slowdown", type=int, default=4, help="of the processor (4)")
    parser.add_argument("--times", type=int, default=5, help="visits of each kind (5)")
    options = parser.parse_args(arguments)
    environment = describe()
    with running() as server, chromium() as browser:
        visits = {
            name: _median(
                [_visit(browser, server.url, link, options.slowdown) for _ in range(options.times)]
            )
            for name, link in NETWORKS.items()
        }
        first = statistics.median(
            _first_word(browser, server.url, options.slowdown) for _ in range(options.times)
        )
        files = _files(browser, server.url)
    result = Result(
        environment=environment,
        slowdown=options.slowdown,
        visits=visits,
        first_word_ms=first,
        files=files,
    )
    sys.stdout.write(msgspec.json.encode(result).decode() + "\n")
    return 0


def _visit(browser: Browser, url: str, link: dict[str, int], slowdown: int) -> Visit:
    page, control = _phone(browser, slowdown)
    control.send("Network.emulateNetworkConditions", {"offline": False, **link})
    fetched: list[int] = []
    control.on("Network.loadingFinished", lambda event: fetched.append(event["encodedDataLength"]))
    usable = _usable(page, url)
    first_view = page.evaluate(
        "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
    )
    requests, sent = len(fetched), sum(fetched)
    again = _usable(page, url)
    page.context.close()
    return Visit(
        first_view_ms=first_view, usable_ms=usable, again_ms=again, requests=requests, bytes=sent
    )


def _usable(page: Page, url: str) -> float:
    """Open the page; returns milliseconds until its field is there."""
    page.goto(url)
    page.locator("input").first.wait_for()
    elapsed: float = page.evaluate("performance.now()")
    return elapsed


def _first_word(browser: Browser, url: str, slowdown: int) -> float:
    page, _ = _phone(browser, slowdown)
    page.goto(url)
    sign_in(page, ADMIN_KEY)
    page.locator("#message-input").fill(QUESTION)
    waited: float = page.evaluate(
        """() => new Promise((resolve) => {
            const began = performance.now();
            new MutationObserver((_, observer) => {
                if (!document.querySelector(".message.assistant .markdown")?.textContent) return;
                observer.disconnect();
                requestAnimationFrame(() => resolve(performance.now() - began));
            }).observe(document.body, { subtree: true, childList: true, characterData: true });
            document.querySelector("form.message-input").requestSubmit();
        })"""
    )
    page.context.close()
    return waited


def _files(browser: Browser, url: str) -> dict[str, int]:
    """Return the bytes of each file of the chat, signed in, as they are sent."""
    page, control = _phone(browser, 1)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}

    def finished(event: dict[str, Any]) -> None:
        sizes[names[event["requestId"]]] = int(event["encodedDataLength"])

    control.on(
        "Network.responseReceived",
        lambda event: names.update({event["requestId"]: Path(event["response"]["url"]).name}),
    )
    control.on("Network.loadingFinished", finished)
    page.goto(url)
    sign_in(page, ADMIN_KEY)
    page.locator("#message-input").wait_for()
    page.context.close()
    return {name: size for name, size in sorted(sizes.items()) if name.endswith((".js", ".css"))}


def _phone(browser: Browser, slowdown: int) -> tuple[Page, CDPSession]:
    context = browser.new_context(**SIZES["phone"])
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    control = context.new_cdp_session(page)
    control.send("Network.enable")
    control.send("Emulation.setCPUThrottlingRate", {"rate": slowdown})
    return page, control


def _median(visits: list[Visit]) -> Visit:
    return Visit(
        first_view_ms=statistics.median(v.first_view_ms for v in visits),
        usable_ms=statistics.median(v.usable_ms for v in visits),
        again_ms=statistics.median(v.again_ms for v in visits),
        requests=visits[0].requests,
        bytes=visits[0].bytes,
    )


if __name__ == "__main__":
    sys.exit(main())
