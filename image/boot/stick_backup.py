"""A backup to a memory stick, and back from it on a card that was set up by somebody else."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from image.boot.api import Client, remember
from image.boot.features import PASSPHRASE
from image.boot.machine import Saved
from image.boot.serial_shell import Probe
from image.boot.update_files import LABEL

if TYPE_CHECKING:
    from image.boot.updates import Prepare, Trial

WORK_S = 1200.0
MEMORY = "The garage door's code is on the back of the calendar"
_MOUNT = "run-media-stick.mount"
_PLACES = "/v1/system/backup-places"
_RESTORE = "/opt/pisovereign/bin/pisovereign-appliance restore"


def run(trial: Trial, before: Saved, new: Saved, stick: Path, prepare: Prepare) -> str:
    """Make a backup on a stick and restore it on another card; returns what is wrong, or "".

    Args:
        trial: the machine.
        before: its card, set up.
        new: a card that was never started.
        stick: an empty one, which is plugged in.
        prepare: sets a machine up, with a key of its own.
    """
    trial.machine.restore(before)
    trial.machine.plug_in(stick, writable=True)
    _mount(trial.started())
    memory = remember(trial.client, MEMORY)
    began = time.monotonic()
    place = _back_up(trial)
    if place.get("status") != "good":
        return f"the backup did not arrive: {place}"
    trial.say(f"a backup on the stick, rehearsed, in {time.monotonic() - began:.0f} s")
    trial.power_off()
    trial.machine.restore(new)
    probe = trial.machine.start()
    probe.wait(WORK_S)
    stranger = Client(trial.machine.address)
    prepare(stranger, probe)
    stranger.wait("/ready", lambda status, _: status == 200, WORK_S)
    _mount(probe)
    if trial.client.send("GET", f"/v1/memories/{memory}")[0] != 401:
        return "the other card knows the key already"
    began = time.monotonic()
    said = _restore(trial, place["good_name"])
    try:
        # By the key of the first card, which came with the backup.
        trial.ready()
    except TimeoutError as error:
        return f"{error}; the restore said: {said}"
    trial.say(f"restored from it on another card in {time.monotonic() - began:.0f} s")
    status, found = trial.client.send("GET", f"/v1/memories/{memory}")
    if status == 200 and found["content"] == MEMORY:
        return ""
    return f"{status} {found}; the restore said: {said}"


def _mount(probe: Probe) -> None:
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
