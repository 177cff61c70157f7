"""Places for backups: a folder, a memory stick, WebDAV, S3."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.file_stores.settings import (
    BackupFolderConfig,
    BackupS3Config,
    BackupStickConfig,
    BackupWebdavConfig,
)
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of

_MODULE = "pisovereign.connectors.file_stores.connected"
_FOLDER = ConnectionKind(
    name="backup_folder",
    section="backup_folder",
    personal=False,
    fields=(
        FieldSpec("path", required=True, placeholder="/mnt/backups"),
        FieldSpec("other_disk", "switch"),
    ),
    is_set=lambda section: bool(section.path),
)
_STICK = ConnectionKind(
    name="backup_stick",
    section="backup_stick",
    personal=False,
    fields=(
        FieldSpec("name", required=True, placeholder="BACKUP"),
        FieldSpec("folder", advanced=True),
    ),
    is_set=lambda section: bool(section.name),
)
_WEBDAV = ConnectionKind(
    name="backup_webdav",
    section="backup_webdav",
    personal=False,
    fields=(
        FieldSpec(
            "url",
            required=True,
            names_server=True,
            placeholder="https://cloud.example/remote.php/dav/files/ada/backups/",
        ),
        FieldSpec("username", names_server=True),
        FieldSpec("password", "secret"),
    ),
    is_set=lambda section: bool(section.url),
    hosts=lambda section: hosts_of(section.url),
)
_S3 = ConnectionKind(
    name="backup_s3",
    section="backup_s3",
    personal=False,
    fields=(
        FieldSpec(
            "endpoint",
            required=True,
            names_server=True,
            placeholder="https://s3.eu-central-1.amazonaws.com",
        ),
        FieldSpec("region", required=True, placeholder="eu-central-1"),
        FieldSpec("bucket", required=True, names_server=True),
        FieldSpec("prefix", advanced=True),
        FieldSpec("access_key", required=True, names_server=True),
        FieldSpec("secret_key", "secret", required=True),
    ),
    is_set=lambda section: bool(section.endpoint and section.bucket),
    hosts=lambda section: hosts_of(section.endpoint),
)
# A stick in a drawer is no failure, and a path is nobody's matter: not `public`.
CONNECTORS = (
    Connector(_FOLDER, BackupFolderConfig, _MODULE, public=False),
    Connector(_STICK, BackupStickConfig, _MODULE, public=False),
    Connector(_WEBDAV, BackupWebdavConfig, _MODULE, public=False),
    Connector(_S3, BackupS3Config, _MODULE, public=False),
)
