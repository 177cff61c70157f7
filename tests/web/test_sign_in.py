"""Signing in, devices, people and keys, as a household does it; and what another page cannot do."""

from __future__ import annotations

import http.server
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from tests.support.loopback import FREE_PORT, Loopback
from tests.support.patience import PATIENCE_MS, PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, BOB_KEY, Server
from tests.web.pages import Pages, axe, fits, sign_in

AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_phone_is_signed_in_by_the_code_that_a_desktop_shows(
    server: Server, pages: Pages
) -> None:
    desktop = pages.open(server.url, "/devices", key=BOB_KEY)
    axe(desktop)
    desktop.get_by_role("button", name="Add a device").click()
    dialog = desktop.get_by_role("dialog")
    expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
    axe(desktop)
    link = dialog.locator(".code-link span").first.inner_text()
    phone = pages.open(server.url, link.removeprefix(server.url), key=None, device="phone")
    # A link alone does nothing: it may have been sent by somebody else.
    expect(phone.get_by_role("heading", level=1)).to_have_text("Who is there?")
    expect(phone.get_by_label("Code", exact=True)).to_have_value(link.partition("#")[2])
    axe(phone)
    fits(phone)
    phone.get_by_role("button", name="Sign in with the code").click()
    phone.locator("#main h1").wait_for()
    assert "#" not in phone.url, "the code is used up, and not kept in the address"
    assert phone.evaluate("document.cookie") == ""
    assert phone.evaluate("JSON.stringify([localStorage, sessionStorage])").find("sk-") == -1
    dialog.get_by_role("button", name="Close").click()
    other = desktop.get_by_role("listitem").filter(has_text="by a code")
    other.get_by_role("button").click()
    expect(desktop.get_by_text("by a code")).to_have_count(0)
    phone.reload()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Who is there?")


def test_the_next_person_does_not_see_what_the_one_before_wrote(
    server: Server, pages: Pages
) -> None:
    """Also where nobody signed out here: the session was ended from another device."""
    page = pages.open(server.url, key=ALICE_KEY)
    page.get_by_role("textbox").fill("What I would not say aloud")
    page.wait_for_function("JSON.stringify(localStorage).includes('not say aloud')")
    key = {"Authorization": f"Bearer {ALICE_KEY}"}
    requests.delete(f"{server.url}/v1/sessions", headers=key, timeout=PATIENCE_S)
    page.reload()
    # The same person goes on where they were.
    sign_in(page, ALICE_KEY)
    expect(page.get_by_role("textbox")).to_have_value("What I would not say aloud")
    requests.delete(f"{server.url}/v1/sessions", headers=key, timeout=PATIENCE_S)
    page.reload()
    sign_in(page, BOB_KEY)
    expect(page.get_by_role("textbox")).to_have_value("")
    assert "not say aloud" not in page.evaluate("JSON.stringify(localStorage)")


def test_an_owner_invites_somebody_who_chooses_a_name(server: Server, pages: Pages) -> None:
    owner = pages.open(server.url, "/people", language="de")
    axe(owner)
    owner.get_by_label("Name", exact=True).fill("Ben")
    owner.get_by_role("button", name="Einladen", exact=True).click()
    link = owner.get_by_role("dialog").locator(".code-link span").first.inner_text()
    axe(owner)
    ben = pages.open(
        server.url,
        link.removeprefix(server.url),
        key=None,
        device="phone",
        language="fr",
        timezone_id="Europe/Paris",
    )
    ben.get_by_role("button", name="Se connecter avec le code").click()
    expect(ben.get_by_role("heading", level=1)).to_have_text("Réglages")
    name = ben.get_by_label("Nom", exact=True)
    name.fill("Benoît")
    expect(ben.get_by_label("Fuseau horaire")).to_have_value("Europe/Paris")
    with ben.expect_response(lambda answer: "time_zone" in (answer.request.post_data or "")):
        ben.locator("form").filter(has=name).get_by_role("button", name="Enregistrer").click()
    expect(ben.get_by_text("Enregistré.").first).to_be_visible()
    axe(ben)
    fits(ben)
    assert ben.get_by_role("link", name="Personnes").count() == 0, "only owners see people"
    owner.get_by_role("button", name="Schließen").click()
    owner.reload()
    item = owner.get_by_role("listitem").filter(has_text="Benoît")
    expect(item).to_contain_text("dabei")
    item.get_by_role("button", name="Entfernen").click()
    owner.get_by_label("Auch alles löschen").check()
    axe(owner)
    owner.get_by_role("button", name="Alles löschen").click()
    expect(item).to_have_count(0)
    ben.reload()
    expect(ben.get_by_role("heading", level=1)).to_have_text("Qui est là ?")


