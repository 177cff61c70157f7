"""One emulated machine with a card of its own.

It bypasses the Raspberry Pi's firmware: the kernel and the initramfs are taken from the image's
boot partition and handed over. `firmware_files.py` looks at what only the firmware reads. Of a card
that can be updated it is the boot partition that `autoboot.txt` names, as the firmware would.
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from image import bundle
from image.boot.serial_shell import Probe, credentials

CARD_BYTES = 8 << 30
END_S = 10
TRIAL = "reboot: Restarting system with command '0 tryboot'"
"""What the kernel says last when it is asked for one start with the other system."""


def chosen(card: Path, *, tryboot: bool) -> str:
    """Return the boot partition that the firmware would take, as `autoboot.txt` says."""
    where = f"{card}@@{partitions(card)['bootconfig']}"
    command = ["mtype", "-i", where, "::autoboot.txt"]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    section, found = "all", {"all": 0, "tryboot": 0}
    for line in text.splitlines():
        if header := re.fullmatch(r"\[(\w+)\]", line):
            section = header[1]
        elif number := re.fullmatch(r"boot_partition=(\d+)", line):
            found[section] = int(number[1])
    number_of = {2: "boot_a", 3: "boot_b"}
    return number_of[found["tryboot" if tryboot else "all"]]


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


class Machine:
    """A Raspberry Pi 5's kind of processor, two cores, and a card of 8 GB.

    Args:
        image: what is on the card; it is never written to.
        folder: for the card's changes, logs and sockets.
        network: whether a cable is plugged in.
        answers: files that are put onto the card's first partition, as Raspberry Pi Imager does.
        updatable: whether the card is a copy of the whole image, which either system starts from.
        disk: a further disk, whose bytes are those of a file.

    Attributes:
        port: of this machine's loopback, where that one's port 80 is.
        ssh_port: where its port 22 is.
    """

    def __init__(
        self,
        image: Path,
        folder: Path,
        *,
        network: bool = True,
        answers: Mapping[str, str] | None = None,
        updatable: bool = False,
        disk: Path | None = None,
    ) -> None:
        self._folder = folder
        if answers:
            image = _customized(image, folder, answers)
        self._updatable, self._disk = updatable, disk
        self._card = folder / ("card.img" if updatable else "card.qcow2")
        self._network = network
        self._process: subprocess.Popen[bytes] | None = None
        self._cut = False
        self._probe: Probe | None = None
        self.port, self.ssh_port = free_port(), free_port()
        self.starts = 0
        if updatable:
            subprocess.run(["cp", "--sparse=always", str(image), str(self._card)], check=True)
            os.truncate(self._card, CARD_BYTES)
            return
        self._take(image, "boot_a")
        create = ["qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", str(image)]
        subprocess.run([*create, str(self._card), str(CARD_BYTES)], check=True)

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
        """
        if self._updatable:
            self._take(self._card, chosen(self._card, tryboot=self._asks_for_trial()))
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

    def kill(self) -> None:
        """Pull the plug."""
        self._cut = True
        if self._process is not None:
            self._process.kill()
            self._process.wait(END_S)
            self._process = None

    def running(self) -> bool:
        """Whether it is still on."""
        return self._process is not None and self._process.poll() is None

    def _asks_for_trial(self) -> bool:
        """Whether the kernel's last words say so; a power cut clears the firmware's register."""
        if self._cut or not self.console.exists():
            self._cut = False
            return False
        return TRIAL in self.console.read_text(errors="replace")

    def _take(self, card: Path, label: str) -> None:
        """Take from a boot partition what is handed over."""
        start = partitions(card)[label]
        for name in ("vmlinuz", "initrd.img", "cmdline.txt"):
            place = self._folder / name
            place.unlink(missing_ok=True)
            copy = ["mcopy", "-n", "-i", f"{card}@@{start}", f"::{name}", str(place)]
            subprocess.run(copy, check=True)

    def _argv(self, shell: Path) -> list[str]:
        line = (self._folder / "cmdline.txt").read_text().strip()
        line = f"{line.replace('console=tty1 quiet', 'console=ttyAMA0')} {credentials()}"
        ports = ((self.port, 80), (self.ssh_port, 22))
        forward = (f"hostfwd=tcp:127.0.0.1:{here}-:{there}" for here, there in ports)
        cable = ("-netdev", ",".join(["user", "id=n0", *forward]))
        device = ("-device", "virtio-net-pci,netdev=n0,romfile=")
        kind = "raw" if self._updatable else "qcow2"
        further = (
            *("-drive", f"if=none,id=d1,format=raw,readonly=on,file={self._disk}"),
            *("-device", "virtio-blk-pci,drive=d1"),
        )
        shell_port = ("-device", "virtserialport,chardev=shell,name=boot-test")
        return [
            *("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a76", "-smp", "2", "-m", "3G"),
            *("-accel", "tcg,thread=multi", "-display", "none", "-no-reboot", "-monitor", "none"),
            *("-serial", f"file:{self.console}"),
            *("-drive", f"if=none,id=d0,format={kind},file={self._card}"),
            *("-device", "virtio-blk-pci,drive=d0", "-device", "virtio-rng-pci"),
            *(further if self._disk else ()),
            *((*cable, *device) if self._network else ("-nic", "none")),
            *("-device", "virtio-serial-pci", *shell_port),
            *("-chardev", f"socket,id=shell,path={shell},server=on,wait=off"),
            *("-kernel", str(self._folder / "vmlinuz")),
            *("-initrd", str(self._folder / "initrd.img"), "-append", line),
        ]
