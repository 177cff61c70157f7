"""The peer: `llama-server`, built from the very source that the engine's binding was built from."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.support.server import free_port, wait_until
from tools import llama_wheel, stage
from tools.locking import locked

# As the binding's build (`tools/llama_wheel.py`), with the server.
BUILD = (
    *("-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DGGML_NATIVE=ON"),
    *("-DLLAMA_BUILD_SERVER=ON", "-DLLAMA_CURL=OFF", "-DLLAMA_OPENSSL=OFF"),
    *("-DLLAMA_BUILD_TESTS=OFF", "-DLLAMA_BUILD_EXAMPLES=OFF"),
    # The programs are moved together with their libraries.
    "-DCMAKE_BUILD_RPATH_USE_ORIGIN=ON",
)
START_LIMIT_S, STOP_LIMIT_S = 60.0, 10.0
_NAME = "llama-server"


def ensure_server() -> Path:
    """Return the program, built if this machine has none yet (about four minutes on two cores)."""
    cache = llama_wheel.cache_folder().parent / "bench"
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / f"{_NAME}-{llama_wheel.cache_key()}"
    with locked(cache):
        if not kept.is_dir():
            with tempfile.TemporaryDirectory(dir=cache) as folder:
                _build(_source(Path(folder)), Path(folder) / "build", cache)
                (Path(folder) / "build" / "bin").rename(kept)
    return kept / _NAME


def _source(folder: Path) -> Path:
    requirement = folder / "requirement.txt"
    requirement.write_text(
        f"llama-cpp-python=={llama_wheel.VERSION} --hash=sha256:{llama_wheel.SDIST_SHA256}\n"
    )
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes"]
    pip += ["--no-binary", "llama-cpp-python", "-r", str(requirement), "-d", str(folder)]
    subprocess.run(pip, check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    return next(folder.glob("llama_cpp_python-*/vendor/llama.cpp"))


def _build(source: Path, build: Path, cache: Path) -> None:
    log, env = cache / "llama-server-build.log", dict(os.environ)
    jobs = str(llama_wheel.parallel_jobs())
    configure = ["cmake", *BUILD, "-S", str(source), "-B", str(build)]
    stage.run("Preparing llama-server", configure, log=log, env=env)
    compile_it = ["cmake", "--build", str(build), "-j", jobs, "--target", _NAME]
    stage.run("Building llama-server", compile_it, log=log, env=env)


@contextmanager
def llama_server(
    model: Path, alias: str, log: Path, options: Sequence[str], **environment: str
) -> Iterator[str]:
    """Run it on a free loopback port; yields its base URL.

    Args:
        model: a GGUF file.
        alias: the name it answers to.
        log: what it prints is added to this file.
        options: more of its command line.
        environment: more of its environment.
    """
    port = free_port()
    argv = [str(ensure_server()), "--model", str(model), "--alias", alias]
    argv += ["--host", "127.0.0.1", "--port", str(port), *options]
    with log.open("ab") as out:
        process = subprocess.Popen(
            argv, stdout=out, stderr=out, start_new_session=True, env=os.environ | environment
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: _healthy(process, url, log), START_LIMIT_S, "the start of llama-server")
        yield url
    finally:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _healthy(process: subprocess.Popen[bytes], url: str, log: Path) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"llama-server ended:\n{log.read_text(errors='replace')[-2000:]}")
    try:
        return requests.get(f"{url}/health", timeout=1).status_code == 200
    except requests.RequestException:
        return False


def is_buildable() -> bool:
    """Whether the tools for building it are there."""
    return all(shutil.which(tool) for tool in ("cmake", "ninja", "c++"))
