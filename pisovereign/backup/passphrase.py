"""Read a passphrase, never from the command line, which other accounts can read."""

from __future__ import annotations

import getpass
import os
import sys
import unicodedata
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO

from pisovereign.errors import StartError

VARIABLE = "PISOVEREIGN_BACKUP_PASSPHRASE"
CREDENTIAL = "backup_passphrase"
"""The name of the systemd credential."""

SHORTEST = 12
_LONGEST = 4096


def read_passphrase(
    *,
    file: Path | None,
    descriptor: int | None,
    new: bool,
    fallback: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> bytes:
    """Return the passphrase of a file, a descriptor, the environment, systemd, or a prompt.

    Args:
        file: A file whose first line is the passphrase.
        descriptor: An open file descriptor to read that line from.
        new: The passphrase is used for the first time: refuse short ones, and ask twice.
        fallback: A file to use if neither the caller nor the environment names one.
        environ: The environment.

    Raises:
        StartError: There is none, or it is unusable.
    """
    text = (
        _of_descriptor(descriptor)
        if descriptor is not None
        else _of_file(file)
        if file is not None
        else _default(fallback, new, environ)
    )
    text = normalized(text)
    if not text:
        raise StartError("the passphrase is empty")
    if new and len(text) < SHORTEST:
        raise StartError(
            f"a passphrase needs at least {SHORTEST} characters: whoever finds the file can try"
            " many; five random words are good"
        )
    return text.encode()


def normalized(passphrase: str) -> str:
    """Return a passphrase in its one form: the same word may be typed in two ways."""
    return unicodedata.normalize("NFC", passphrase)


def _default(fallback: Path | None, new: bool, environ: Mapping[str, str]) -> str:
    if VARIABLE in environ:
        return environ[VARIABLE]
    if fallback is not None:
        return _of_file(fallback)
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if folder and (credential := Path(folder) / CREDENTIAL).exists():
        return _of_file(credential)
    return _ask(new)


def _of_descriptor(descriptor: int) -> str:
    try:
        with os.fdopen(descriptor, "rb") as opened:
            return _line(opened, f"file descriptor {descriptor}")
    except OSError as error:
        raise StartError(f"file descriptor {descriptor}: {error.strerror}") from None


def _of_file(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            return _line(opened, str(file))
    except OSError as error:
        raise StartError(f"{file}: {error.strerror}") from None


def _line(file: BinaryIO, what: str) -> str:
    data = file.readline(_LONGEST + 1)
    if len(data) > _LONGEST:
        raise StartError(f"{what}: the passphrase is longer than {_LONGEST} bytes")
    try:
        return data.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        raise StartError(f"{what}: the passphrase is not text in UTF-8") from None


def _ask(new: bool) -> str:
    if not sys.stdin.isatty():
        raise StartError(
            "there is nobody to ask for the passphrase; use --passphrase-file, --passphrase-fd"
            f" or {VARIABLE}"
        )
    text = getpass.getpass("Passphrase: ")
    if new and getpass.getpass("Again: ") != text:
        raise StartError("the two differ; nothing was done")
    return text
