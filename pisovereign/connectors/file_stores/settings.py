"""Settings of the places to which backups are sent, a section for each kind of place."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting

_NAME = "^[^/\\x00-\\x1f]{0,64}$"
_BUCKET = "^([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])?$"
_PREFIX = "^([A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*)?$"


def _absolute(value: str) -> str | None:
    if not value:
        return None
    path = PurePosixPath(value)
    if not path.is_absolute() or ".." in path.parts or not value.isprintable():
        return "must be a full path such as /mnt/backups"
    return None


def _no_dots(value: str) -> str | None:
    return "must not hold . or .. as a name" if {".", ".."} & set(value.split("/")) else None


class BackupFolderConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A folder to which backups are sent."""

    path: Annotated[
        str, setting("A folder that is there already; empty: none.", _absolute, max_length=1000)
    ] = ""
    other_disk: Annotated[
        bool,
        setting(
            "Only if it is on another disk than the data: one that is not mounted is an error then."
        ),
    ] = True


class BackupStickConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A memory stick to which backups are sent, while it is plugged in and mounted."""

    name: Annotated[
        str,
        setting(
            "The label or the UUID of its file system; empty: none.", pattern=_NAME, max_length=64
        ),
    ] = ""
    folder: Annotated[
        str,
        setting(
            "The folder on it; it is made when it is needed.",
            _no_dots,
            pattern=_PREFIX,
            max_length=200,
        ),
    ] = "pisovereign"


class BackupWebdavConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A folder on a WebDAV server to which backups are sent."""

    url: Annotated[str, setting("The address of the folder; empty: none.", rules.server_if_any)] = (
        ""
    )
    username: Annotated[
        str, setting("User name.", rules.one_line, pattern="^[^:]*$", max_length=256)
    ] = ""
    password: Annotated[str, setting("Password.", rules.one_line, max_length=1000, secret=True)] = (
        ""
    )
    password_file: Annotated[str, setting("A file that contains it.")] = ""
    timeout_s: Annotated[
        float,
        setting("Longest wait for an answer, in seconds; files take longer.", ge=1, le=120),
    ] = 20.0


class BackupS3Config(msgspec.Struct, frozen=True, kw_only=True):
    """A bucket of a storage that speaks Amazon's S3, to which backups are sent."""

    endpoint: Annotated[
        str,
        setting(
            "The address of the service, such as https://s3.eu-central-1.amazonaws.com; empty: "
            "none.",
            rules.server_if_any,
        ),
    ] = ""
    region: Annotated[str, setting("The region.", pattern="^[a-z0-9-]{1,64}$", max_length=64)] = (
        "us-east-1"
    )
    bucket: Annotated[
        str, setting("The bucket, which is there already.", pattern=_BUCKET, max_length=63)
    ] = ""
    prefix: Annotated[
        str,
        setting("The folder in it; empty: none.", _no_dots, pattern=_PREFIX, max_length=200),
    ] = "pisovereign"
    access_key: Annotated[
        str,
        setting("The id of the access key.", pattern="^[A-Za-z0-9._-]{0,128}$", max_length=128),
    ] = ""
    secret_key: Annotated[
        str, setting("The secret of the access key.", rules.one_line, max_length=256, secret=True)
    ] = ""
    secret_key_file: Annotated[str, setting("A file that contains it.")] = ""
    timeout_s: Annotated[
        float,
        setting("Longest wait for an answer, in seconds; files take longer.", ge=1, le=120),
    ] = 20.0
