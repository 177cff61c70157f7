"""Construction of a file store from a section of the configuration."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from pisovereign.config.loading import data_dir
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.file_stores.folder import FolderStore, checked_folder
from pisovereign.connectors.file_stores.settings import (
    BackupFolderConfig,
    BackupS3Config,
    BackupStickConfig,
    BackupWebdavConfig,
)
from pisovereign.connectors.file_stores.stick import locate_stick
from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.outbound.outbound import Outbound


def build_folder(config: BackupFolderConfig, outbound: Outbound) -> FileStore | None:
    """Return the folder; None: none is named."""
    if not config.path:
        return None
    path = Path(config.path)
    return FolderStore(partial(checked_folder, path, data_dir(), other_disk=config.other_disk))


def build_stick(config: BackupStickConfig, outbound: Outbound) -> FileStore | None:
    """Return the stick; None: none is named."""
    if not config.name:
        return None
    return FolderStore(partial(locate_stick, config.name, config.folder))


def build_webdav(config: BackupWebdavConfig, outbound: Outbound) -> FileStore | None:
    """Return the folder on a WebDAV server; None: none is named."""
    if not config.url:
        return None
    # Here and below: its XML library takes a while to be imported.
    from pisovereign.connectors.file_stores.webdav import WebdavStore  # noqa: PLC0415

    password = load_secret("backup_webdav.password", config.password, config.password_file)
    return WebdavStore(outbound.client, config.url, config.username, password, config.timeout_s)


def build_s3(config: BackupS3Config, outbound: Outbound) -> FileStore | None:
    """Return the bucket; None: none is named."""
    if not config.endpoint or not config.bucket:
        return None
    from pisovereign.connectors.file_stores.s3 import S3Store  # noqa: PLC0415
    from pisovereign.connectors.file_stores.s3_signature import Credentials  # noqa: PLC0415

    secret = load_secret("backup_s3.secret_key", config.secret_key, config.secret_key_file)
    return S3Store(
        outbound.client,
        config.endpoint,
        config.bucket,
        config.prefix,
        Credentials(config.access_key, secret, config.region),
        timeout_s=config.timeout_s,
    )


BUILDERS: dict[str, Callable[[Any, Outbound], FileStore | None]] = {
    "backup_folder": build_folder,
    "backup_stick": build_stick,
    "backup_webdav": build_webdav,
    "backup_s3": build_s3,
}
"""What makes a place of its section, by the section's name."""
