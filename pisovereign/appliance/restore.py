"""Restore a backup on an appliance, as root, since its parts belong to three accounts.

The file is verified completely before anything is stopped. The database is loaded in one
transaction; keys and settings follow. An interruption between the two leaves a key that does not
fit the database, which the API refuses: the same command again completes the restore.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, NamedTuple

from psycopg.conninfo import make_conninfo

from pisovereign.backup.format import CONFIG, MASTER_KEY, OWNER_KEY, TLS_AUTHORITY
from pisovereign.backup.load import load
from pisovereign.backup.restore import Verified, verify
from pisovereign.connectors.configuration import load_config
from pisovereign.errors import StartError
from pisovereign.files import create_private, private_folder, replace_private, sync
from pisovereign.models.embeddings import fetched_embeddings
from pisovereign.models.store import ModelStore
from pisovereign.runtime import setup_done_file
from pisovereign.storage.embedded.cluster import DATABASE, OWNER

HOME = Path("/var/lib/pisovereign")
SOCKET = Path("/run/pisovereign-postgres")
SYSTEMCTL = "/usr/bin/systemctl"
_LIMIT_S = 900.0  # the database replays its log, which takes long on a slow card
USERS = (
    "pisovereign.socket",
    "pisovereign-setup.service",
    "pisovereign.service",
    "pisovereign-engine.service",
    "pisovereign-decay.timer",
    "pisovereign-backup.timer",
)
"""The units to start again; their own conditions decide between set-up and API."""
_ALSO_STOPPED = (
    "pisovereign-settings.service",
    "pisovereign-decay.service",
    "pisovereign-backup.service",
)
_DATABASE = "pisovereign-migrate.service"


class Places(NamedTuple):
    """The data partition, and the folder of the database's socket."""

    home: Path
    socket: Path

    @property
    def api(self) -> Path:
        """Return the folder of the API."""
        return self.home / "api"

    @property
    def key(self) -> Path:
        """Return the file with the sealing key, which only root can read."""
        return self.home / "credentials" / MASTER_KEY


def restore(
    file: BinaryIO, passphrase: bytes, places: Places, *, systemctl: str = SYSTEMCTL
) -> Verified:
    """Replace what this machine has with the contents of a backup.

    Raises:
        BackupUnreadable: the file cannot be used; nothing was changed.
        StartError: something refuses; the text says whether anything was changed.
    """
    for folder in (places.api, places.key.parent):
        if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
            raise StartError(f"{folder} cannot be written to; this step is root's")
    verified = verify(file, passphrase)
    _check_models(verified, places)
    with _stopped(systemctl):
        _run(systemctl, "start", _DATABASE)
        dsn = make_conninfo(host=str(places.socket), user=OWNER, dbname=DATABASE)
        load(dsn, verified.manifest, verified.tables(), replace=True)
        try:
            _place(verified, places)
        except (OSError, StartError) as error:
            raise StartError(
                f"the database is restored, and keys and settings are not: {error};"
                " the same command again completes it"
            ) from error
    return verified


def _check_models(verified: Verified, places: Places) -> None:
    """Require the configured models: a backup has none, and the engine fetches none."""
    with tempfile.TemporaryDirectory() as folder:
        if CONFIG in verified.files:
            create_private(Path(folder) / CONFIG, verified.files[CONFIG])
        config = load_config({"PISOVEREIGN_DATA_DIR": folder})
    if config.inference.base_url:
        return
    store = ModelStore(places.home / "models")
    embeddings = fetched_embeddings(store.manifest, config.memory.embedding_ids)
    if missing := store.missing([config.inference.model, *embeddings]):
        names = ", ".join(model.id for model in missing)
        raise StartError(
            f"the backup's settings need models that are not here: {names}; have set-up fetch them"
            " first. Nothing was changed"
        )


@contextmanager
def _stopped(systemctl: str) -> Iterator[None]:
    restored = False
    try:
        _run(systemctl, "stop", *USERS, *_ALSO_STOPPED)
        yield
        restored = True
    finally:
        try:
            _run(systemctl, "start", *USERS)
        except StartError as error:
            if restored:  # otherwise the first error is the one to report
                raise StartError(f"restored, but not everything starts: {error}") from error


def _run(systemctl: str, *arguments: str) -> None:
    try:
        done = subprocess.run(
            [systemctl, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise StartError(f"systemctl {arguments[0]}: {error}") from error
    if done.returncode:
        raise StartError(f"systemctl {arguments[0]}: {done.stderr.strip()}")


def _place(verified: Verified, places: Places) -> None:
    """Put keys and settings into place; keep what was there beside the key."""
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    aside = private_folder(places.key.parent / f"before-restore-{moment}")
    owner = places.api.stat()
    for name in (MASTER_KEY, OWNER_KEY, TLS_AUTHORITY, CONFIG):
        place = places.key if name == MASTER_KEY else places.api / name
        if name == TLS_AUTHORITY and name not in verified.files:
            continue  # phones trust the one that is there
        if place.exists():
            create_private(aside / name, place.read_bytes())
        if name not in verified.files:
            place.unlink(missing_ok=True)
            continue
        replace_private(place, verified.files[name])
        if name != MASTER_KEY:
            os.chown(place, owner.st_uid, owner.st_gid)
    done = setup_done_file(places.api)
    create_private(done, b"")
    os.chown(done, owner.st_uid, owner.st_gid)
    sync(places.api)
