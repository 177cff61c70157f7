"""The kinds of connections for backups: the places that they are sent to, and their schedule."""

from __future__ import annotations

from pisovereign.connections.kind import ConnectionKind, FieldSpec, host_of

BACKUP_FOLDER = ConnectionKind(
    name="backup_folder",
    section="backup_folder",
    personal=False,
    fields=(
        FieldSpec("path", required=True, placeholder="/mnt/backups"),
        FieldSpec("other_disk", "switch"),
    ),
    is_set=lambda section: bool(section.path),
)
BACKUP_STICK = ConnectionKind(
    name="backup_stick",
    section="backup_stick",
    personal=False,
    fields=(
        FieldSpec("name", required=True, placeholder="BACKUP"),
        FieldSpec("folder", advanced=True),
    ),
    is_set=lambda section: bool(section.name),
)
BACKUP_WEBDAV = ConnectionKind(
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
    hosts=lambda section: host_of(section.url),
)
BACKUP_S3 = ConnectionKind(
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
    hosts=lambda section: host_of(section.endpoint),
)
BACKUP_PLACES = (BACKUP_FOLDER, BACKUP_STICK, BACKUP_WEBDAV, BACKUP_S3)
BACKUP = ConnectionKind(
    name="backup",
    section="backup",
    personal=False,
    fields=(
        FieldSpec("schedule", "choice", required=True),
        FieldSpec("passphrase", "secret"),
        FieldSpec("hour", "number"),
        FieldSpec("weekday", "choice"),
        FieldSpec("keep_daily", "number", advanced=True),
        FieldSpec("keep_weekly", "number", advanced=True),
        FieldSpec("keep_monthly", "number", advanced=True),
    ),
    is_set=lambda section: section.schedule != "never",
)
