"""Updates to test with: keys, a signer that minisign understands, and tiny systems in bundles."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from nacl.signing import SigningKey

from image.bundle import About, Place, make

BOOT, SYSTEM, PIECE = 24 * 1024, 80 * 1024, 1024
PRODUCT = "pisovereign"


class Signer:
    """A key that signs as minisign does; `name` decides what it is."""

    def __init__(self, name: str = "release") -> None:
        seed = hashlib.sha256(name.encode()).digest()
        self._key, self.key_id = SigningKey(seed), seed[:8]

    @property
    def public(self) -> str:
        """The `.pub` file."""
        data = b"Ed" + self.key_id + bytes(self._key.verify_key)
        return f"untrusted comment: minisign public key\n{base64.b64encode(data).decode()}\n"

    def sign(self, message: bytes, *, kind: bytes = b"ED") -> str:
        """The signature file of a message."""
        own = self._key.sign(hashlib.blake2b(message, digest_size=64).digest()).signature
        comment = "a test"
        second = self._key.sign(own + comment.encode()).signature
        lines = (
            "untrusted comment: signature",
            base64.b64encode(kind + self.key_id + own).decode(),
            f"trusted comment: {comment}",
            base64.b64encode(second).decode(),
        )
        return "".join(f"{line}\n" for line in lines)

    def sign_file(self, path: Path) -> str:
        """The same for a file."""
        return self.sign(path.read_bytes())


RELEASE = Signer()


def system_of(version: str) -> tuple[bytes, bytes]:
    """What both partitions of a version hold; a part of each is zero."""
    noise = hashlib.shake_256(version.encode()).digest(SYSTEM)
    told = b"root=PARTLABEL=system_a ro quiet\n"
    boot = bytearray(BOOT)
    boot[:4096] = noise[:4096]
    boot[8192 : 8192 + len(told)] = told
    system = bytearray(SYSTEM)
    release = json.dumps({"product": PRODUCT, "version": version, "built": 1}).encode()
    system[: len(release)] = release
    system[4096:30_000] = noise[4096:30_000]
    system[70_000:] = noise[70_000:]
    return bytes(boot), bytes(system)


def in_slot(version: str, slot: str) -> tuple[bytes, bytes]:
    """The same as it has to be in a slot."""
    boot, system = system_of(version)
    return boot.replace(b"system_a", f"system_{slot}".encode()), system


def make_update(
    folder: Path,
    version: str,
    *,
    product: str = PRODUCT,
    boards: Sequence[str] = ("pi4", "pi5"),
    built: int = 1,
    urgency: Literal["security", "usual"] = "usual",
    notes: str = "It is better.",
    signer: Signer = RELEASE,
) -> Path:
    """Write the update to a version into a folder; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    boot, system = system_of(version)
    image = folder / f"{version}.img"
    image.write_bytes(boot + system)
    places = {"boot_a": Place(0, BOOT), "system_a": Place(BOOT, SYSTEM)}
    about = About(product, list(boards), version, built, urgency, notes)
    path, _ = make(image, places, about, folder, sign=signer.sign_file, piece=PIECE)
    image.unlink()
    return path
