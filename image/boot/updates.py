"""Updating an emulated machine: one that works, one that does not, and power cuts in every phase.

The image is the published one. The key that signs is a new one of this test; the shell inside lays
it over the folder of keys of the system that runs.
"""

from __future__ import annotations

import random
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from image import build, bundle
from image.boot.api import Client, chat, remember
from image.boot.machine import Machine
from image.boot.serial_shell import NoAnswer, Probe

READY_S, INSTALL_S, TRIAL_S, END_S = 1200.0, 3600.0, 3600.0, 900.0
PROGRAM = "/opt/pisovereign/bin/pisovereign-update"
KEYS = "/usr/lib/pisovereign/update-keys"
FILE = "/var/lib/pisovereign/updates-incoming/new.update"
# No system starts with that: the kernel panics, and starts again.
BROKEN = (b" ro rootfstype=ext4", b" ro rootfstype=none")
MEMORY = "The spare key lies under the third flower pot"

Say = Callable[[str], None]
Expect = Callable[[str, str], None]
Prepare = Callable[[Client, Probe], None]


def make(root: Path, name: str, folder: Path, *, broken: bool = False) -> tuple[Path, str]:
    """Make an update that is a second newer than the image, or one that cannot start, and a key."""
    image = build.ensure(root, name)
    key = folder / "test.key"
    command = ["minisign", "-G", "-W", "-p", f"{key}.pub", "-s", str(key)]
    subprocess.run(command, check=True, capture_output=True)
    if broken:
        image = _broken(image, folder)
    about = bundle.describe(root, name, "usual", "A test.")
    about = about._replace(built=about.built + 1)
    places = bundle.find_partitions(image)
    path, _ = bundle.make(
        image, places, about, folder, sign=lambda listed: bundle.minisign(listed, key, about)
    )
    return path, Path(f"{key}.pub").read_text()


def run(root: Path, name: str, cuts: int, *, say: Say, expect: Expect, prepare: Prepare) -> None:
    """Go through all of it."""
    image = build.ensure(root, name)
    for broken in (True, False):
        with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="image-test-") as place:
            folder = Path(place)
            update, key = make(root, name, folder, broken=broken)
            machine = Machine(image, folder, updatable=True, disk=update)
            try:
                trial = Trial(machine, update.stat().st_size, key, say)
                trial.begin(prepare)
                if broken:
                    expect(
                        "an update that does not start is rolled back", trial.update("rolled_back")
                    )
                    continue
                lost = power_cuts(trial, cuts)
                expect(f"{cuts} power cuts in an update leave a whole system", lost)
                expect("an update is kept", trial.update("kept"))
            finally:
                machine.kill()


class Trial:
    """A machine with an update beside it.

    Args:
        machine: that machine, whose second disk is the update.
        size: of the update, in bytes.
        key: the public key that it is signed with.
        say: prints a line.
    """

    def __init__(self, machine: Machine, size: int, key: str, say: Say) -> None:
        self.machine = machine
        self.client = Client(machine.port)
        self.say = say
        self._size = size
        self._key = key.splitlines()[1]
        self._memory = ""

    def begin(self, prepare: Prepare) -> None:
        """Start it for the first time, and have it remember something."""
        probe = self.machine.start()
        probe.wait(READY_S)
        prepare(self.client, probe)
        self.ready()
        self._memory = remember(self.client, MEMORY)

    def ready(self) -> None:
        """Wait until everybody is served."""
        self.client.wait("/v1/memories?limit=1", lambda status, _: status == 200, READY_S)

    def provide(self, probe: Probe) -> None:
        """Have key and update where the machine finds them."""
        key = f"printf 'untrusted comment: test\\n{self._key}\\n' > /run/keys/test.pub"
        probe.run(f"mkdir -p /run/keys; {key}; mount --bind /run/keys {KEYS}")
        probe.run(f"head -c {self._size} /dev/vdb > {FILE}", INSTALL_S)

    def install(self, probe: Probe) -> str:
        """Write the update; returns what the program says."""
        self.provide(probe)
        return probe.run(f"{PROGRAM} install {FILE}", INSTALL_S)

    def update(self, wanted: str) -> str:
        """Install, try, and wait for the end of it; returns what is wrong, or ""."""
        began = time.monotonic()
        probe = self._shell()
        self.say(self.install(probe))
        probe.run(f"{PROGRAM} try")
        self.machine.ended(END_S)
        self.machine.start()
        if wanted == "rolled_back":
            self.machine.ended(TRIAL_S)
            self.machine.start()
        self.ready()
        said = self._shell().run(f"{PROGRAM} status")
        self.say(f"after {time.monotonic() - began:.0f} s: {said}")
        text, _ = chat(self.client, "What is the capital of France?")
        return "" if wanted in said and text.strip() and self.remembers() else said

    def remembers(self) -> bool:
        """Whether what was acknowledged before is there."""
        status, found = self.client.send("GET", f"/v1/memories/{self._memory}")
        return status == 200 and found["content"] == MEMORY

    def _shell(self) -> Probe:
        probe = self.machine.shell()
        probe.wait(READY_S)
        return probe


def power_cuts(trial: Trial, count: int, seed: int = 20) -> str:
    """Pull the plug in the middle of installing and trying; returns what was lost, or ""."""
    chance = random.Random(seed)
    for number in range(1, count + 1):
        probe = trial.machine.shell()
        probe.wait(READY_S)
        trying = number % 2 == 0
        if trying:
            trial.install(probe)
            probe.run(f"{PROGRAM} try")
            trial.machine.ended(END_S)
            trial.machine.start()
        else:
            trial.provide(probe)
            # It goes on inside while we wait to pull the plug.
            probe.run(f"({PROGRAM} install {FILE} > /run/said 2>&1 &)")
        time.sleep(chance.uniform(1.0, 90.0 if trying else 40.0))
        trial.machine.kill()
        trial.machine.start()
        try:
            trial.ready()
        except (TimeoutError, NoAnswer) as error:
            return f"cut {number}: {error}"
        if not trial.remembers():
            return f"cut {number}: what was acknowledged is gone"
        trial.say(f"cut {number} while {'trying' if trying else 'installing'}: all is there")
    return ""


def _broken(image: Path, folder: Path) -> Path:
    """Return a copy of an image whose system cannot be mounted."""
    copy = folder / "broken.img"
    subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
    place = bundle.find_partitions(copy)["boot_a"]
    with copy.open("r+b") as file:
        file.seek(place.begin)
        at = file.read(place.size).index(BROKEN[0])
        file.seek(place.begin + at)
        file.write(BROKEN[1])
    return copy
