"""The kept wheel: what its name stands for, and that it is built once."""

import os
import subprocess
import sys
import threading
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tools import llama_wheel, stage
from tools.problem import Problem

ROOT = Path(__file__).parents[2]
X86 = "processor\t: 0\nflags\t\t: fpu pni avx2 bhi_ctrl sse4_2 avx512f\nbugs\t: x\n"
ARM = "processor\t: 0\nFeatures\t: fp asimd asimddp crc32\nCPU part\t: 0xd0b\n"


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "pisovereign" / "wheels"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stand in for the two minutes of compiling; the real build is what made this environment."""
    calls: list[list[str]] = []

    @contextmanager
    def build(
        label: str, argv: list[str], *, log: Path, env: dict[str, str]
    ) -> Iterator[SimpleNamespace]:
        calls.append([*argv, env["SKBUILD_CMAKE_ARGS"], env["TMPDIR"]])
        Path(argv[-1], "llama_cpp_python-x.whl").write_bytes(b"wheel")
        yield SimpleNamespace(finish=lambda: None)

    monkeypatch.setattr(stage, "started", build)
    return calls


def test_the_version_is_the_one_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    engine = project["optional-dependencies"]["engine"]
    assert f"llama-cpp-python=={llama_wheel.VERSION}" in engine


def test_features_are_read_for_both_architectures_without_the_kernels_own() -> None:
    assert llama_wheel.cpu_features(X86) == ["avx2", "avx512f", "pni", "sse4_2"]
    assert llama_wheel.cpu_features(ARM) == ["asimd", "asimddp", "crc32", "fp"]
    assert llama_wheel.cpu_features("") == []


def test_another_processor_compiler_or_option_is_another_wheel(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {llama_wheel.cache_key()}
    assert llama_wheel.cache_key() in keys
    with monkeypatch.context() as patch:
        patch.setattr(llama_wheel, "cpu_features", lambda cpuinfo: ["avx2"])
        keys.add(llama_wheel.cache_key())
    with monkeypatch.context() as patch:
        patch.setenv("CMAKE_ARGS", "-DGGML_CUDA=ON")
        keys.add(llama_wheel.cache_key())
    compiler = tmp_path / "c++"
    compiler.write_text("#!/bin/sh\necho 'another 99.1'\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    keys.add(llama_wheel.cache_key())
    assert len(keys) == 4


def test_it_is_built_once_with_the_pinned_archive(cache: Path, builds: list[list[str]]) -> None:
    threads = [
        threading.Thread(target=llama_wheel.ensure_wheel, args=(Path(sys.executable),))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wheel = llama_wheel.ensure_wheel(Path(sys.executable))
    assert wheel.read_bytes() == b"wheel"
    assert len(builds) == 1
    assert "--require-hashes" in builds[0]
    assert str(cache) in builds[0][-1]  # temporary files are not in /tmp, which may be in memory
    assert [path.name for path in cache.iterdir()] == [wheel.parent.name]


def test_a_killed_or_failed_build_leaves_nothing_that_counts(
    cache: Path, builds: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    (cache / "building-killed" / "wheel").mkdir(parents=True)

    def fail(*arguments: object, **options: object) -> None:
        raise Problem("no network")

    with monkeypatch.context() as patch:
        patch.setattr(stage, "started", fail)
        with pytest.raises(Problem, match="no network"):
            llama_wheel.ensure_wheel(Path(sys.executable))
    assert not list(cache.iterdir())
    assert llama_wheel.ensure_wheel(Path(sys.executable)).is_file()


def test_a_build_that_nobody_waits_for_leaves_nothing(cache: Path, builds: list[list[str]]) -> None:
    with pytest.raises(Problem, match="elsewhere"), llama_wheel.making_wheel(Path(sys.executable)):
        raise Problem("elsewhere")
    assert len(builds) == 1
    assert not list(cache.iterdir())


def test_a_full_disk_is_said_before_the_build(
    cache: Path, builds: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(llama_wheel, "SPACE_NEEDED", 2**70)
    with pytest.raises(Problem, match="free space"):
        llama_wheel.ensure_wheel(Path(sys.executable))
    assert builds == []


def test_jobs_are_bounded_by_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= llama_wheel.parallel_jobs() <= len(os.sched_getaffinity(0))
    monkeypatch.setattr(llama_wheel, "MEMORY_PER_JOB", 2**60)
    assert llama_wheel.parallel_jobs() == 1


def test_the_installed_library_was_built_without_common(tmp_path: Path) -> None:
    script = "import llama_cpp, pathlib; print(pathlib.Path(llama_cpp.__file__).parent / 'lib')"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    names = {path.name for path in Path(done.stdout.strip()).iterdir()}
    assert "libllama.so" in names
    assert not [name for name in names if "common" in name or "mtmd" in name]
