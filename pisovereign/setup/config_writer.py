"""Write the answers given during set-up into the configuration file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import tomlkit
from tomlkit.exceptions import TOMLKitError

from pisovereign.api_keys import ALL_SCOPES, OWNER_ID, hash_key
from pisovereign.config import ChatConfig
from pisovereign.connectors.registry import speaking_sections
from pisovereign.errors import StartError
from pisovereign.files import create_private, private_folder, replace_private
from pisovereign.setup.types import Answers


def write_config(path: Path, answers: Answers, key: str) -> None:
    """Write the answers into the configuration file; other settings stay as they are.

    Raises:
        StartError: The file cannot be read or written.
    """
    try:
        document: Any = tomlkit.parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        document = tomlkit.document()
    except (OSError, UnicodeDecodeError, TOMLKitError) as error:
        raise StartError(f"{path}: {error}") from None
    prompt = f"{ChatConfig().system_prompt} Your owner's name is {answers.name.strip()}."
    _section(document, "server")["time_zone"] = answers.time_zone
    _section(document, "inference")["model"] = answers.model
    _section(document, "chat")["system_prompt"] = prompt
    for section in speaking_sections():
        _section(document, section)["language"] = answers.language
    entry = tomlkit.table()
    entry["hash"] = hash_key(key)
    entry["user_id"] = str(OWNER_ID)
    entry["scopes"] = sorted(ALL_SCOPES)
    entry["name"] = answers.name.strip()
    keys = tomlkit.aot()
    keys.append(entry)
    # Whoever holds the device decides: keys of an earlier set-up become invalid.
    security = _section(document, "security")
    security.pop("api_keys", None)
    security.pop("api_key_users", None)
    security["api_keys"] = keys
    private_folder(path.parent)
    replace_private(path, tomlkit.dumps(document).encode())


def mark_done(path: Path) -> None:
    """Mark set-up as done, so that it does not start again.

    Raises:
        StartError: The file cannot be written.
    """
    note = {"done_at": dt.datetime.now(dt.UTC).replace(microsecond=0)}
    create_private(path, msgspec.json.encode(note) + b"\n")


def _section(document: Any, name: str) -> Any:
    return document.setdefault(name, tomlkit.table())
