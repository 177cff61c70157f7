"""An update from the address to the kept system: the real API, root's program, and a model."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.api_process import ApiProcess
from tests.support.patience import PATIENCE_S
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server, clean_environment, wait_until
from tests.support.update_services import Appliance
from tests.support.updates import Signer, make_update

PATH = "/v1/system/updates"


@pytest.fixture
def appliance(tmp_path: Path, server: Server) -> Iterator[Appliance]:
    with Appliance(tmp_path, server) as made:
        yield made


def ask(api: ApiProcess, method: str, path: str = "", **body: Any) -> Any:
    """What the owner is answered."""
    answer = api.request(method, PATH + path, key=ADMIN_KEY, json=body or None)
    assert answer.status_code < 300, answer.text
    return answer.json()


def installed(api: ApiProcess, source: str, file: str) -> dict[str, Any]:
    """Install an update; returns how that ended."""
    ask(api, "POST", "/install", source=source, file=file)
    going_on = {"fetching", "installing"}
    wait_until(lambda: ask(api, "GET")["work"]["status"] not in going_on, 120, "the installation")
    work: dict[str, Any] = ask(api, "GET")["work"]
    return work


def told(api: ApiProcess) -> list[dict[str, Any]]:
    """What owners were told of the ends of updates."""
    text = api.request("GET", "/v1/events?after=0&follow=false", key=ADMIN_KEY).text
    blocks = [block.splitlines() for block in text.split("\n\n")]
    ends = [block for block in blocks if "event: update_ended" in block]
    data = (line for block in ends for line in block if line.startswith("data: "))
    return [json.loads(line.removeprefix("data: ")) for line in data]


def test_an_update_from_the_address_is_installed_tried_and_kept(appliance: Appliance) -> None:
    machine = appliance.machine
    update = make_update(appliance.web, "1.1.0", urgency="security", notes="Closes a hole.")
    with appliance.api() as api:
        before = len(told(api))
        assert ask(api, "GET")["offered"] == []
        (offered,) = ask(api, "POST", "/check")["offered"]
        assert (offered["version"], offered["urgency"]) == ("1.1.0", "security")
        assert (offered["notes"], offered["size"]) == ("Closes a hole.", update.stat().st_size)
        assert api.request("POST", f"{PATH}/try", key=ADMIN_KEY).status_code == 409
        assert installed(api, "address", update.name)["status"] == "done"
        assert ask(api, "GET")["last"]["stage"] == "written"
        ask(api, "POST", "/try")
        assert machine.asked_to_restart() == "tryboot"
    machine.restart()
    # The new system starts: nobody but its check is served.
    with appliance.api() as api:
        assert requests.get(f"{api.url}/ready", timeout=PATIENCE_S).status_code == 200
        for path in ("/", "/v1/memories", "/v1/conversations", PATH):
            refused = api.request("GET", path, key=ADMIN_KEY)
            assert refused.status_code == 503
            assert "tried" in refused.text
            assert refused.headers["Retry-After"]
        port = api.url.rpartition(":")[2]
        said = machine.update("confirm", "--port", port, "--limit", "120")
        assert "update to 1.1.0: kept" in said.stdout
        key = (machine.root / "run/pisovereign-update/key").exists()
        assert not key
        # Until it is started again, which systemd is asked to.
        assert api.request("GET", "/v1/memories", key=ADMIN_KEY).status_code == 503
    with appliance.api() as api:
        assert ask(api, "GET")["running"]["version"] == "1.1.0"
        assert ask(api, "GET")["last"]["stage"] == "kept"
        assert api.request("GET", "/v1/memories", key=ALICE_KEY).status_code == 200
        wait_until(lambda: len(told(api)) > before, 120, "owners to be told")
        kept = {"stage": "kept", "version": "1.1.0", "before": "1.0.0", "error": None}
        assert told(api)[before:] == [kept]
    machine.power_on()
    assert (machine.version, machine.running) == ("1.1.0", "b")


def test_a_system_without_a_working_model_is_rolled_back(appliance: Appliance) -> None:
    machine = appliance.machine
    with appliance.api() as api:
        before = len(told(api))
    machine.update("install", "--try", make_update(appliance.web, "1.1.0"))
    machine.restart()
    with appliance.api(PISOVEREIGN_INFERENCE__BASE_URL="http://127.0.0.1:9/v1") as api:
        port = api.url.rpartition(":")[2]
        said = machine.update("confirm", "--port", port, "--limit", "3", check=False)
        assert "not ready" in said.stderr
    assert machine.asked_to_restart() == "regular"
    machine.restart()
    with appliance.api() as api:
        last = ask(api, "GET")["last"]
        assert (last["stage"], last["version"], last["before"]) == ("rolled_back", "1.1.0", "1.0.0")
        assert "not ready" in last["error"]
        wait_until(lambda: len(told(api)) > before, 120, "owners to be told")
        (ended,) = told(api)[before:]
        assert (ended["stage"], ended["error"]) == ("rolled_back", last["error"])
    # Once, however often it starts.
    noted = machine.root / "var/lib/pisovereign/updates-incoming/.told.json"
    assert last["stage"] in noted.read_text()
    with appliance.api() as api:
        assert ask(api, "GET")["last"] == last
        assert len(told(api)) == before + 1


def test_what_is_installed_by_itself_is_chosen_unless_the_configuration_says_it(
    appliance: Appliance,
) -> None:
    with appliance.api() as api:
        off = {"automatic": "off", "at": "03:30"}
        assert ask(api, "PUT", "/automatic", **off).items() >= {**off, "choosable": True}.items()
        chosen = {"automatic": "security", "at": "04:15"}
        assert ask(api, "PUT", "/automatic", **chosen).items() >= chosen.items()
        assert ask(api, "GET").items() >= chosen.items()
        for wrong in ({"automatic": "some"}, {"automatic": "all", "at": "24:00"}):
            answer = api.request("PUT", f"{PATH}/automatic", key=ADMIN_KEY, json=wrong)
            assert answer.status_code == 422
    with appliance.api(PISOVEREIGN_UPDATES__AUTOMATIC="all") as api:
        assert ask(api, "GET").items() >= {"automatic": "all", "choosable": False}.items()
        answer = api.request("PUT", f"{PATH}/automatic", key=ADMIN_KEY, json=chosen)
        assert answer.status_code == 409


def test_a_memory_stick_and_what_is_refused(appliance: Appliance) -> None:
    good = make_update(appliance.stick, "1.2.0")
    make_update(appliance.stick, "0.9.0")
    make_update(appliance.stick, "1.3.0", signer=Signer("somebody"))
    make_update(appliance.stick, "1.4.0", product="pisovereign-rpi")
    (appliance.stick / "nonsense.update").write_bytes(b"PISOVEREIGN-UPDATE-1\n\xff\xff\xff\xff")
    link = appliance.stick / "link.update"
    link.symlink_to("/etc/passwd")
    with appliance.api() as api:
        (offered,) = ask(api, "GET")["offered"]
        assert (offered["source"], offered["file"]) == ("stick", good.name)
        for file in ("pisovereign-1.3.0-1.update", "missing.update"):
            body = {"source": "stick", "file": file}
            answer = api.request("POST", f"{PATH}/install", key=ADMIN_KEY, json=body)
            assert answer.status_code == 404
        body = {"source": "stick", "file": "../../etc/x.update"}
        answer = api.request("POST", f"{PATH}/install", key=ADMIN_KEY, json=body)
        assert answer.status_code == 422
        for method, path in (("GET", ""), ("POST", "/check"), ("POST", "/try")):
            assert api.request(method, PATH + path, key=ALICE_KEY).status_code == 403
        # Damaged behind its list, which is all that is looked at before.
        data = bytearray(good.read_bytes())
        data[-10] ^= 1
        good.write_bytes(data)
        work = installed(api, "stick", good.name)
        assert (work["status"], "damaged" in work["error"]) == ("failed", True)
        assert ask(api, "GET")["last"] is None
        good.unlink()
        again = make_update(appliance.stick, "1.2.0")
        command = [sys.executable, "-m", "pisovereign.cli.main", "update"]
        key = appliance.machine.root / "key"
        key.write_text(ADMIN_KEY)
        options = ["--url", api.url, "--key-file", str(key)]
        for action in ("status", "install", "status"):
            done = subprocess.run(
                [*command, action, *options],
                env=clean_environment({}),
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            print(done.stdout)
        assert f"work: {again.name}, done" in done.stdout
        assert "last: 1.2.0, written" in done.stdout


def test_the_address_is_judged_by_what_is_signed(appliance: Appliance) -> None:
    with appliance.api() as api:
        assert "404" in ask(api, "POST", "/check")["check_failed"]
        make_update(appliance.web, "1.2.0")
        assert ask(api, "POST", "/check")["check_failed"] is None
        make_update(appliance.web, "1.1.0")
        found = ask(api, "POST", "/check")
        assert "older" in found["check_failed"]
        assert found["offered"][0]["version"] == "1.2.0"
        make_update(appliance.web, "1.5.0", signer=Signer("somebody"))
        found = ask(api, "POST", "/check")
        assert "does not know" in found["check_failed"]
        assert found["offered"][0]["version"] == "1.2.0"


def test_elsewhere_nothing_can_be_updated(server: Server) -> None:
    assert server.request("GET", PATH, key=ADMIN_KEY).json()["possible"] is False
    for path in ("/check", "/try"):
        assert server.request("POST", PATH + path, key=ADMIN_KEY).status_code == 409
