"""A model of the catalog whose checksum nobody could tell."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from pisovereign.models.errors import DownloadFailed, ModelError, UnusableModel
from pisovereign.models.first_download import first_download
from pisovereign.models.manifest import HttpsSource, Manifest, Model, ModelFile
from pisovereign.models.progress import silent
from pisovereign.models.pull import ensure
from pisovereign.models.store import ModelStore, State
from tests.models.conftest import sha256, tiny_model
from tests.models.web_server import WebServer, serving
from tests.support.tiny_models import write_tiny

assert subprocess, "what inspects a model is a program"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    with serving(write_tiny(tmp_path / "m.gguf", "lfm2").read_bytes(), tmp_path) as state:
        yield state


def unpinned(server: WebServer) -> Model:
    source = HttpsSource(url=server.url())
    return tiny_model(ModelFile(name="model.gguf", size=1000, sources=(source,)))


def fetch(store: ModelStore, model: Model, server: WebServer) -> Model:
    store.home(model).mkdir(parents=True, exist_ok=True)
    return asyncio.run(first_download(store, model, model.files[0], silent, server.web()))


def test_its_checksum_is_recorded_and_held(server: WebServer, tmp_path: Path) -> None:
    model = unpinned(server)
    catalog = Manifest(models=(model,))
    store = ModelStore(tmp_path / "models", catalog)
    assert store.state(model) is State.ABSENT
    with pytest.raises(ModelError):
        store.path("tiny")
    found = fetch(store, model, server)
    assert found.files[0].recorded
    assert found.files[0].checksum == sha256(server.content)
    again = ModelStore(tmp_path / "models", catalog)
    assert again.model("tiny") == found
    assert not again.model("tiny").added
    assert again.state(again.model("tiny")) is State.VERIFIED
    again.path("tiny").write_bytes(server.content[:-1] + b"!")
    again.reload()
    assert again.state(again.model("tiny")) is State.PRESENT


def test_it_is_not_fetched_where_a_folder_was_meant(server: WebServer, tmp_path: Path) -> None:
    catalog = Manifest(models=(unpinned(server),))
    store = ModelStore(tmp_path / "models", catalog)
    (tmp_path / "stick").mkdir()
    with pytest.raises(DownloadFailed, match="cannot be recognized in a folder"):
        asyncio.run(ensure(store, ["tiny"], folder=tmp_path / "stick"))
    assert server.ranges == []


def test_a_checksum_of_a_later_catalog_counts(server: WebServer, tmp_path: Path) -> None:
    model = unpinned(server)
    fetch(ModelStore(tmp_path / "models", Manifest(models=(model,))), model, server)
    (file,) = model.files
    pinned = msgspec.structs.replace(file, size=len(server.content), sha256="0" * 64)
    later = Manifest(models=(msgspec.structs.replace(model, files=(pinned,)),))
    store = ModelStore(tmp_path / "models", later)
    assert store.model("tiny").files == (pinned,)
    assert store.state(store.model("tiny")) is State.PRESENT


def test_what_is_no_model_is_not_recorded(server: WebServer, tmp_path: Path) -> None:
    server.content = b"<html>Sign in</html>" * 100
    model = unpinned(server)
    store = ModelStore(tmp_path / "models", Manifest(models=(model,)))
    with pytest.raises(UnusableModel, match="not a GGUF file"):
        fetch(store, model, server)
    assert store.model("tiny") == model
    assert not store.model("tiny").pinned
