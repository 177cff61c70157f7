"""Verify what minisign has signed, with the keys that a system brings along.

Only the form that hashes first is accepted, which is the usual one. The comment that is called
trusted is signed too, and must fit; nothing is read out of it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from pathlib import Path
from typing import NamedTuple, Self

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from pisovereign.errors import StartError

_ID_BYTES = 8
_KEY_BYTES = 2 + _ID_BYTES + 32
_SIGNATURE_BYTES = 2 + _ID_BYTES + 64
_TRUSTED = "trusted comment: "
_LONGEST_KEY_FILE = 4096


class NotSigned(StartError):
    """A signature that is missing, wrong, or of nobody who counts here."""


class PublicKey(NamedTuple):
    """A key that signs updates: 8 bytes that name it, and the key itself."""

    key_id: bytes
    key: VerifyKey

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a `.pub` file.

        Raises:
            NotSigned: It is no key of minisign.
        """
        lines = text.splitlines()
        data = _decoded(lines[1] if len(lines) > 1 else "", _KEY_BYTES)
        if data[:2] != b"Ed":
            raise NotSigned("this is no public key of minisign")
        return cls(data[2 : 2 + _ID_BYTES], VerifyKey(data[2 + _ID_BYTES :]))


def load_keys(folder: Path) -> list[PublicKey]:
    """Return the keys in a folder; one that cannot be read is an error, not one key less.

    Raises:
        NotSigned: There is none, or a file is no key.
    """
    try:
        texts = [path.read_text("ascii")[:_LONGEST_KEY_FILE] for path in folder.glob("*.pub")]
    except (OSError, UnicodeDecodeError) as error:
        raise NotSigned(f"{folder}: a key cannot be read: {error}") from None
    if not texts:
        raise NotSigned("this system has no key that updates could be signed with")
    return [PublicKey.parse(text) for text in texts]


def verify(message: bytes, signature: str, keys: list[PublicKey]) -> None:
    """Require that one of the keys has signed a message.

    Raises:
        NotSigned: None has.
    """
    lines = signature.splitlines()
    if len(lines) < 4 or not lines[2].startswith(_TRUSTED):
        raise NotSigned("the signature is not one of minisign")
    first, second = _decoded(lines[1], _SIGNATURE_BYTES), _decoded(lines[3], 64)
    if first[:2] != b"ED":
        raise NotSigned("the signature is not of the form that hashes first")
    known = [key for key in keys if key.key_id == first[2 : 2 + _ID_BYTES]]
    if not known:
        raise NotSigned("it is signed with a key that this system does not know")
    own = first[2 + _ID_BYTES :]
    digest = hashlib.blake2b(message, digest_size=64).digest()
    comment = lines[2].removeprefix(_TRUSTED).encode()
    for key in known:
        try:
            key.key.verify(digest, own)
            key.key.verify(own + comment, second)
        except BadSignatureError:
            continue
        return
    raise NotSigned("the signature does not fit: this is not what was signed")


def _decoded(line: str, size: int) -> bytes:
    try:
        data = base64.b64decode(line.strip(), validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != size:
        raise NotSigned("a key or signature is damaged")
    return data
