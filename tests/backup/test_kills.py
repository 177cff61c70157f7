"""A run that is killed while it sends: nothing half is left, and it goes on."""

from __future__ import annotations

from tests.backup.conftest import PASSPHRASE
from tests.backup.test_places import LIMIT_S, PLACES, Household, household
from tests.support import webdav_server
from tests.support.server import wait_until

__all__ = ["household"]


def test_it_leaves_no_half_file_and_goes_on_with_the_same(household: Household) -> None:
    server, webdav = household.server, household.webdav
    before = household.there()
    household.ask("DELETE", "/v1/connections/backup_s3")
    household.ask("DELETE", "/v1/connections/backup_folder")
    webdav.begun.clear()
    webdav.held.clear()
    begun = household.ask("POST", f"{PLACES}/run")
    assert begun.status_code == 202, begun.text
    wait_until(webdav.begun.is_set, LIMIT_S, "the upload")
    (staged,) = (server.data_dir / "backup.staged").glob("*.backup")
    content = staged.read_bytes()
    server.kill_everything()
    webdav.held.set()
    halves = household.there()["webdav"] - before["webdav"]
    assert halves <= {f"{staged.name}.part"}
    server.start()

    def has_arrived() -> bool:
        return bool(household.place("webdav")["good_name"] == staged.name)

    wait_until(has_arrived, LIMIT_S, "the rest of the run")
    wait_until(lambda: not household.overview()["running"], LIMIT_S, "its end")
    # The same file: nothing was made anew.
    assert (webdav.root / "backups" / staged.name).read_bytes() == content
    assert not any(name.endswith(".part") for name in household.there()["webdav"])
    assert not (server.data_dir / "backup.staged").exists()
    assert PASSPHRASE not in server.log()
    assert webdav_server.PASSWORD not in server.log()
