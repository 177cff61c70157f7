"""Build the llama-cpp-python wheel for this machine's processor, once, and keep it.

There is no prebuilt wheel that uses what a processor can do: one for any x86-64 computes a quarter
as fast. So it is built from the source archive with the host's instruction set and kept outside the
clone, under a name that stands for everything the result depends on.
"""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tools import prerequisites, stage
from tools.locking import locked
from tools.problem import Problem

VERSION = "0.3.36"
SDIST_SHA256 = "832db0699007f1be95a7e41ef12e88926b02ba836461e36a36372db2760c1a2e"
OPTIONS_FILE = Path(__file__).with_name("llama_options.cmake")
# Only the libraries that the binding loads: no programs, no tests, no multimodal part.
OPTIONS = (
    "-DGGML_NATIVE=ON",
    "-DLLAVA_BUILD=OFF",
    "-DLLAMA_BUILD_TOOLS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
    "-DLLAMA_BUILD_SERVER=OFF",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_OPENSSL=OFF",
)
# Of x86's flags those that compilers use; the kernel adds others that change with its version.
X86_FEATURES = (
    *("sse", "ssse", "pni", "avx", "fma", "f16c", "bmi", "abm", "amx", "popcnt", "movbe"),
    *("adx", "aes", "vaes", "pclmul", "vpclmul", "gfni", "sha"),
)
SPACE_NEEDED = 1_000_000_000  # bytes, for the unpacked sources and the build
MEMORY_PER_JOB = 700_000_000  # bytes that compiling the largest file takes


def cache_folder() -> Path:
    """Return where wheels are kept: in the user's cache, so that a new clone finds them."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "pisovereign", "wheels")


def cpu_features(cpuinfo: str) -> list[str]:
    """Return the instruction set in the text of /proc/cpuinfo, for x86 and for Arm."""
    for line in cpuinfo.splitlines():
        name, _, value = line.partition(":")
        if name.strip() == "Features":
            return sorted(value.split())
        if name.strip() == "flags":
            return sorted(flag for flag in value.split() if flag.startswith(X86_FEATURES))
    return []


def recipe() -> dict[str, object]:
    """Return what a built wheel depends on, apart from the compiler that happens to be there."""
    return {
        "version": VERSION,
        "options": [*OPTIONS, OPTIONS_FILE.read_text()],
        # Whoever sets this gets it: the build reads it from the environment too.
        "environment": os.environ.get("CMAKE_ARGS", ""),
        "machine": platform.machine(),
        "features": cpu_features(Path("/proc/cpuinfo").read_text()),
    }


def cache_key() -> str:
    """Return a short hash of the recipe and the C++ compiler's version."""
    argv = [*prerequisites.compiler("CXX", "c++"), "--version"]
    version = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    text = json.dumps([recipe(), version], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def parallel_jobs() -> int:
    """Return how many compilers may run at once: one a core, as far as memory goes round."""
    memory = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(1, min(len(os.sched_getaffinity(0)), memory // MEMORY_PER_JOB))


def ensure_wheel(python: Path) -> Path:
    """Return this machine's wheel, as `making_wheel` makes it."""
    with making_wheel(python) as wheel:
        return wheel()


@contextmanager
def making_wheel(python: Path) -> Iterator[Callable[[], Path]]:
    """Yield what waits for this machine's wheel and returns it.

    If it is not kept, it is built with the given interpreter's pip while the block does something
    else. Safe to call from several processes at once: one builds, the others wait and take the
    result.

    Raises:
        Problem: no space, no network, a wrong checksum or a failed build.
    """
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    kept = cache / cache_key()
    with locked(cache):
        if kept.is_dir():
            yield lambda: next(kept.glob("*.whl"))
            return
        for leftover in cache.glob("building-*"):  # of a call that was killed
            shutil.rmtree(leftover)
        with building(python, cache, kept) as wheel:
            yield wheel


@contextmanager
def building(python: Path, cache: Path, kept: Path) -> Iterator[Callable[[], Path]]:
    """Build the wheel in a temporary folder of the cache, and rename it into place when asked."""
    if shutil.disk_usage(cache).free < SPACE_NEEDED:
        raise Problem(f"Building llama.cpp needs 1 GB of free space in {cache}")
    with tempfile.TemporaryDirectory(prefix="building-", dir=cache) as name:
        folder = Path(name)
        wheels, scratch, requirement = folder / "wheel", folder / "tmp", folder / "requirement.txt"
        wheels.mkdir()
        scratch.mkdir()
        requirement.write_text(f"llama-cpp-python=={VERSION} --hash=sha256:{SDIST_SHA256}\n")
        with stage.started(
            "Building llama.cpp for this processor",
            # Without pip's cache: it would keep the wheel too, and hand it to another processor.
            [
                *(str(python), "-m", "pip", "wheel", "-v", "--no-deps", "--no-cache-dir"),
                *("--no-binary", "llama-cpp-python", "--require-hashes"),
                *("-r", str(requirement), "-w", str(wheels)),
            ],
            log=cache / "llama-build.log",
            env=build_environment(scratch),
        ) as command:

            def finished() -> Path:
                command.finish()
                for wheel in wheels.iterdir():
                    with wheel.open("rb") as file:
                        os.fsync(file.fileno())  # or a power cut could leave it empty
                wheels.rename(kept)
                return next(kept.glob("*.whl"))

            yield finished


def build_environment(scratch: Path) -> dict[str, str]:
    """Return the environment for the build; `scratch` takes its gigabyte of temporary files.

    On a Raspberry Pi the usual place for them is in memory.
    """
    options = [*OPTIONS, f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={OPTIONS_FILE}"]
    return os.environ | {
        # As a list and not in CMAKE_ARGS, which is split at spaces: a path may hold one.
        "SKBUILD_CMAKE_ARGS": ";".join(options),
        "CMAKE_GENERATOR": "Ninja",
        "CMAKE_BUILD_PARALLEL_LEVEL": str(parallel_jobs()),
        "TMPDIR": str(scratch),
    }
