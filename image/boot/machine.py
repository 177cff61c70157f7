"""One emulated machine with a card of its own.

It bypasses the Raspberry Pi's firmware: the kernel and the initramfs are taken from a boot
partition of the card and handed over. Which one, says the card's `autoboot.txt`, as it does to the
firmware. `firmware_files.py` looks at what only the firmware reads.
"""

from __future__ import annotations

import http.client
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from image import bundle
from image.boot import firmware
from image.boot.serial_shell import Probe, credentials

BROKEN_OFF = (
    *(OSError, RuntimeError, ValueError),
    *(http.client.HTTPException, subprocess.SubprocessError),
)
"""What goes wrong with a machine that does not do what it should."""

CARD_BYTES = 8 << 30
END_S = 10


def partitions(image: Path) -> dict[str, int]:
    """Where each partition begins, in bytes, by its label."""
    return {label: place.begin for label, place in bundle.find_partitions(image).items()}


def free_port() -> int:
    """Return a port of the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _customized(image: Path, folder: Path, answers: Mapping[str, str]) -> Path:
    """Return a copy of an image with files on its first partition."""
    copy, place = folder / "customized.img", folder / "answers"
    subprocess.run(["cp", "--sparse=always", str(image), str(copy)], check=True)
    place.mkdir()
    where = f"{copy}@@{partitions(image)['bootconfig']}"
    for name, text in answers.items():
        (place / name).write_text(text)
        subprocess.run(["mcopy", "-i", where, str(place / name), f"::{name}"], check=True)
    return copy


class Saved(NamedTuple):
    """A card that is kept, and whether the firmware is asked for one start on trial."""

    card: Path
    asks_for_trial: bool


class Machine:
    """A Raspberry Pi 5's kind of processor, two cores, and a card of 8 GB.

    Args:
        image: what is on the card; it is never written to.
        folder: for the card's changes, logs and sockets.
        network: whether a cable is plugged in.
        answers: files that are put onto the card's first partition, as Raspberry Pi Imager does.
        stick: the image of a memory stick that is plugged in.

    Attributes:
        port: of this machine's loopback, where that one's port 80 is.
        ssh_port: where its port 22 is.
        took: the boot partition of its last start.
    """

    def __init__(
        self,
        image: Path,
        folder: Path,
        *,
        network: bool = True,
        answers: Mapping[str, str] | None = None,
        stick: Path | None = None,
    ) -> None:
        self._folder = folder
        if answers:
            image = _customized(image, folder, answers)
        self._stick, self._stick_writable = stick, False
        self._card = folder / "card.qcow2"
        self._begins = partitions(image)
        self._network = network
        self._process: subprocess.Popen[bytes] | None = None
        self._asked = False
        self._probe: Probe | None = None
        self.port, self.ssh_port = free_port(), free_port()
        self.starts = 0
        self._new_card(image, "raw")

    @property
    def address(self) -> str:
        """Where this machine's browser finds that one's page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def console(self) -> Path:
        """What the machine printed since its last start."""
        return self._folder / f"console-{self.starts}.log"

    def log_tail(self, lines: int = 40) -> list[str]:
        """Return what the emulator complained about, and the end of what the machine printed."""
        complaints = (self._folder / "qemu.log").read_text(errors="replace").splitlines()
        if not self.console.exists():
            return complaints
        return complaints + self.console.read_text(errors="replace").splitlines()[-lines:]

    def start(self) -> Probe:
        """Switch it on; returns the shell inside, which answers as soon as there is one.

        If it was not killed but asked for a start on trial, that is what it gets.

        Raises:
            RuntimeError: it is on already.
        """
        if self.running():
            raise RuntimeError("the machine is on already")
        self._take(tryboot=self._asks_for_trial())
        self.starts += 1
        shell = self._folder / "shell.sock"
        shell.unlink(missing_ok=True)
        with (self._folder / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(self._argv(shell), stdout=log, stderr=log)
        self._probe = Probe(shell, self.running)
        return self._probe

    def shell(self) -> Probe:
        """Return the shell inside since the last start."""
        assert self._probe is not None, "it was never started"
        return self._probe

    def ended(self, limit_s: float) -> None:
        """Wait until it has ended by itself, which is what its restarts are here.

        Raises:
            subprocess.TimeoutExpired: it goes on.
        """
        if self._process is not None:
            self._process.wait(limit_s)
            self._process = None
            self._asked = firmware.TRIAL in self.console.read_text(errors="replace")

    def kill(self) -> None:
        """Pull the plug."""
        self._asked = False
        if self._process is not None:
            self._process.kill()
            self._process.wait(END_S)
            self._process = None

    def running(self) -> bool:
        """Whether it is still on."""
        return self._process is not None and self._process.poll() is None

    def save(self, name: str) -> Saved:
        """Keep the card as it is now, and what the firmware was asked for; it has to be off."""
        card = self._card.rename(self._folder / f"{name}.qcow2")
        saved = Saved(card, asks_for_trial=self._asks_for_trial())
        self.restore(saved)
        return saved

    def restore(self, saved: Saved) -> None:
        """Have a card that was kept in the machine, and the firmware asked for the same.

        A machine that is still on is switched off first: two would answer at one address.
        """
        self.kill()
        self._card.unlink(missing_ok=True)
        self._new_card(saved.card, "qcow2")
        self._asked = saved.asks_for_trial

    def plug_in(self, stick: Path, *, writable: bool = False) -> None:
        """Have a memory stick in it from the next start on."""
        self._stick, self._stick_writable = stick, writable

    def _new_card(self, behind: Path, kind: str) -> None:
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", kind, "-b", str(behind)]
        subprocess.run([*create, str(self._card), str(CARD_BYTES)], check=True)

    def _asks_for_trial(self) -> bool:
        """Whether the kernel's last words said so; a power cut clears the firmware's register."""
        asked, self._asked = self._asked, False
        return asked

    def _take(self, *, tryboot: bool) -> None:
        """Take from the boot partition that `autoboot.txt` names what is handed over."""
        head, mega = self._folder / "head.img", 1 << 20
        count = self._begins["system_a"] // mega
        copy = ["qemu-img", "dd", "-f", "qcow2", "-O", "raw", f"bs={mega}", f"count={count}"]
        subprocess.run([*copy, f"if={self._card}", f"of={head}"], check=True)
        self.took = firmware.take(head, self._begins, self._folder, tryboot=tryboot)

    def _argv(self, shell: Path) -> list[str]:
        line = (self._folder / "cmdline.txt").read_text().strip()
        line = f"{line.replace('console=tty1 quiet', 'console=ttyAMA0')} {credentials()}"
        ports = ((self.port, 80), (self.ssh_port, 22))
        forward = (f"hostfwd=tcp:127.0.0.1:{here}-:{there}" for here, there in ports)
        cable = ("-netdev", ",".join(["user", "id=n0", *forward]))
        device = ("-device", "virtio-net-pci,netdev=n0,romfile=")
        read_only = "off" if self._stick_writable else "on"
        stick = (
            *("-drive", f"if=none,id=d1,format=raw,readonly={read_only},file={self._stick}"),
            *("-device", "qemu-xhci", "-device", "usb-storage,drive=d1"),
        )
        shell_port = ("-device", "virtserialport,chardev=shell,name=boot-test")
        return [
            *("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a76", "-smp", "2", "-m", "3G"),
            *("-accel", "tcg,thread=multi", "-display", "none", "-no-reboot", "-monitor", "none"),
            *("-serial", f"file:{self.console}"),
            *("-drive", f"if=none,id=d0,format=qcow2,file={self._card}"),
            *("-device", "virtio-blk-pci,drive=d0", "-device", "virtio-rng-pci"),
            *(stick if self._stick else ()),
            *((*cable, *device) if self._network else ("-nic", "none")),
            *("-device", "virtio-serial-pci", *shell_port),
            *("-chardev", f"socket,id=shell,path={shell},server=on,wait=off"),
            *("-kernel", str(self._folder / "vmlinuz")),
            *("-initrd", str(self._folder / "initrd.img"), "-append", line),
        ]
