"""One emulated machine with a card of its own.

It bypasses the Raspberry Pi's firmware: the kernel and the initramfs are taken from the image's
boot partition and handed over. `firmware_files.py` looks at what only the firmware reads.
"""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path

from image.boot.serial_shell import Probe, credentials

CARD_BYTES = 8 << 30
END_S = 10


def partitions(image: Path) -> dict[str, int]:
    """Where each partition begins, in bytes, by its label."""
    done = subprocess.run(["sfdisk", "--json", str(image)], check=True, capture_output=True)
    table = json.loads(done.stdout)["partitiontable"]
    return {part["name"]: part["start"] * table["sectorsize"] for part in table["partitions"]}


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
    ) -> None:
        self._folder = folder
        if answers:
            image = _customized(image, folder, answers)
        self._card = folder / "card.qcow2"
        self._network = network
        self._process: subprocess.Popen[bytes] | None = None
        self.port, self.ssh_port = free_port(), free_port()
        self.starts = 0
        start = partitions(image)["boot_a"]
        for name in ("vmlinuz", "initrd.img", "cmdline.txt"):
            copy = ["mcopy", "-n", "-i", f"{image}@@{start}", f"::{name}", str(folder / name)]
            subprocess.run(copy, check=True)
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
        """Switch it on; returns the shell inside, which answers as soon as there is one."""
        self.starts += 1
        shell = self._folder / "shell.sock"
        shell.unlink(missing_ok=True)
        with (self._folder / "qemu.log").open("ab") as log:
            self._process = subprocess.Popen(self._argv(shell), stdout=log, stderr=log)
        return Probe(shell, self.running)

    def kill(self) -> None:
        """Pull the plug."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(END_S)
            self._process = None

    def running(self) -> bool:
        """Whether it is still on."""
        return self._process is not None and self._process.poll() is None

    def _argv(self, shell: Path) -> list[str]:
        line = (self._folder / "cmdline.txt").read_text().strip()
        line = f"{line.replace('console=tty1 quiet', 'console=ttyAMA0')} {credentials()}"
        ports = ((self.port, 80), (self.ssh_port, 22))
        forward = (f"hostfwd=tcp:127.0.0.1:{here}-:{there}" for here, there in ports)
        cable = ("-netdev", ",".join(["user", "id=n0", *forward]))
        device = ("-device", "virtio-net-pci,netdev=n0,romfile=")
        shell_port = ("-device", "virtserialport,chardev=shell,name=boot-test")
        return [
            *("qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a76", "-smp", "2", "-m", "3G"),
            *("-accel", "tcg,thread=multi", "-display", "none", "-no-reboot", "-monitor", "none"),
            *("-serial", f"file:{self.console}"),
            *("-drive", f"if=none,id=d0,format=qcow2,file={self._card}"),
            *("-device", "virtio-blk-pci,drive=d0", "-device", "virtio-rng-pci"),
            *((*cable, *device) if self._network else ("-nic", "none")),
            *("-device", "virtio-serial-pci", *shell_port),
            *("-chardev", f"socket,id=shell,path={shell},server=on,wait=off"),
            *("-kernel", str(self._folder / "vmlinuz")),
            *("-initrd", str(self._folder / "initrd.img"), "-append", line),
        ]
