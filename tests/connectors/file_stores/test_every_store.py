"""What every place that keeps files does, over real sockets and on a real disk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pisovereign.connectors.file_stores.settings import BackupS3Config, BackupWebdavConfig
from pisovereign.connectors.file_stores.types import FileStore, StoredFile
from pisovereign.errors import Refused, UpstreamError
from tests.connectors.file_stores.conftest import digest, use

NAME = "pisovereign-1f0a9c3e-20261127T031500Z.backup"
# Larger than any piece, so that several are sent.
DATA = bytes(range(256)) * 9000


async def _content(store: FileStore, name: str) -> bytes:
    return b"".join([piece async for piece in store.read(name)])


def test_a_file_is_stored_listed_read_and_deleted(place: tuple[str, Any], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA)

    async def work(store: FileStore) -> None:
        await store.check()
        assert await store.files() == []
        await store.put(NAME, source, digest(DATA))
        assert await store.files() == [StoredFile(NAME, len(DATA))]
        assert await _content(store, NAME) == DATA
        source.write_bytes(b"another one")
        await store.put(NAME, source, digest(b"another one"))
        assert await _content(store, NAME) == b"another one"
        await store.delete(NAME)
        await store.delete(NAME)
        assert await store.files() == []
        with pytest.raises(UpstreamError):
            await _content(store, NAME)

    use(*place, work)


def test_a_trial_writes_and_leaves_nothing(place: tuple[str, Any], tmp_path: Path) -> None:
    async def work(store: FileStore) -> None:
        assert "0 files" in await store.probe()
        assert await store.files() == []

    use(*place, work)
    left = [path for path in (tmp_path / "dav").rglob("*") if path.is_file()]
    assert left + list((tmp_path / "folder").iterdir()) == []


def test_what_is_not_what_was_meant_gets_no_name(place: tuple[str, Any], tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.write_bytes(DATA)

    async def work(store: FileStore) -> None:
        with pytest.raises(UpstreamError):
            await store.put(NAME, source, digest(b"what was to be there"))
        assert await store.files() == []
        await store.tidy("pisovereign-1f0a9c3e-")

    use(*place, work)
    left = [path for path in (tmp_path / "dav").rglob("*") if path.is_file()]
    assert left + list((tmp_path / "folder").iterdir()) == []


@pytest.mark.parametrize(
    ("kind", "section"),
    [
        ("backup_webdav", BackupWebdavConfig(url="http://9.9.9.9/dav", username="a", password="b")),
        ("backup_s3", BackupS3Config(endpoint="http://9.9.9.9", bucket="bucket", access_key="a")),
    ],
)
def test_nothing_is_sent_to_the_internet_without_tls(kind: str, section: Any) -> None:
    async def work(store: FileStore) -> None:
        with pytest.raises(Refused, match="has to be https"):
            await store.check()
        with pytest.raises(Refused, match="has to be https"):
            await _content(store, NAME)

    use(kind, section, work)
