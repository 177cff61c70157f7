"""Each kind of place, made from the configuration as the program does it."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pytest

from pisovereign.connectors.configuration import WholeConfig
from pisovereign.connectors.file_stores.build import BUILDERS
from pisovereign.connectors.file_stores.settings import (
    BackupFolderConfig,
    BackupS3Config,
    BackupWebdavConfig,
)
from pisovereign.connectors.file_stores.types import FileStore
from pisovereign.connectors.registry import named_hosts
from pisovereign.outbound.outbound import Outbound
from tests.support import s3_server, webdav_server
from tests.support.s3_server import S3Server
from tests.support.webdav_server import WebdavServer

T = TypeVar("T")
Work = Callable[[FileStore], Awaitable[Any]]


def digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def use(kind: str, section: Any, work: Callable[[FileStore], Awaitable[T]]) -> T:
    """Do something with a place that the configuration describes."""

    async def run() -> T:
        config = msgspec.structs.replace(WholeConfig(), **{kind: section})
        outbound = Outbound(config, named_hosts(config))
        try:
            store = BUILDERS[kind](section, outbound)
            assert store is not None
            return await work(store)
        finally:
            await outbound.close()

    return asyncio.run(run())


@pytest.fixture
def webdav(tmp_path: Path) -> Iterator[WebdavServer]:
    root = tmp_path / "dav"
    root.mkdir()
    with WebdavServer(root) as server:
        yield server


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        yield server


def webdav_section(server: WebdavServer, **more: Any) -> BackupWebdavConfig:
    values = {
        "url": f"{server.url}/backups",
        "username": webdav_server.USER,
        "password": webdav_server.PASSWORD,
    }
    return BackupWebdavConfig(**(values | more))


def s3_section(server: S3Server, **more: Any) -> BackupS3Config:
    values = {
        "endpoint": server.url,
        "region": s3_server.REGION,
        "bucket": s3_server.BUCKET,
        "access_key": s3_server.ACCESS_KEY,
        "secret_key": s3_server.SECRET_KEY,
    }
    return BackupS3Config(**(values | more))


@pytest.fixture(params=["backup_folder", "backup_webdav", "backup_s3"])
def place(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    webdav: WebdavServer,
    s3: S3Server,
    monkeypatch: pytest.MonkeyPatch,
) -> tuple[str, Any]:
    """A kind of place, and the section that describes one."""
    (tmp_path / "data").mkdir()
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv("PISOVEREIGN_DATA_DIR", str(tmp_path / "data"))
    folder = BackupFolderConfig(path=str(tmp_path / "folder"), other_disk=False)
    sections = {
        "backup_folder": folder,
        "backup_webdav": webdav_section(webdav),
        "backup_s3": s3_section(s3),
    }
    return request.param, sections[request.param]