def test_a_key_is_made_shown_once_and_revoked(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/keys", device="phone", dark=True)
    axe(page)
    fits(page)
    page.get_by_label("What is it for?").fill("Home <b>automation</b>")
    page.get_by_role("button", name="Make a key").click()
    key = page.get_by_role("dialog").locator("code").inner_text()
    assert server.request("GET", "/v1/session", key=key).status_code == 200
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    item = page.get_by_role("listitem").filter(has_text="Home <b>automation</b>")
    expect(item).to_be_visible()
    assert key not in page.content()
    item.get_by_role("button").click()
    page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
    expect(item).to_have_count(0)
    assert server.request("GET", "/v1/session", key=key).status_code == 401


def test_a_passkey_signs_in_and_is_used_once(server: Server, pages: Pages) -> None:
    """With Chromium's own authenticator; localhost counts as safe to browsers."""
    local = f"http://localhost:{server.port}"
    page = pages.open(local, "/devices", key=BOB_KEY)
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    page.get_by_label("What to call it").fill("Test phone")
    page.get_by_role("button", name="Make a passkey").click()
    passkey = page.get_by_role("listitem").filter(has_text="Test phone")
    expect(passkey).to_contain_text("not used yet")
    page.get_by_role("button", name="Sign out", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Who is there?")
    with page.expect_request("**/v1/sign-in/passkey") as asked:
        page.get_by_role("button", name="Sign in with a passkey").click()
        page.locator("#main h1").wait_for()
    answer = asked.value.post_data
    # Replay: the same answer to a challenge that is used up.
    status = page.evaluate(
        """body => fetch("/v1/sign-in/passkey", {
            method: "POST", headers: {"Content-Type": "application/json"}, body,
        }).then(answer => answer.status)""",
        answer,
    )
    assert status == 401
    expect(passkey).not_to_contain_text("not used yet")
    passkey.get_by_role("button").click()
    expect(passkey).to_have_count(0)
    page.evaluate("fetch('/v1/session', {method: 'DELETE'})")
    page.reload()
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("This passkey does not open the assistant.")).to_be_visible()


@contextmanager
def neighbor(server: Server) -> Iterator[str]:
    """A page of somebody else on another port of the same host, which is the same site."""
    form = f"""<!doctype html><form id=f method=post enctype="text/plain" target=t
        action="{server.url}/v1/lists"><input name='{{"name":"Form' value='"}}'></form>
        <iframe name=t></iframe>"""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(form.encode())

        def log_message(self, *_: object) -> None:
            pass

    with Loopback(http.server.ThreadingHTTPServer(FREE_PORT, Handler)) as other:
        yield other.url


@pytest.fixture
def victim(server: Server, browser: Browser) -> Iterator[Page]:
    """A browser that is signed in, with nothing blocked."""
    context = browser.new_context(locale="en")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(server.url)
    page.locator("input[name=key]").fill(ADMIN_KEY)
    page.locator("input[name=key]").press("Enter")
    page.locator("#main h1").wait_for()
    yield page
    context.close()


def test_a_page_of_another_port_neither_changes_nor_reads_anything(
    server: Server, victim: Page
) -> None:
    names = [each["name"] for each in server.request("GET", "/v1/lists", key=ADMIN_KEY).json()]
    with neighbor(server) as elsewhere:
        victim.goto(elsewhere)
        sent = """async ([url, path, options]) => {
            try {
                const answer = await fetch(url + path, {credentials: "include", ...options});
                return answer.type === "opaque" ? "opaque" : await answer.text();
            } catch (error) { return "refused"; }
        }"""
        body = '{"name": "Stolen"}'
        plain = {"method": "POST", "mode": "no-cors", "body": body}
        typed = {"method": "POST", "body": body, "headers": {"Content-Type": "application/json"}}
        assert victim.evaluate(sent, [server.url, "/v1/session", {}]) == "refused"
        assert victim.evaluate(sent, [server.url, "/v1/lists", typed]) == "refused"
        assert victim.evaluate(sent, [server.url, "/v1/lists", plain]) in ("opaque", "refused")
        with victim.expect_response("**/v1/lists") as answer:
            victim.evaluate("document.getElementById('f').submit()")
        assert answer.value.status in (403, 415)
        # Signing somebody in as somebody else works no better.
        key = {"method": "POST", "mode": "no-cors", "body": f'{{"key": "{BOB_KEY}"}}'}
        victim.evaluate(sent, [server.url, "/v1/sign-in", key])
    after = [each["name"] for each in server.request("GET", "/v1/lists", key=ADMIN_KEY).json()]
    assert after == names
    victim.goto(f"{server.url}/people")  # still the one who signed in
    expect(victim.get_by_role("listitem").filter(has_text="config.toml").first).to_be_visible()
