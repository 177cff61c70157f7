"""A WebDAV server that refuses, is full, or keeps what was begun."""

from __future__ import annotations

from pathlib import Path

import pytest

from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.errors import LoginRefused, UpstreamError
from tests.connectors.file_stores.conftest import digest, use, webdav_section
from tests.support.webdav_server import WebdavServer

NAME = "pisovereign-1f0a9c3e-20261127T031500Z.backup"


def test_a_wrong_password_is_told(webdav: WebdavServer) -> None:
    section = webdav_section(webdav, password="another one")
    with pytest.raises(LoginRefused, match="user name or the password"):
        use("backup_webdav", section, lambda store: store.check())


def test_a_full_server_is_told(webdav: WebdavServer, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"data")
    webdav.refused.add("PUT")

    async def work(store: FileStore) -> None:
        with pytest.raises(UpstreamError, match="no room"):
            await store.put(NAME, source, digest(b"data"))

    use("backup_webdav", webdav_section(webdav), work)


def test_only_what_was_begun_here_is_tidied(webdav: WebdavServer) -> None:
    folder = webdav.root / "backups"
    folder.mkdir()
    ours, others = f"{NAME}.part", NAME.replace("1f0a9c3e", "00000000") + ".part"
    for name in (ours, others, "a letter.part", NAME):
        (folder / name).write_bytes(b"x")

    async def work(store: FileStore) -> list[str]:
        await store.tidy("pisovereign-1f0a9c3e-")
        return [file.name for file in await store.files()]

    assert use("backup_webdav", webdav_section(webdav), work) == [NAME]
    assert {path.name for path in folder.iterdir()} == {others, "a letter.part", NAME}


def test_a_folder_whose_parent_is_missing_is_told(webdav: WebdavServer) -> None:
    section = webdav_section(webdav, url=f"{webdav.url}/nowhere/backups")
    with pytest.raises(UpstreamError, match="make the folder"):
        use("backup_webdav", section, lambda store: store.probe())
