"""A backup to a memory stick, and back from it on a card that knows nothing of what is in it."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from image.boot.api import remember
from image.boot.machine import Saved

if TYPE_CHECKING:
    from image.boot.updates import Trial

WORK_S = 1200.0
STICK_BYTES = 256 << 20
LABEL = "PISOVEREIGN"
PASSPHRASE = "five random words are good"
MEMORY = "The garage door's code is on the back of the calendar"
_MOUNT = "run-media-stick.mount"
_PLACES = "/v1/system/backup-places"
_RESTORE = "/opt/pisovereign/bin/pisovereign-appliance restore"


def make_stick(path: Path) -> Path:
    """Make the image of an empty memory stick with the label that is mounted for backups."""
    with path.open("wb") as file:
        file.truncate(STICK_BYTES)
    subprocess.run(["mkfs.vfat", "-n", LABEL, str(path)], check=True, capture_output=True)
    return path


def run(trial: Trial, before: Saved, stick: Path) -> str:
    """Do both; returns what is wrong, or "".

    Args:
        trial: the machine.
        before: its card before anything of this.
        stick: an empty one, which is plugged in.
    """
    trial.machine.restore(before)
    trial.machine.plug_in(stick, writable=True)
    _start(trial)
    memory = remember(trial.client, MEMORY)
    began = time.monotonic()
    place = _back_up(trial)
    if place.get("status") != "good":
        return f"the backup did not arrive: {place}"
    trial.say(f"a backup on the stick, rehearsed, in {time.monotonic() - began:.0f} s")
    trial.power_off()
    trial.machine.restore(before)
    _start(trial)
    if trial.client.send("GET", f"/v1/memories/{memory}")[0] != 404:
        return "the other card knows of it already"
    began = time.monotonic()
    said = _restore(trial, place["good_name"])
    trial.ready()
    trial.say(f"restored from it in {time.monotonic() - began:.0f} s")
    status, found = trial.client.send("GET", f"/v1/memories/{memory}")
    return "" if status == 200 and found["content"] == MEMORY else said


def _start(trial: Trial) -> None:
    probe = trial.started()
    # Only sticks on USB are mounted by themselves.
    probe.run(f"systemctl start {_MOUNT}")


def _back_up(trial: Trial) -> dict[str, Any]:
    """Have the program make a backup at the stick; returns what it says of that place."""
    client = trial.client
    for path, values in (
        ("/v1/connections/backup_stick", {"name": LABEL}),
        ("/v1/settings/backup", {"schedule": "daily", "passphrase": PASSPHRASE}),
    ):
        status, answer = client.send("PUT", path, {"values": values})
        if status != 200:
            return {"error": answer}
    status, answer = client.send("POST", f"{_PLACES}/run")
    if status >= 300:
        return {"error": answer}
    # Not until the run is over: one that failed is tried again after minutes.
    client.wait(_PLACES, lambda _, found: found["status"] in {"good", "failing"}, WORK_S)
    (place,) = client.send("GET", _PLACES)[1]["places"]
    return dict(place)


def _restore(trial: Trial, name: str) -> str:
    """Restore in the shell, as root has to; returns what the program says."""
    secret = "/run/passphrase"
    keep = f"(umask 077; echo '{PASSPHRASE}' > {secret})"
    file = f"/run/media/stick/pisovereign/{name}"
    return trial.machine.shell().run(
        f"{keep}; {_RESTORE} {file} --passphrase-file {secret}", WORK_S
    )
