"""Seal stored text with XChaCha20-Poly1305, and keep the file with the key.

A sealed value is `nonce (24 bytes) || ciphertext || tag (16 bytes)`. The associated data binds it
to its place: pass the row's id (and the column, when a row has several sealed values), so that a
value that is copied to another row does not open there.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import NamedTuple

from nacl.encoding import RawEncoder
from nacl.exceptions import CryptoError
from nacl.hash import blake2b
from nacl.secret import Aead

from pisovereign.errors import SealError, StartError, TamperedData, UnknownKey
from pisovereign.files import create_private

KEY_SIZE = Aead.KEY_SIZE
_NONCE_SIZE = Aead.NONCE_SIZE
# Mode, owner and group of a systemd credential, which an access list opens to one user.
_CREDENTIAL = (0o440, 0, 0)
_OVERHEAD = _NONCE_SIZE + Aead.MACBYTES


class Sealed(NamedTuple):
    """One sealed text: the id of the key; and nonce, ciphertext and tag together."""

    key_id: str
    data: bytes


class Sealer:
    """Seals and opens text with one 32-byte key; safe to share between tasks and threads."""

    def __init__(self, key: bytes) -> None:
        self._aead = Aead(key)
        self.key_id = key_id(key)

    def seal(self, text: str, *, aad: bytes) -> Sealed:
        """Seal `text` under a fresh random nonce.

        Raises:
            SealError: the text holds lone surrogates, which are no characters.
        """
        try:
            plain = text.encode()
        except UnicodeEncodeError:
            # The original error quotes the text, so it must not be chained.
            raise SealError("the text holds lone surrogates and cannot be stored") from None
        return self.seal_bytes(plain, aad=aad)

    def seal_bytes(self, plain: bytes, *, aad: bytes) -> Sealed:
        """Seal bytes that are no text under a fresh random nonce."""
        return Sealed(self.key_id, bytes(self._aead.encrypt(plain, aad)))

    def open(self, sealed: bytes, key_id: str, aad: bytes) -> str:
        """Open what `seal` made; `sealed` may be any bytes at all.

        Raises:
            UnknownKey: `key_id` is not this sealer's.
            TamperedData: the bytes or the associated data differ from what was sealed.
        """
        return self.open_bytes(sealed, key_id, aad).decode()

    def open_bytes(self, sealed: bytes, key_id: str, aad: bytes) -> bytes:
        """Open what `seal_bytes` made.

        Raises:
            UnknownKey, TamperedData: as `open`.
        """
        if key_id != self.key_id:
            raise UnknownKey(f"stored text was sealed with key {key_id}, which is not loaded")
        if len(sealed) < _OVERHEAD:
            raise TamperedData("stored text failed its integrity check")
        try:
            return bytes(self._aead.decrypt(sealed[_NONCE_SIZE:], aad, sealed[:_NONCE_SIZE]))
        except CryptoError as error:
            raise TamperedData("stored text failed its integrity check") from error


def key_id(key: bytes) -> str:
    """Return the id of a key, 16 hexadecimal digits that reveal nothing about it."""
    return blake2b(key, digest_size=8, person=b"pisovereign-key", encoder=RawEncoder).hex()


def load_or_create_key(path: Path) -> bytes:
    """Read the 32-byte key at `path`; create it first, with mode 0600, if it is missing.

    Raises:
        StartError: the file cannot be used, or other users of the machine could read it.
    """
    try:
        return load_key(path)
    except FileNotFoundError:
        create_private(path, secrets.token_bytes(KEY_SIZE))
        return load_key(path)
    except OSError as error:
        raise StartError(f"the key file {path} cannot be read: {error.strerror}") from error


def load_key(path: Path) -> bytes:
    """Read the 32-byte key at `path`.

    That root's group may read it, tells it to nobody new; systemd's credentials look like that.

    Raises:
        FileNotFoundError: there is none.
        StartError: it has the wrong size, or permissions for other users.
    """
    with path.open("rb") as file:
        status = os.fstat(file.fileno())
        key = file.read(KEY_SIZE + 1)
    found = (status.st_mode & 0o777, status.st_uid, status.st_gid)
    if status.st_mode & 0o077 and found != _CREDENTIAL:
        raise StartError(f"other users may read the key file {path}; run: chmod 600 {path}")
    if len(key) != KEY_SIZE:
        raise StartError(
            f"the key file {path} is damaged (it must hold {KEY_SIZE} bytes); restore it from a"
            " backup"
        )
    return key
