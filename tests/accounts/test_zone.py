"""Where a machine was never told its zone, that of the first person's browser counts."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from pisovereign.accounts.profiles import chosen_zone
from pisovereign.config import DatabaseConfig
from tests.accounts.support import Browser
from tests.support.api_process import ApiProcess
from tests.support.server import ALICE, ALICE_KEY, BOB_KEY, Server


def test_the_zone_of_a_browser_is_that_of_a_machine_without_one(server: Server) -> None:
    far = "Pacific/Kiritimati"
    Browser(server.url).sign_in(key=ALICE_KEY)
    server.request("PATCH", "/v1/profile", json={"time_zone": far})
    try:
        found = chosen_zone(DatabaseConfig(), server.database_dsn(), [UUID(ALICE)])
        assert found == ZoneInfo(far)
        zones = []
        for given in ("UTC", "Europe/Berlin"):
            with ApiProcess(server, TZ=given) as api:
                body = {"command": "date_time", "args": {"about": "time"}}
                for key in (ALICE_KEY, BOB_KEY):
                    answer = api.request("POST", "/v1/commands", key=key, json=body)
                    assert answer.status_code == 200, answer.text
                    zones.append(answer.json()["result"]["zone"])
        # Who chose one has it; who did not is where the machine is.
        assert zones == [far, far, far, "Europe/Berlin"]
    finally:
        server.request("PATCH", "/v1/profile", json={"time_zone": ""})
