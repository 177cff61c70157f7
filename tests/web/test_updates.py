"""Updates on the page: what is new, installing it, and what has become of it."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, Server, wait_until
from tests.support.update_services import Appliance
from tests.support.updates import make_update
from tests.web.pages import Pages, axe, fits


def test_an_update_is_seen_installed_and_started(
    server: Server, pages: Pages, tmp_path: Path
) -> None:
    with Appliance(tmp_path, server) as appliance, appliance.api() as api:
        make_update(appliance.web, "1.1.0", notes="Lists are sorted.\nTimers are louder.")
        # The choice is the household's, so another test may have made one.
        by_hand = {"automatic": "off", "at": "03:30"}
        api.request("PUT", "/v1/system/updates/automatic", key=ADMIN_KEY, json=by_hand)
        page = pages.open(api.url, "/system", device="phone")
        card = page.locator("section.card").filter(has_text="Updates")
        expect(card).to_contain_text("Version 1.0.0")
        expect(card).to_contain_text("No newer version")
        card.get_by_role("button", name="Look for updates").click()
        update = card.get_by_role("listitem").filter(has_text="Version 1.1.0")
        expect(update).to_contain_text("Timers are louder.")
        axe(page)
        fits(page)
        card.get_by_label("Install automatically").select_option("security")
        card.get_by_role("button", name="Save").click()
        expect(card).to_contain_text("automatically at 03:30")
        update.get_by_role("button", name="Install").click()
        expect(card).to_contain_text("waits to be tried")
        card.get_by_role("button", name="Start with the update").click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_contain_text("the present one runs again")
        axe(page)
        dialog.get_by_role("button", name="Start again").click()
        expect(dialog).to_have_count(0)
        expect(card).to_contain_text("starts and shows that it works")
        # The page says so as soon as it is noted, right before the machine is asked.
        wait_until(appliance.machine.asked_to_restart, PATIENCE_S, "the wish for a start")
        assert appliance.machine.asked_to_restart() == "tryboot"


def test_elsewhere_there_is_no_such_card(server: Server, pages: Pages) -> None:
    page = pages.open(server.url, "/system")
    expect(page.get_by_role("heading", name="Start again")).to_be_visible()
    expect(page.get_by_role("heading", name="Updates")).to_have_count(0)
