"""The waste collection through the running program: its form, trials, health and the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.connectors.waste.town import Town, calendar, whole_day
from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server

# Far enough that it is to come wherever the program is.
SOON = dt.datetime.now(dt.UTC).date() + dt.timedelta(days=2)
NOTHING: dict[str, Any] = {"values": {}}
YEAR = calendar(whole_day(SOON, "Restmüll", "RRULE:FREQ=WEEKLY;COUNT=3"))


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    with Town(YEAR) as running:
        yield running


@pytest.fixture(scope="module")
def api(server: Server) -> Iterator[ApiProcess]:
    with ApiProcess(server) as running:
        yield running


def ask(api: ApiProcess, method: str, path: str = "", **values: Any) -> requests.Response:
    """A request about the connection; `values` of its form, if there are any."""
    body = {"json": {"values": values}} if values else {}
    return api.request(method, f"/v1/connections/waste{path}", key=ADMIN_KEY, **body)


def state(api: ApiProcess) -> dict[str, Any]:
    """How `/ready/all` finds it."""
    found: dict[str, Any] = api.request("GET", "/ready/all").json()["services"]["waste"]
    return found


def integration(api: ApiProcess) -> dict[str, Any]:
    """How the test of all integrations finds it."""
    rows = api.request("POST", "/v1/integrations/test").json()["integrations"]
    (found,) = [row for row in rows if row["name"] == "waste"]
    return dict(found)


def test_nothing_is_set_up(api: ApiProcess) -> None:
    assert state(api) == {"healthy": None, "status": "not_configured"}
    assert integration(api)["detail"] == "set waste.url"
    assert (
        api.request("PUT", "/v1/connections/waste", key=ALICE_KEY, json=NOTHING).status_code == 403
    )


def test_an_address_is_tried_saved_and_used(api: ApiProcess, town: Town) -> None:
    tried = ask(api, "POST", "/test", url=town.calendar_url).json()
    assert tried["status"] == "works"
    assert tried["detail"] == f"3 days, the next on {SOON}: Restmüll"
    assert [step["name"] for step in tried["steps"]] == ["resolve", "connect", "read"]
    assert state(api)["healthy"] is None  # nothing was saved
    saved = ask(api, "PUT", url=town.calendar_url).json()
    assert saved["state"]["status"] == "works"
    assert saved["values"] == {"url": town.calendar_url, "file": "", "refresh_hours": 24}
    assert state(api)["healthy"] is True
    assert integration(api)["detail"].startswith("3 days, the next on")
    nowhere = ask(api, "POST", "/test", url=f"{town.url}/round").json()
    assert nowhere["status"] == "fails"
    assert "without end" in nowhere["detail"]
    assert ask(api, "DELETE").status_code == 204
    assert state(api)["healthy"] is None


def test_a_file_is_tried_saved_and_shown(api: ApiProcess) -> None:
    german = requests.post(
        f"{api.url}/v1/connections/waste/test",
        json={"values": {"file": YEAR}},
        headers={"Authorization": f"Bearer {ADMIN_KEY}", "Accept-Language": "de"},
        timeout=PATIENCE_S,
    ).json()
    assert german["detail"] == f"3 Tage, der nächste am {SOON}: Restmüll"
    assert [step["title"] for step in german["steps"]] == ["Von Kalenderdatei lesen"]
    form = ask(api, "PUT", file=YEAR).json()
    fields = {field["name"]: field for field in form["fields"]}
    assert (fields["file"]["type"], fields["file"]["placeholder"]) == ("file", ".ics")
    assert form["values"]["file"] == YEAR
    assert form["state"]["status"] == "works"
    assert ask(api, "DELETE").status_code == 204


def test_what_is_wrong_with_the_form_is_named(api: ApiProcess) -> None:
    refused = ask(api, "PUT", file="<html>")
    assert refused.status_code == 422
    (found,) = refused.json()["error"]["details"]["fields"]
    assert found["field"] == "values.file"
    assert found["error"].startswith("must be a calendar in iCalendar format")
    large = ask(api, "PUT", file=YEAR + "x" * 256 * 1024)
    assert large.json()["error"]["details"]["fields"][0]["field"] == "values.file"
    old = calendar(whole_day(SOON - dt.timedelta(days=60), "Restmüll"))
    failed = ask(api, "POST", "/test", file=old).json()
    assert failed["status"] == "fails"
    assert "waste.file holds no day from today on" in failed["detail"]


def test_the_configuration_names_an_address(server: Server, town: Town) -> None:
    with ApiProcess(server, PISOVEREIGN_WASTE__URL=town.calendar_url) as api:
        assert state(api)["healthy"] is True
        assert ask(api, "PUT", file=YEAR).status_code == 409


def test_the_configuration_holds_a_file(server: Server) -> None:
    with ApiProcess(server, PISOVEREIGN_WASTE__FILE=YEAR) as api:
        assert integration(api)["status"] == "works"


def test_a_server_that_is_away(server: Server) -> None:
    with Town() as town:
        pass
    with ApiProcess(server, PISOVEREIGN_WASTE__URL=town.calendar_url) as api:
        found = integration(api)
        assert found["status"] == "fails"
        assert "cannot be reached" in found["detail"]


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"URL": "https://town.example/", "FILE": YEAR}, "waste.url are not set together"),
        ({"FILE": "x"}, "must be a calendar in iCalendar format"),
        ({"URL": "ftp://x"}, "not a plain http or https URL"),
    ],
)
def test_settings_that_refuse_the_start(
    models_dir: Path, data_dir: Path, settings: dict[str, str], problem: str
) -> None:
    variables = {f"PISOVEREIGN_WASTE__{name}": value for name, value in settings.items()}
    assert problem in Server(data_dir, models_dir, **variables).refused_start()
