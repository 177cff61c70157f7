"""The page in a real browser: what breaks in it, and what it asks others for, is a failure."""

from __future__ import annotations

from typing import Any, Literal
from urllib.parse import urlsplit

import requests
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Route

from tests.support.patience import PATIENCE_MS, PATIENCE_S
from tests.support.server import ADMIN_KEY

Device = Literal["desktop", "phone"]
SIZES: dict[Device, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 360, "height": 740},
        "device_scale_factor": 2,
        "is_mobile": True,
        "has_touch": True,
    },
}


class Pages:
    """Opens pages of a program, and knows at the end whether all went well."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self.failures: list[str] = []
        # Parts of lines that the browser writes where a test breaks something on purpose.
        self.expected: list[str] = []

    def open(
        self,
        url: str,
        path: str = "/",
        *,
        key: str | None = ADMIN_KEY,
        device: Device = "desktop",
        language: str = "en",
        dark: bool = False,
        **options: Any,
    ) -> Page:
        """A page at a path, signed in with a key unless that is None."""
        if key is not None:
            _forget_choices(url, key, language)
        context = self._browser.new_context(
            locale=language,
            color_scheme="dark" if dark else "light",
            # What a service worker asks for cannot be watched; its own tests allow it.
            **({"service_workers": "block"} | SIZES[device] | options),
        )
        self._contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        host = urlsplit(url).netloc
        context.route(lambda asked: urlsplit(asked).netloc != host, self._refuse)
        page = context.new_page()
        page.on("pageerror", lambda error: self.failures.append(f"error: {error}"))
        page.on("console", lambda line: self._note(line.type, line.text))
        if key is not None:
            sign_in_at_once(context, url, key)
        page.goto(url + path)
        if key is not None:
            page.locator("#main h1").wait_for()
        return page

    def close(self) -> None:
        """Close all pages; fails with what went wrong in any of them."""
        for context in self._contexts:
            context.close()
        unexpected = [
            line for line in self.failures if not any(part in line for part in self.expected)
        ]
        assert unexpected == []

    def _refuse(self, route: Route) -> None:
        if not route.request.url.startswith(("data:", "blob:")):
            self.failures.append(f"asks for {route.request.url}")
        route.abort()

    def _note(self, kind: str, text: str) -> None:
        # Answers such as 401 are told to the person, and written here by the browser anyway.
        if kind == "error" and "Failed to load resource" not in text:
            self.failures.append(f"console: {text}")


def _forget_choices(url: str, key: str, language: str) -> None:
    """Have a person, who may have been in other tests, choose nothing but the language."""
    chosen = {"language": language.partition("-")[0], "theme": "system"}
    headers = {"Authorization": f"Bearer {key}"}
    requests.patch(f"{url}/v1/profile", json=chosen, headers=headers, timeout=PATIENCE_S)


def sign_in_at_once(context: BrowserContext, url: str, key: str) -> None:
    """Give a browser the cookie of somebody who has signed in."""
    answer = context.request.post(f"{url}/v1/sign-in", data={"key": key})
    assert answer.ok, answer.text()


def sign_in(page: Page, key: str) -> None:
    """Sign in with a key, as a person does."""
    page.locator("input[name=key]").fill(key)
    page.locator("input[name=key]").press("Enter")
    page.locator("#main h1").wait_for()


def go(page: Page, path: str) -> None:
    """Open another view by its link, as a person does, without loading the page again."""
    page.evaluate(
        """path => {
            const link = document.createElement("a");
            link.href = path;
            document.body.append(link);
            link.click();
            link.remove();
        }""",
        path,
    )
    page.wait_for_url(f"**{path}")
    page.locator("#main h1").wait_for()


def axe(page: Page) -> None:
    """Assert that nothing on the page hinders people who use it otherwise than most."""
    page.locator("main h1").first.wait_for(state="attached")
    axe = Axe()
    if page.evaluate("!!window.axe"):  # half a megabyte
        axe.axe_script = ""
    results = axe.run(page)
    assert results.violations_count == 0, results.generate_report()


def fits(page: Page) -> None:
    """Assert that nobody has to scroll sideways."""
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1], f"{widths[0]} px of content in {widths[1]} px"
