"""Where a machine has its two systems, and what decides which one starts."""

from __future__ import annotations

import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pisovereign.errors import StartError
from pisovereign.updates.autoboot import Slot, regular_slot, with_regular, write_in_place

MOUNT, SYSTEMCTL = "/usr/bin/mount", "/usr/bin/systemctl"
_LIMIT_S = 60.0
_LABELS = ("bootconfig", "boot_a", "boot_b", "system_a", "system_b", "persistent")
_ROOT = re.compile(r"(?:^|\s)root=PARTLABEL=system_([ab])(?:\s|$)")


class Board(NamedTuple):
    """The places of everything below a root, which is `/` but in tests.

    Of the machine's parts only what is behind `devices` and `autoboot` is ever written to.
    """

    root: Path

    def device(self, part: str, slot: Slot) -> Path:
        """Return the partition of a system, by its label."""
        return self.root / "dev/disk/by-partlabel" / f"{part}_{slot}"

    @property
    def autoboot(self) -> Path:
        """Return the file that decides what starts."""
        return self.root / "boot/config/autoboot.txt"

    @property
    def state(self) -> Path:
        """Return the folder on the data partition in which only root writes."""
        return self.root / "var/lib/pisovereign/updates"

    @property
    def incoming(self) -> Path:
        """Return the folder into which the API puts what it has fetched."""
        return self.root / "var/lib/pisovereign/updates-incoming"

    @property
    def run(self) -> Path:
        """Return a folder that is empty after each start."""
        return self.root / "run/pisovereign-update"

    @property
    def keys(self) -> Path:
        """Return the folder of the keys that count, a part of the read-only system."""
        return self.root / "usr/lib/pisovereign/update-keys"

    @property
    def release(self) -> Path:
        """Return what the system says of itself."""
        return self.root / "usr/lib/pisovereign/release.json"

    @property
    def model(self) -> Path:
        """Return what the firmware says of the board."""
        return self.root / "proc/device-tree/compatible"

    @property
    def is_real(self) -> bool:
        """Return whether this is the machine that it runs on."""
        return self.root == Path("/")

    def running_slot(self) -> Slot:
        """Return which of the two systems runs, as its kernel was told.

        Raises:
            StartError: None of them.
        """
        try:
            text = (self.root / "proc/cmdline").read_text("utf-8", "replace")
        except OSError:
            text = ""
        if found := _ROOT.search(text):
            return "a" if found[1] == "a" else "b"
        raise StartError("only the system of a flashed card is updated like this")

    def regular_slot(self) -> Slot:
        """Return which of them starts if nobody asks for the other one.

        Raises:
            StartError: Nobody can tell.
        """
        return regular_slot(self._autoboot_text())

    def require_one_card(self) -> None:
        """Require that there is one card with such a system, since labels name no other than one.

        Images are alike, so that ids of partitions do not tell two cards apart either.

        Raises:
            StartError: There are two.
        """
        found: Counter[str] = Counter()
        for path in (self.root / "sys/class/block").glob("*/uevent"):
            try:
                lines = path.read_text("utf-8", "replace").splitlines()
            except OSError:
                continue  # it was unplugged meanwhile
            found.update(line.partition("=")[2] for line in lines if line.startswith("PARTNAME="))
        if any(found[label] > 1 for label in _LABELS):
            raise StartError("two cards with this system are plugged in; take one of them out")

    def make_regular(self, slot: Slot) -> None:
        """Have one of them start from now on. This is the one step that decides.

        Raises:
            StartError: It could not be written.
        """
        text = self._autoboot_text()
        wanted = with_regular(text, slot)
        if wanted != text:
            with self._writable():
                write_in_place(self.autoboot, wanted)

    def restart(self, *, trying: bool) -> None:
        """Start the machine again; `trying` once with the other system, as the firmware offers.

        Raises:
            StartError: It refuses.
        """
        # The firmware keeps what it is asked for in a register that a power cut clears.
        asked = ["--reboot-argument=0 tryboot"] if trying else []
        self._execute(SYSTEMCTL, "--no-block", "reboot", *asked)

    def restart_program(self) -> None:
        """Have the API started again by systemd, and nothing else.

        Raises:
            StartError: It refuses.
        """
        self._execute(SYSTEMCTL, "kill", "--kill-whom=main", "pisovereign.service")

    def _autoboot_text(self) -> str:
        try:
            # The line ends as they are, since the length counts.
            return self.autoboot.read_bytes().decode("ascii")
        except (OSError, UnicodeDecodeError) as error:
            raise StartError(f"{self.autoboot}: {error}") from None

    @contextmanager
    def _writable(self) -> Iterator[None]:
        """Have the partition with autoboot.txt writable for a moment."""
        folder = str(self.autoboot.parent)
        self._execute(MOUNT, "-o", "remount,rw", folder)
        try:
            yield
        finally:
            self._execute(MOUNT, "-o", "remount,ro", folder)

    def _execute(self, *command: str) -> None:
        """Run a program; below another root only note that it would be."""
        if not self.is_real:
            self.run.mkdir(parents=True, exist_ok=True)
            with (self.run / "commands").open("a") as file:
                file.write(f"{' '.join(command)}\n")
            return
        try:
            subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=_LIMIT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise StartError(f"{command[0]}: {error}") from None
