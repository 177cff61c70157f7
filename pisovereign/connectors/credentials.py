"""Passwords and tokens: from the configuration, a file that it names, or systemd.

systemd's `LoadCredential=` and `SetCredentialEncrypted=` put files into a folder that only the
service can read, and name it in `CREDENTIALS_DIRECTORY`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from pisovereign.config import Config
from pisovereign.config.loading import settings
from pisovereign.errors import StartError

_LONGEST = 16 * 1024


def load_secret(
    setting: str, value: str, file: str, environ: Mapping[str, str] = os.environ
) -> str:
    """Return the secret of a setting such as `caldav.password`; empty when there is none.

    It is `value`; else what `file` holds, without the line's end; else the credential
    `caldav_password` that systemd provides. A file is read once, when the program starts.

    Raises:
        StartError: two of the settings are given, or the file cannot be used.
    """
    if value and file:
        raise StartError(f"{setting} and {setting}_file are both set; remove one of them")
    if value:
        return value
    if file:
        return _read(Path(file), f"{setting}_file")
    folder = environ.get("CREDENTIALS_DIRECTORY")
    credential = Path(folder) / setting.replace(".", "_") if folder else None
    if credential is not None and credential.exists():
        return _read(credential, f"the credential {credential.name}")
    return ""


def with_secrets(config: Config, environ: Mapping[str, str] = os.environ) -> Config:
    """Return the configuration with its secrets: each setting with a `..._file` beside it.

    Raises:
        StartError: one of them cannot be read.
    """
    names = {(section, name) for section, name, _, _ in settings(type(config))}
    found: dict[str, dict[str, str]] = {}
    for section, name in sorted(names):
        if (section, f"{name}_file") in names:
            part = getattr(config, section)
            value, file = getattr(part, name), getattr(part, f"{name}_file")
            secret = load_secret(f"{section}.{name}", value, file, environ)
            found.setdefault(section, {}).update({name: secret, f"{name}_file": ""})
    parts = {s: msgspec.structs.replace(getattr(config, s), **v) for s, v in found.items()}
    return msgspec.structs.replace(config, **parts)


def _read(path: Path, what: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
        text = data.decode("utf-8").rstrip("\r\n")
    except OSError as error:
        raise StartError(f"{what}: {path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise StartError(f"{what}: {path} is not text in UTF-8") from None
    if not text or len(data) > _LONGEST or not text.isprintable():
        raise StartError(f"{what}: {path} must hold one line, the secret itself")
    return text
