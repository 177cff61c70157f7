"""A model that comes in pieces."""

from __future__ import annotations

import asyncio
import errno
import subprocess
from pathlib import Path

import pytest

from pisovereign.models.adding import Adder
from pisovereign.models.errors import ModelError, UnusableModel
from pisovereign.models.manifest import Model
from pisovereign.models.partial_file import PartialFileWriter
from pisovereign.models.staging import Wish
from pisovereign.models.store import ModelStore
from pisovereign.models.upload import Received, Upload
from tests.models.conftest import sha256
from tests.support.tiny_models import write_tiny

assert subprocess, "what inspects a model is a program"
MEMORY = 4_000_000_000
PIECE = 150_000


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models")


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return write_tiny(tmp_path_factory.mktemp("tiny") / "tiny.gguf", "gemma4").read_bytes()


def upload(store: ModelStore, content: bytes, wish: Wish | None = None) -> Upload:
    return Upload(Adder(store, MEMORY), len(content), "tiny.gguf", wish or Wish())


def send(taker: Upload, content: bytes, start: int = 0, end: int | None = None) -> Received:
    """Send pieces, and return what the last one was answered."""

    async def run() -> Received:
        received = Received(start, None)
        for offset in range(start, len(content) if end is None else end, PIECE):
            received = await taker.take(offset, content[offset : offset + PIECE])
        return received

    return asyncio.run(run())


def good(store: ModelStore, model: Model | None, content: bytes) -> bool:
    assert model is not None
    return store.check(model) == {} and model.files[0].sha256 == sha256(content)


def files(store: ModelStore) -> list[str]:
    return [path.name for path in store.root.rglob("*") if path.is_file()]


def test_pieces_become_a_model(store: ModelStore, content: bytes) -> None:
    received = send(upload(store, content, Wish(sha256(content))), content)
    assert received.held == len(content)
    assert good(store, received.model, content)


def test_a_piece_that_comes_twice_or_too_early_changes_nothing(
    store: ModelStore, content: bytes
) -> None:
    taker = upload(store, content)
    assert send(taker, content, end=2 * PIECE).held == 2 * PIECE
    for offset in (0, PIECE, 3 * PIECE):
        again = asyncio.run(taker.take(offset, content[offset : offset + PIECE]))
        assert again == Received(2 * PIECE, None)
    assert good(store, send(taker, content, 2 * PIECE).model, content)


def test_another_process_goes_on(store: ModelStore, content: bytes) -> None:
    send(upload(store, content), content, end=2 * PIECE)
    other = upload(ModelStore(store.root), content)
    assert asyncio.run(other.take(0, content[:PIECE])).held == 2 * PIECE
    received = send(other, content, 2 * PIECE)
    store.reload()
    assert good(store, received.model, content)


def test_an_upload_of_another_file_replaces_it(store: ModelStore, content: bytes) -> None:
    send(upload(store, content), content, end=2 * PIECE)
    send(upload(store, content + b"x"), content, end=PIECE)
    assert asyncio.run(upload(store, content).take(PIECE, b"x")).held == 0


@pytest.mark.parametrize(
    ("size", "pieces", "problem"),
    [
        (5_000_000, [b"GGML" + bytes(2_000_000)], "not a GGUF file"),
        (1000, [bytes(600), bytes(600)], "more than the expected 1000"),
        (1000, [bytes(1000)], "not a GGUF file"),
    ],
)
def test_what_is_of_no_use_is_refused_early(
    store: ModelStore, size: int, pieces: list[bytes], problem: str
) -> None:
    taker = Upload(Adder(store, MEMORY), size, "x.gguf", Wish())

    async def run() -> None:
        offset = 0
        for piece in pieces:
            await taker.take(offset, piece)
            offset += len(piece)

    with pytest.raises(ModelError, match=problem):
        asyncio.run(run())
    assert files(store) == []


def test_too_large_for_this_device(store: ModelStore, content: bytes) -> None:
    taker = Upload(Adder(store, 600_000_000), len(content), "x.gguf", Wish())
    with pytest.raises(UnusableModel, match="GB of memory"):
        send(taker, content)
    assert files(store) == []


def test_a_full_disk_does_not_stay_full(
    store: ModelStore, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    taker = upload(store, content)
    send(taker, content, end=PIECE)

    def write(writer: PartialFileWriter, piece: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(PartialFileWriter, "write", write)
    with pytest.raises(ModelError, match="it cannot be stored: No space"):
        send(taker, content, PIECE)
    assert files(store) == []


def test_a_wrong_checksum(store: ModelStore, content: bytes) -> None:
    with pytest.raises(ModelError, match="wrong checksum"):
        send(upload(store, content, Wish("0" * 64)), content)
    assert files(store) == []
