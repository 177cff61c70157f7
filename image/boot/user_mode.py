"""A PC as a program: user-mode Linux with the image's own system and card.

The kernel, the initramfs and the command line are those of the boot partition that the card's
`autoboot.txt` names. It has a network of its own: `within_network` moves the test into that.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from image import packages
from image.boot import cow, firmware, serial_shell
from image.boot.machine import CARD_BYTES, END_S, Saved, partitions
from image.boot.serial_shell import Probe
from tools.problem import Problem

HERE, THERE = "10.0.77.1", "10.0.77.2"
SHELL = "/dev/ttyS1"
MEMORY_MB = 2200
_MEMORY_NEEDED = MEMORY_MB * (1 << 20) * 3 // 2
MAPPINGS = MEMORY_MB * (1 << 20) // 4096 + (1 << 16)
"""How many pieces of memory a program may have here: each page of one inside is such a piece."""

_MAPPINGS_ALLOWED = Path("/proc/sys/vm/max_map_count")
_INSIDE = "PISOVEREIGN_IMAGE_TEST_NETWORK"
_NETWORK = (
    "ip link set lo up; ip tuntap add tap0 mode tap; ip addr add {}/24 dev tap0;"
    ' ip link set tap0 up; exec "$@"'
)


def within_network(arguments: Sequence[str]) -> None:
    """Begin the program anew in a network of its own, which nothing outside can reach."""
    if _INSIDE in os.environ:
        return
    again = ["bash", "-c", _NETWORK.format(HERE), "-", sys.executable, *arguments]
    os.execvpe("unshare", ["unshare", "--net", *again], os.environ | {_INSIDE: "1"})


def allow_mappings(limit: Path = _MAPPINGS_ALLOWED) -> None:
    """Raise what the kernel allows a program, or one with 256 MB is killed inside.

    Raises:
        Problem: it may not be raised from here, such as in a container.
    """
    if int(limit.read_text()) >= MAPPINGS:
        return
    try:
        limit.write_text(f"{MAPPINGS}\n")
    except OSError:
        raise Problem(f"Too low: sysctl vm.max_map_count={MAPPINGS}") from None


class Machine:
    """A machine with one core and a card of 8 GB.

    Args:
        image: what is on the card; it is never written to.
        folder: for the card's changes, memory and logs.
        stick: the image of a memory stick that is plugged in.

    Attributes:
        took: the boot partition of its last start.
    """

    address = f"http://{THERE}"

    def __init__(self, image: Path, folder: Path, *, stick: Path | None = None) -> None:
        self._folder = folder
        self._stick, self._stick_writable = stick, False
        self._begins = partitions(image)
        self._cow, self._behind = folder / "card.cow", folder / "card.raw"
        cow.merge(self._cow, image, self._behind)
        os.truncate(self._behind, CARD_BYTES)
        self._process: subprocess.Popen[bytes] | None = None
        self._probe: Probe | None = None
        self._asked = False
        self.starts = 0
        self.took = ""

    @property
    def console(self) -> Path:
        """What the machine printed since its last start."""
        return self._folder / f"console-{self.starts}.log"

    def log_tail(self, lines: int = 40) -> list[str]:
        """Return the end of what the machine printed."""
        return self.console.read_text(errors="replace").splitlines()[-lines:]

    def start(self) -> Probe:
        """Switch it on; returns the shell inside, which answers as soon as there is one.

        If it was not killed but asked for a start on trial, that is what it gets.

        Raises:
            RuntimeError: it is on already.
        """
        if self.running():
            raise RuntimeError("the machine is on already")
        head = self._folder / "head.img"
        cow.merge(self._cow, self._behind, head, self._begins["system_a"])
        asked, self._asked = self._asked, False
        self.took = firmware.take(head, self._begins, self._folder, tryboot=asked)
        kernel = self._folder / "vmlinuz"
        kernel.chmod(0o755)
        self.starts += 1
        # Its memory is a file there, beside which this machine needs some.
        memory = packages.fast_folder(_MEMORY_NEEDED, self._folder)
        mine, its = socket.socketpair()
        with its, self.console.open("wb") as log:
            self._process = subprocess.Popen(
                [str(kernel), *self._options(its.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=[its.fileno()],
                start_new_session=True,
                env=os.environ | {"TMPDIR": str(memory), "HOME": str(self._folder)},
            )
        self._probe = Probe(mine, self.running)
        return self._probe

    def shell(self) -> Probe:
        """Return the shell inside since the last start."""
        assert self._probe is not None, "it was never started"
        return self._probe

    def running(self) -> bool:
        """Whether it is still on."""
        return self._process is not None and self._process.poll() is None

    def ended(self, limit_s: float) -> None:
        """Wait until it has ended by itself, which is what its restarts are here.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        if self._process is not None:
            self._process.wait(limit_s)
            self._end()
            self._asked = firmware.TRIAL in self.console.read_text(errors="replace")

    def kill(self) -> None:
        """Pull the plug; the firmware forgets what it was asked for."""
        self._asked = False
        if self._process is not None:
            self._end()

    def save(self, name: str) -> Saved:
        """Keep the card as it is now, and what the firmware is asked for; it has to be off."""
        card = self._folder / f"{name}.raw"
        cow.merge(self._cow, self._behind, card)
        saved = Saved(card, self._asked)
        self.restore(saved)
        return saved

    def restore(self, saved: Saved) -> None:
        """Have a card that was kept in the machine, and the firmware asked for the same.

        A machine that is still on is switched off first: two would answer at one address.
        """
        self.kill()
        self._cow.unlink(missing_ok=True)
        self._behind, self._asked = saved

    def plug_in(self, stick: Path, *, writable: bool = False) -> None:
        """Have a memory stick in it from the next start on."""
        self._stick, self._stick_writable = stick, writable

    def _end(self) -> None:
        assert self._process is not None
        # Its programs are processes of this machine, and have its session.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait(END_S)
        self._process = None

    def _options(self, shell: int) -> list[str]:
        line = (self._folder / "cmdline.txt").read_text().replace("console=tty1 quiet", "")
        flags = "" if self._stick_writable else "r"
        return [
            *(f"mem={MEMORY_MB}M", f"ubd0={self._cow},{self._behind}"),
            *([f"ubd1{flags}={self._stick}"] if self._stick else []),
            *(f"initrd={self._folder / 'initrd.img'}", "noreboot"),
            *("con=null", "con0=null,fd:1", "ssl=null", f"ssl1=fd:{shell}"),
            *("vec0:transport=tap,ifname=tap0,depth=128", "console=tty0"),
            f"ip={THERE}::{HERE}:255.255.255.0::vec0:off",
            # Its watchdog is a program that is not there, for which systemd asks again and again.
            "systemd.watchdog_sec=off",
            *line.split(),
            *serial_shell.credentials(SHELL).split(),
        ]
