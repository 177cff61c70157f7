"""A machine with two systems in a folder, and a firmware that decides by the files on its card.

The program is the real one. Partitions are files, the firmware is `power_on`, and
a system "starts" by what its partition says of itself.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

from image.boot_files import AUTOBOOT
from pisovereign.updates import installing
from pisovereign.updates.board import Board
from pisovereign.updates.state import UpdateState, read_state
from tests.support.server import clean_environment
from tests.support.updates import BOOT, RELEASE, SYSTEM, in_slot

Slot = Literal["a", "b"]


class NotWhole(AssertionError):
    """The firmware started a system that is not whole."""


class SimulatedBoard:
    """Such a machine, with a first system in `a` and nothing in `b`.

    Args:
        root: an empty folder.
        version: of the first system.
        model: what the firmware says of the board; empty: nothing.
    """

    def __init__(self, root: Path, version: str = "1.0.0", model: str = "") -> None:
        self.root = root
        self.keys = [RELEASE.public]
        devices = root / "dev/disk/by-partlabel"
        for folder in (devices, root / "boot/config", root / "proc", root / "usr/lib/pisovereign"):
            folder.mkdir(parents=True)
        for name in ("updates", "updates-incoming"):
            (root / "var/lib/pisovereign" / name).mkdir(parents=True)
        for part, size in zip(("boot", "system"), (BOOT, SYSTEM), strict=True):
            (devices / f"{part}_b").write_bytes(b"\xff" * (size + 4096))
        for part, data in zip(("boot", "system"), in_slot(version, "a"), strict=True):
            (devices / f"{part}_a").write_bytes(data + b"\xff" * 4096)
        (root / "boot/config/autoboot.txt").write_text(AUTOBOOT)
        if model:
            (root / "proc/device-tree").mkdir()
            (root / "proc/device-tree/compatible").write_bytes(model.encode() + b"\0")
        self.running: Slot = "a"
        self.version = version
        self.power_on()

    def update(
        self, *arguments: str | Path, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run the program on this machine."""
        done = subprocess.run(
            self.command(*arguments),
            env=clean_environment({"PYTHONDONTWRITEBYTECODE": "1"}),
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        if check:
            assert done.returncode == 0, done.stderr
        return done

    def command(self, *arguments: str | Path) -> list[str]:
        """The command line of the program on this machine."""
        program = [sys.executable, "-m", "pisovereign.updates.program"]
        return [*program, "--root", str(self.root), *map(str, arguments)]

    def state(self) -> UpdateState | None:
        """What the machine says of its last update."""
        return read_state(self.root / "var/lib/pisovereign/updates")

    def stage(self) -> str:
        """How far that has come."""
        state = self.state()
        return state.stage if state else "none"

    def asked_to_restart(self) -> str | None:
        """The last wish for a start: `regular` or `tryboot`; None: there was none."""
        log = self.root / "run/pisovereign-update/commands"
        lines = log.read_text().splitlines() if log.exists() else []
        wishes = [line for line in lines if " reboot" in line]
        if not wishes:
            return None
        return "tryboot" if wishes[-1].endswith("--reboot-argument=0 tryboot") else "regular"

    def restart(self) -> None:
        """Do what was asked for."""
        wish = self.asked_to_restart()
        assert wish is not None, "nobody asked for a start"
        self.power_on(tryboot=wish == "tryboot")

    def power_on(self, *, tryboot: bool = False, settle: bool = True) -> None:
        """Start as the firmware does, after which the machine settles what has become of an update.

        A power cut is a start without `tryboot`: the firmware's register is empty then.

        Raises:
            NotWhole: the system that starts is not one.
        """
        shutil.rmtree(self.root / "run", ignore_errors=True)
        self.running = self._choose(tryboot=tryboot)
        self.version = self._whole(self.running)
        (self.root / "proc/cmdline").write_text(f"root=PARTLABEL=system_{self.running} ro quiet\n")
        place = self.root / "usr/lib/pisovereign"
        said = {"product": "pisovereign", "version": self.version, "built": 1, "boards": []}
        (place / "release.json").write_text(json.dumps(said))
        shutil.rmtree(place / "update-keys", ignore_errors=True)
        (place / "update-keys").mkdir()
        for number, key in enumerate(self.keys):
            (place / f"update-keys/{number}.pub").write_text(key)
        if settle:
            # In this process: it is what each of many starts does.
            installing.settle(Board(self.root))

    def _choose(self, *, tryboot: bool) -> Slot:
        """Read autoboot.txt as the documentation of the firmware says."""
        section, chosen = "all", {"all": 0, "tryboot": 0}
        text = (self.root / "boot/config/autoboot.txt").read_text()
        for line in text.splitlines():
            if header := re.fullmatch(r"\[(\w+)\]", line):
                section = header[1]
            elif number := re.fullmatch(r"boot_partition=(\d+)", line):
                chosen[section] = int(number[1])
        assert "tryboot_a_b=1" in text
        return "a" if chosen["tryboot" if tryboot else "all"] == 2 else "b"

    def _whole(self, slot: Slot) -> str:
        devices = self.root / "dev/disk/by-partlabel"
        boot = (devices / f"boot_{slot}").read_bytes()[:BOOT]
        system = (devices / f"system_{slot}").read_bytes()[:SYSTEM]
        found = re.match(rb'\{"product": "\w+", "version": "([0-9.]+)"', system)
        if found is None or (boot, system) != in_slot(found[1].decode(), slot):
            raise NotWhole(f"system {slot} is not whole")
        return found[1].decode()
