"""The page as an app: installed, opened without the program, updated, given what is shared."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import requests
from playwright.sync_api import Page

from tests.support.loopback import FREE_PORT, Loopback
from tests.support.patience import PATIENCE_MS, PATIENCE_S
from tests.support.server import ADMIN_KEY, Server, wait_until
from tests.web.pages import Pages, axe, sign_in

READY = "navigator.serviceWorker.ready.then(() => !!navigator.serviceWorker.controller)"
KEPT = """async () => {
    const found = [];
    for (const name of await caches.keys())
        for (const request of await (await caches.open(name)).keys())
            found.push(new URL(request.url).pathname);
    return found;
}"""


class Door(ThreadingHTTPServer):
    """Stands before the program: can be shut, and can make another version of the page of it."""

    daemon_threads = True

    def __init__(self, server: Server) -> None:
        self.behind = server.url
        self.shut = False
        self.version = self.own = requests.get(f"{server.url}/", timeout=PATIENCE_S).text.partition(
            '<meta name="version" content="'
        )[2][:16]
        super().__init__(FREE_PORT, _Handler)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Door

    def do_GET(self) -> None:
        self._pass_on()

    def do_POST(self) -> None:
        self._pass_on()

    def _pass_on(self) -> None:
        if self.server.shut:
            self.close_connection = True
            return
        # With its own `Host`: the program compares that with where a request says it comes from.
        asked = {k: v for k, v in self.headers.items() if k.lower() != "connection"}
        answer = requests.request(
            self.command,
            f"{self.server.behind}{self.path}",
            headers=asked | {"Accept-Encoding": "identity", "Connection": "close"},
            data=self.rfile.read(int(self.headers.get("Content-Length", 0))),
            allow_redirects=False,
            timeout=PATIENCE_S,
        )
        own, version = self.server.own.encode(), self.server.version.encode()
        body = answer.content.replace(own, version)
        self.send_response(answer.status_code)
        for name in ("Content-Type", "Content-Security-Policy", "Cache-Control", "Set-Cookie"):
            if name in answer.headers:
                self.send_header(name, answer.headers[name])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def door(server: Server) -> Iterator[Door]:
    standing = Door(server)
    with Loopback(standing):
        yield standing


def open_app(pages: Pages, door: Door, **options: Any) -> Page:
    """The page with its service worker in charge."""
    page = pages.open(door.url, service_workers="allow", key=None, device="phone", **options)
    page.wait_for_function(READY)
    return page


def test_phone_can_install_it(server: Server) -> None:
    answer = requests.get(
        f"{server.url}/manifest.webmanifest", headers={"Accept-Language": "de"}, timeout=PATIENCE_S
    )
    manifest = answer.json()
    assert answer.headers["Content-Type"].startswith("application/manifest+json")
    assert (manifest["lang"], manifest["display"], manifest["start_url"]) == (
        "de",
        "standalone",
        "/",
    )
    assert {icon.get("purpose", "any") for icon in manifest["icons"]} == {"any", "maskable"}
    for icon in manifest["icons"]:
        picture = requests.get(f"{server.url}{icon['src']}", timeout=PATIENCE_S)
        assert picture.status_code == 200
        if icon["type"] == "image/png":
            width = int.from_bytes(picture.content[16:20], "big")
            assert icon["sizes"] == f"{width}x{width}"


def test_opens_without_the_program_and_says_so(pages: Pages, door: Door) -> None:
    pages.expected = ["net::ERR"]
    page = open_app(pages, door, language="de")
    sign_in(page, ADMIN_KEY)
    page.locator("textarea").first.wait_for()
    kept = page.evaluate(KEPT)
    assert "/" in kept
    assert [path for path in kept if not (path == "/" or path.startswith("/web/"))] == []
    door.shut = True
    page.reload()
    page.locator("#app h1, #app form, #app main").first.wait_for()
    assert page.locator("html").get_attribute("lang") == "de"
    page.locator("text=Dein Assistent antwortet nicht").first.wait_for()


def test_new_version_is_offered_and_then_used(pages: Pages, door: Door) -> None:
    page = open_app(pages, door)
    door.version = "0123456789abcdef"
    page.evaluate("navigator.serviceWorker.ready.then((found) => found.update())")
    with page.expect_navigation():
        page.get_by_role("button", name="Load it").click()
    page.wait_for_function(READY)
    assert page.locator('meta[name="version"]').get_attribute("content") == door.version
    page.wait_for_function("caches.keys().then((names) => names.length === 1)")
    assert page.evaluate("caches.keys()") == [f"pisovereign-page-{door.version}"]


def test_page_that_was_loaded_anew_is_no_stale_one(pages: Pages, door: Door) -> None:
    """Who opens the page after an update gets the new one, though the old worker still runs."""
    page = open_app(pages, door)
    door.version = "fedcba9876543210"
    page.reload()
    assert page.locator('meta[name="version"]').get_attribute("content") == door.version
    page.wait_for_function(
        "version => caches.keys().then((names) => names.join() === `pisovereign-page-${version}`)",
        arg=door.version,
        timeout=PATIENCE_MS,
    )
    assert page.get_by_role("button", name="Load it").count() == 0


def test_what_is_shared_waits_as_a_draft_and_is_not_sent(pages: Pages, door: Door) -> None:
    page = open_app(pages, door)
    share = """async () => {
            const form = new FormData();
            form.set("title", "A recipe");
            form.set("text", "Beans & <b>rice</b>");
            form.set("url", "https://food.example/beans");
            const answer = await fetch("/share", { method: "POST", body: form });
            return [answer.status, answer.redirected, new URL(answer.url).pathname];
        }"""
    # A browser that is short of time asks the server, whose answer leads nowhere, instead.
    wait_until(
        lambda: page.evaluate(share) == [200, True, "/"], PATIENCE_S, "the service worker's answer"
    )
    page.reload()
    sign_in(page, ADMIN_KEY)
    box = page.locator("textarea").first
    text = "A recipe\nBeans & <b>rice</b>\nhttps://food.example/beans"
    with contextlib.suppress(AssertionError):
        page.wait_for_function("t => document.querySelector('textarea')?.value === t", arg=text)
    assert box.input_value() == text
    assert page.locator("text=You said").count() == 0
    page.reload()
    assert "pisovereign-shared" not in page.evaluate(KEPT)


def test_what_is_pushed_is_shown_and_leads_to_its_place(pages: Pages, door: Door) -> None:
    page = open_app(pages, door, permissions=["notifications"])
    devtools = page.context.new_cdp_session(page)
    registrations: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(r["registrationId"] for r in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_function(READY)
    notice = {"title": "A reminder", "body": "Tea <b>now</b>", "tag": "t-1", "kind": "reminder"}
    for body in ("Earlier", notice["body"]):
        devtools.send(
            "ServiceWorker.deliverPushMessage",
            {
                "origin": door.url,
                "registrationId": registrations[-1],
                "data": json.dumps(notice | {"body": body}).ljust(512),
            },
        )
    shown = """async (body) => {
        const found = await (await navigator.serviceWorker.ready).getNotifications();
        const only = found.length === 1 && found[0].body === body;
        return only && [found[0].title, found[0].data.path];
    }"""
    found: list[Any] = []

    def is_shown() -> bool:
        found.append(page.evaluate(shown, notice["body"]))
        return bool(found[-1])

    wait_until(is_shown, 60, "the notification")
    assert found[-1] == ["A reminder", "/reminders"]


def test_settings_say_why_nobody_can_be_told_here(pages: Pages, server: Server) -> None:
    page = pages.open(server.url, "/settings", device="phone", language="de")
    page.get_by_label("Hier Bescheid sagen").wait_for()
    page.get_by_text("Diese Seite ist nicht verschlüsselt.").wait_for()
    axe(page)


def test_people_take_their_data(pages: Pages, server: Server) -> None:
    page = pages.open(server.url, "/settings", device="phone")
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download my data").click()
    assert taken.value.suggested_filename.endswith(".zip")
    with zipfile.ZipFile(taken.value.path()) as archive:
        assert "profile.jsonl" in archive.namelist()
