"""Backups by themselves, through the real program: sent to real servers, and back from each."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import psycopg
import pytest
import requests

from pisovereign.backup.retention import dated_backup
from tests.backup.conftest import PASSPHRASE, cli
from tests.reminders.support import told
from tests.support import s3_server, webdav_server
from tests.support.s3_server import S3Server
from tests.support.server import ADMIN_KEY, ALICE_KEY, Server, remove_data, wait_until
from tests.support.webdav_server import WebdavServer

PLACES = "/v1/system/backup-places"
LIMIT_S = 180.0


class Household(NamedTuple):
    """The program, and the places that it sends backups to."""

    server: Server
    webdav: WebdavServer
    s3: S3Server
    folder: Path

    def ask(self, method: str, path: str = PLACES, **kwargs: Any) -> requests.Response:
        return self.server.request(method, path, key=ADMIN_KEY, **kwargs)

    def overview(self) -> dict[str, Any]:
        answer = self.ask("GET")
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    def place(self, name: str) -> dict[str, Any]:
        found: dict[str, Any]
        (found,) = (each for each in self.overview()["places"] if each["place"] == name)
        return found

    def save(self, where: str, **values: Any) -> None:
        answer = self.ask("PUT", where, json={"values": values})
        assert answer.status_code == 200, answer.text

    def run(self) -> str:
        """Have a backup made and sent; returns its name once it is everywhere."""
        begun = self.ask("POST", f"{PLACES}/run")
        assert begun.status_code == 202, begun.text
        wait_until(lambda: not self.overview()["running"], LIMIT_S, "the run")
        overview = self.overview()
        assert overview["status"] in {"good", "off"}, overview
        (name,) = {each["good_name"] for each in overview["places"]}
        return str(name)

    def there(self) -> dict[str, set[str]]:
        """The names of the files at each place, whatever the program says."""
        dav = self.webdav.root / "backups"
        return {
            "folder": {path.name for path in self.folder.iterdir()},
            "webdav": {path.name for path in dav.iterdir()} if dav.exists() else set(),
            "s3": {key.removeprefix("pisovereign/") for key in self.s3.objects},
        }

    def change(self, statement: str) -> None:
        with psycopg.connect(self.server.owner_dsn()) as connection:
            connection.execute(statement.encode())

    def settings(self) -> dict[str, str]:
        """What describes the places to a machine that has nothing yet."""
        return {
            "PISOVEREIGN_BACKUP_FOLDER__PATH": str(self.folder),
            "PISOVEREIGN_BACKUP_FOLDER__OTHER_DISK": "false",
            "PISOVEREIGN_BACKUP_WEBDAV__URL": f"{self.webdav.url}/backups",
            "PISOVEREIGN_BACKUP_WEBDAV__USERNAME": webdav_server.USER,
            "PISOVEREIGN_BACKUP_WEBDAV__PASSWORD": webdav_server.PASSWORD,
            "PISOVEREIGN_BACKUP_S3__ENDPOINT": self.s3.url,
            "PISOVEREIGN_BACKUP_S3__REGION": s3_server.REGION,
            "PISOVEREIGN_BACKUP_S3__BUCKET": s3_server.BUCKET,
            "PISOVEREIGN_BACKUP_S3__ACCESS_KEY": s3_server.ACCESS_KEY,
            "PISOVEREIGN_BACKUP_S3__SECRET_KEY": s3_server.SECRET_KEY,
        }


@pytest.fixture(scope="module")
def household(models_dir: Path) -> Iterator[Household]:
    folder = Path(tempfile.mkdtemp(prefix="pisov-places-"))
    for name in ("dav", "mnt"):
        (folder / name).mkdir()
    with WebdavServer(folder / "dav") as webdav, S3Server() as s3:
        running = Server(folder / "data", models_dir, PISOVEREIGN_MEMORY__LEARN="false").start()
        home = Household(running, webdav, s3, folder / "mnt")
        connect(home)
        yield home
        running.remove()
    remove_data(folder)


def connect(home: Household) -> None:
    home.save("/v1/connections/backup_folder", path=str(home.folder), other_disk=False)
    home.save(
        "/v1/connections/backup_webdav",
        url=f"{home.webdav.url}/backups",
        username=webdav_server.USER,
        password=webdav_server.PASSWORD,
    )
    home.save(
        "/v1/connections/backup_s3",
        endpoint=home.s3.url,
        region=s3_server.REGION,
        bucket=s3_server.BUCKET,
        access_key=s3_server.ACCESS_KEY,
        secret_key=s3_server.SECRET_KEY,
    )
    refused = home.ask("POST", f"{PLACES}/run")
    assert (refused.status_code, "passphrase" in refused.text) == (409, True)
    home.save("/v1/settings/backup", schedule="never", passphrase=PASSPHRASE)


def test_connections_are_tried_by_writing(household: Household) -> None:
    for kind in ("backup_folder", "backup_webdav", "backup_s3"):
        tried = household.ask("POST", f"/v1/connections/{kind}/test", json={}).json()
        assert tried["status"] == "works", tried
        assert tried["steps"][-1]["name"] == "write"
    values = {"path": "/nowhere", "other_disk": False}
    path = "/v1/connections/backup_folder/test"
    failed = household.ask("POST", path, json={"values": values}).json()
    assert (failed["status"], "is not there" in failed["detail"]) == ("fails", True)
    form = household.ask("GET", "/v1/connections/backup_s3").json()
    assert form["secrets"] == {"secret_key": True}
    assert s3_server.SECRET_KEY not in json.dumps(form)


@pytest.fixture(scope="module")
def name(household: Household) -> str:
    """A backup that is at every place, which takes long to make."""
    return household.run()


@pytest.mark.parametrize("place_name", ["folder", "webdav", "s3"])
def test_it_comes_back_from_each_place(
    household: Household, name: str, place: Path, place_name: str
) -> None:
    assert all(name in names for names in household.there().values())
    assert not any(each.endswith(".part") for names in household.there().values() for each in names)
    settings = household.settings()
    listed = cli(place, "restore", "--from", place_name, "--list", **settings)
    assert listed.returncode == 0, listed.stderr
    assert name in listed.stdout
    done = cli(place, "backup", "restore", "--from", place_name, name, "--json", **settings)
    assert done.returncode == 0, done.stderr
    restored = json.loads(done.stdout)
    assert restored["restored"] is True
    assert restored["rows"]["connections"] >= 3
    key = household.server.data_dir / "master.key"
    assert (place / "master.key").read_bytes() == key.read_bytes()
    assert not list(place.glob(".backup-fetched-*"))


def test_a_new_machine_needs_the_address_alone(
    household: Household, name: str, place: Path
) -> None:
    url = f"{household.webdav.url}/backups"
    password = {"PISOVEREIGN_BACKUP_WEBDAV__PASSWORD": webdav_server.PASSWORD}
    arguments = ("restore", "--from", url, "--user", webdav_server.USER, "--check")
    done = cli(place, *arguments, **password)
    assert done.returncode == 0, done.stderr
    nobody = cli(place, *arguments)
    assert (nobody.returncode, "nobody to ask" in nobody.stderr) == (1, True)
    folder = cli(place, "restore", "--from", household.folder, "--rehearse")
    assert folder.returncode == 0, folder.stderr
    secret = {"PISOVEREIGN_BACKUP_S3__SECRET_KEY": s3_server.SECRET_KEY}
    at = f"s3://{s3_server.BUCKET}/pisovereign"
    options = ("--endpoint", household.s3.url, "--region", s3_server.REGION)
    user = ("--user", s3_server.ACCESS_KEY)
    bucket = cli(place, "restore", name, "--from", at, *options, *user, "--check", **secret)
    assert bucket.returncode == 0, bucket.stderr
    assert not place.exists()


def test_the_page_lists_a_place_and_brings_a_backup_here(household: Household, name: str) -> None:
    listed = household.ask("GET", f"{PLACES}/webdav/files").json()["files"]
    assert listed[0]["name"] == name
    dated = dated_backup(name)
    assert dated is not None
    assert dt.datetime.fromisoformat(listed[0]["made_at"]) == dated.made_at
    begun = household.ask("POST", f"{PLACES}/webdav/fetch", json={"name": name})
    assert begun.status_code == 202, begun.text

    def work() -> dict[str, Any]:
        found: dict[str, Any] = household.ask("GET", "/v1/system/backups").json()["work"]
        return found

    wait_until(lambda: work()["status"] != "running", LIMIT_S, "the backup")
    assert (work()["kind"], work()["status"]) == ("fetch", "done")
    path = f"/v1/system/backups/{name}"
    assert household.ask("GET", path).content == household.s3.objects[f"pisovereign/{name}"]
    again = household.ask("POST", f"{PLACES}/s3/fetch", json={"name": name})
    assert again.status_code == 409
    begun = household.ask("POST", f"{path}/verify", json={"passphrase": PASSPHRASE})
    assert begun.status_code == 202
    wait_until(lambda: work()["status"] != "running", LIMIT_S, "the rehearsal")
    assert work()["status"] == "done", work()
    household.ask("DELETE", path)
    for wrong in ("nowhere", "stick"):
        answer = household.ask("GET", f"{PLACES}/{wrong}/files")
        assert answer.status_code == (404 if wrong == "nowhere" else 503)
    gone = household.ask("POST", f"{PLACES}/s3/fetch", json={"name": "gone.backup"})
    assert gone.status_code == 404


def test_nobody_else_sees_or_begins_anything(household: Household) -> None:
    for method, path in (
        ("GET", PLACES),
        ("POST", f"{PLACES}/run"),
        ("GET", f"{PLACES}/s3/files"),
        ("POST", f"{PLACES}/s3/fetch"),
        ("GET", "/v1/connections/backup_s3"),
        ("PUT", "/v1/settings/backup"),
    ):
        given: dict[str, Any] = {"name": "a.backup"} if path.endswith("fetch") else {"values": {}}
        body = {} if method == "GET" or path.endswith("run") else {"json": given}
        answer = household.server.request(method, path, key=ALICE_KEY, **body)
        assert answer.status_code == 403, (method, path, answer.text)


def test_a_place_that_fails_is_told_and_the_others_go_on(household: Household) -> None:
    household.webdav.refused.add("PUT")
    try:
        begun = household.ask("POST", f"{PLACES}/run")
        assert begun.status_code == 202
        wait_until(lambda: household.place("webdav")["status"] == "failing", LIMIT_S, "the failure")
        wait_until(lambda: household.place("s3")["good_name"] is not None, LIMIT_S, "the others")
        assert "no room" in household.place("webdav")["error"]
        overview = household.ask("GET", "/v1/system/overview").json()["backup"]
        assert overview["last_good_at"] == household.overview()["last_good_at"]
        # After its last try owners are told.
        household.change(
            "UPDATE jobs SET attempt = 9, ready_at = now()"
            " WHERE queue = 'backups' AND state = 'waiting'"
        )
        wait_until(lambda: not household.overview()["running"], LIMIT_S, "the last try")
    finally:
        household.webdav.refused.clear()
    last = warnings(household)[-1]
    assert (last["place"], last["reason"]) == ("webdav", "failed")
    assert "no room" in last["error"]
    household.run()
    assert household.place("webdav")["error"] is None


def warnings(home: Household) -> list[dict[str, Any]]:
    events = told(home.server, key=ADMIN_KEY)
    return [event.data for event in events if event.kind == "backup_warning"]


def reasons(home: Household) -> dict[str, str]:
    """Of what owners were told last, by the reason: the place."""
    return {each["reason"]: each["place"] for each in warnings(home)}


@pytest.mark.usefixtures("name")
def test_the_schedule_makes_up_for_what_was_missed_and_warns_when_it_is_old(
    household: Household,
) -> None:
    before = household.place("s3")["good_name"]
    household.save("/v1/settings/backup", schedule="daily", hour=3, keep_daily=2)
    try:
        wait_until(lambda: household.overview()["next_at"] is not None, LIMIT_S, "the schedule")
        household.change("UPDATE backup_schedule SET seen_to = now() - interval '25 hours'")
        wait_until(
            lambda: household.place("s3")["good_name"] != before,
            LIMIT_S,
            "the backup that was missed",
        )
        wait_until(lambda: not household.overview()["running"], LIMIT_S, "the run")
        made = dt.datetime.fromisoformat(household.place("s3")["good_at"])
        assert (made.minute, made.second) == (0, 0)
        household.change(
            "UPDATE backup_schedule SET since = now() - interval '9 days';"
            "UPDATE backup_places SET good_at = now() - interval '3 days' WHERE place = 's3'"
        )
        assert household.overview()["status"] == "old"
        wait_until(lambda: "old" in reasons(household), LIMIT_S, "the warning")
        assert reasons(household)["old"] == "s3"
        metrics = household.ask("GET", "/metrics/prometheus").text
        assert "backup_unhealthy 1.0" in metrics
    finally:
        household.save("/v1/settings/backup", schedule="never")
