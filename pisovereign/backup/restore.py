"""A file to an installation: verified whole, made aside, and put into its place in one step."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pisovereign.backup.contents import CONFIG
from pisovereign.backup.load import load
from pisovereign.backup.paths import check_writable, occupied, places
from pisovereign.backup.switch import discard, finish, is_pending, new_folder, switch
from pisovereign.backup.verify import Verified, verify
from pisovereign.config import Config
from pisovereign.config.loading import load_config
from pisovereign.errors import StartError
from pisovereign.files import create_private, private_folder
from pisovereign.process.instance_lock import nobody_else
from pisovereign.storage.embedded import EmbeddedServer


class Restored(NamedTuple):
    """What was restored, and where what was there before is kept."""

    verified: Verified
    aside: Path | None


def restore(
    file: BinaryIO,
    passphrase: bytes,
    data_dir: Path,
    *,
    replace: bool = False,
    with_config: bool = True,
    environ: Mapping[str, str] = os.environ,
) -> Restored:
    """Make an installation of a backup.

    Args:
        file: the backup.
        passphrase: its passphrase.
        data_dir: where the installation is to be.
        replace: an installation that is there is moved aside.
        with_config: take the configuration of the backup too; else what is there stays.
        environ: settings and places.

    Raises:
        BackupUnreadable: the file cannot be used; nothing was changed.
        StartError: the place cannot be used; nothing was changed.
    """
    verified = verify(file, passphrase)
    leave = [] if with_config else [CONFIG]
    where = places(data_dir, environ)
    with nobody_else(private_folder(data_dir)):
        if is_pending(data_dir):
            finish(data_dir)
        there = occupied(where, leave)
        if there and not replace:
            names = ", ".join(map(str, there))
            raise StartError(
                f"there is an installation already ({names}); with --replace it is moved aside"
            )
        check_writable(where, leave, data_dir)
        try:
            folder = new_folder(data_dir)
            _fill(folder, verified, environ, with_config=with_config, replace=replace)
            return Restored(verified, switch(data_dir, where, leave))
        finally:
            discard(data_dir)


def _fill(
    folder: Path,
    verified: Verified,
    environ: Mapping[str, str],
    *,
    with_config: bool,
    replace: bool,
) -> None:
    for name, data in verified.files.items():
        if name != CONFIG or with_config:
            create_private(folder / name, data)
    config = _config(folder, environ, with_config=with_config)
    if own := config.database.owner_url or config.database.url:
        load(own, verified.manifest, verified.tables(), replace=replace)
        return
    server = EmbeddedServer(folder)
    server.start()
    try:
        load(server.owner_dsn, verified.manifest, verified.tables())
    finally:
        server.stop()


def _config(folder: Path, environ: Mapping[str, str], *, with_config: bool) -> Config:
    """The configuration that the restored installation will have."""
    if not with_config:
        return load_config(environ)
    places = {k: v for k, v in environ.items() if k != "PISOVEREIGN_CONFIG"}
    try:
        return load_config(places | {"PISOVEREIGN_DATA_DIR": str(folder)})
    except StartError as error:
        raise StartError(
            f"the configuration in the backup is not understood; --without-config restores all"
            f" else\n{error}"
        ) from None
