"""Write and read what the engine may know of the configuration, in a file open to all."""

from __future__ import annotations

from pathlib import Path

import msgspec

from pisovereign.config import Config
from pisovereign.errors import StartError
from pisovereign.supervisor.engine_command import EngineOptions, engine_options

_MODE = 0o644


def write_settings(config: Config, path: Path) -> None:
    """Write the file, or remove it when another server takes the engine's place.

    Raises:
        StartError: it cannot be written.
    """
    try:
        if config.inference.base_url:
            path.unlink(missing_ok=True)
            return
        new = path.with_suffix(".new")
        new.write_bytes(msgspec.json.encode(engine_options(config)))
        new.chmod(_MODE)
        new.replace(path)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None


def read_settings(path: Path) -> EngineOptions:
    """Read the file.

    Raises:
        StartError: it cannot be read.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=EngineOptions)
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}") from None
    except msgspec.MsgspecError as error:
        raise StartError(f"{path}: {error}") from None
