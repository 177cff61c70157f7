"""llama-cpp-python for the target, with its kernels once for each kind of processor.

ggml's variants are libraries that are loaded at run time (`pisovereign.engine.llama_library`),
the best one that the processor understands. The source archive knows more of them than there are
boards; those that a Raspberry Pi cannot use are left out. The binding does not say where the
variants belong: here that is beside the library that loads them.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from image import build_cache
from image.wheels import wheel_files
from tools import llama_wheel, stage

VARIANTS = ("armv8.0_1", "armv8.2_1", "armv8.2_2")
"""Raspberry Pi 4; with the dot product; Raspberry Pi 5, which adds half precision."""

TAG = "py3-none-linux_aarch64"
TOOLCHAIN = Path(__file__).with_name("toolchain.cmake")
OPTIONS = (
    *(option for option in llama_wheel.OPTIONS if "GGML_NATIVE" not in option),
    "-DGGML_NATIVE=OFF",
    "-DGGML_BACKEND_DL=ON",
    "-DGGML_CPU_ALL_VARIANTS=ON",
    # One name for each library: a wheel holds no links, and a second copy would be a second
    # registry of backends.
    "-DCMAKE_PLATFORM_NO_VERSIONED_SONAME=ON",
    "-DCMAKE_INSTALL_BINDIR=llama_cpp/lib",
    "-DCMAKE_INSTALL_LIBDIR=llama_cpp/lib",
    "-DCMAKE_INSTALL_RPATH=$ORIGIN",
)
LEFT_OUT = ("include", "llama_cpp/lib/cmake", "llama_cpp/lib/pkgconfig", "bin", "lib")
_VARIANT = re.compile(r"^ *ggml_add_cpu_backend_variant\((armv[\d.]+_\d+)[^)]*\)\n", re.MULTILINE)


def key() -> str:
    """Return what the wheel depends on."""
    compiler = ["aarch64-linux-gnu-g++", "--version"]
    version = subprocess.run(compiler, check=True, capture_output=True, text=True).stdout
    how = (Path(__file__), TOOLCHAIN, llama_wheel.OPTIONS_FILE)
    return build_cache.digest(
        llama_wheel.SDIST_SHA256, version, *(path.read_text() for path in how)
    )


def choose_variants(cmake: str) -> str:
    """Return the text of ggml's CMakeLists.txt with only the variants that we want.

    Raises:
        ValueError: it does not name them all; then this has to be looked at again.
    """
    named = set(_VARIANT.findall(cmake))
    if not named.issuperset(VARIANTS):
        raise ValueError(f"ggml has no variant {', '.join(set(VARIANTS) - named)}")
    return _VARIANT.sub(lambda line: line[0] if line[1] in VARIANTS else "", cmake)


def fetch(folder: Path) -> Path:
    """Fetch the source archive, check it and unpack it; returns its folder."""
    requirement = folder / "requirement.txt"
    name = f"llama-cpp-python=={llama_wheel.VERSION}"
    requirement.write_text(f"{name} --hash=sha256:{llama_wheel.SDIST_SHA256}\n")
    options = ["--no-deps", "--no-binary=llama-cpp-python", "--require-hashes", f"--dest={folder}"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", *options, "-r", str(requirement)]
    subprocess.run(command, check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as file:
        file.extractall(folder, filter="data")
    return folder / archive.name.removesuffix(".tar.gz")


def prepared_source(work: Path) -> Path:
    """Return the source archive in a folder, with the variants chosen."""
    ready = work / "source"
    if not ready.is_symlink():
        shutil.rmtree(work, ignore_errors=True)
        work.mkdir()
        source = fetch(work)
        cmake = source / "vendor/llama.cpp/ggml/src/CMakeLists.txt"
        cmake.write_text(choose_variants(cmake.read_text()))
        ready.symlink_to(source.name)
    return ready.resolve()


def build(folder: Path) -> Path:
    """Make the wheel in `folder`; takes minutes, and goes on where an interrupted call was."""
    work = build_cache.cache_folder() / f"llama-{key()}.work"
    source = prepared_source(work)
    prefix = f"-ffile-prefix-map={work}=."
    options = [
        *OPTIONS,
        f"-DCMAKE_TOOLCHAIN_FILE={TOOLCHAIN}",
        f"-DCMAKE_PROJECT_llama.cpp_INCLUDE={llama_wheel.OPTIONS_FILE}",
        f"-DCMAKE_C_FLAGS={prefix}",
        f"-DCMAKE_CXX_FLAGS={prefix}",
    ]
    environment = os.environ | {
        "SKBUILD_CMAKE_ARGS": ";".join(options),
        "SKBUILD_BUILD_DIR": str(work / "build"),
        "CMAKE_GENERATOR": "Ninja",
        "CMAKE_BUILD_PARALLEL_LEVEL": str(llama_wheel.parallel_jobs()),
        "TMPDIR": str(work),
    }
    for leftover in ("wheel", "tree"):
        shutil.rmtree(work / leftover, ignore_errors=True)
    made = work / "wheel"
    command = [sys.executable, "-m", "pip", "wheel", "-v", "--no-deps", "--no-cache-dir"]
    stage.run(
        "Cross-compiling llama.cpp",
        [*command, f"--wheel-dir={made}", str(source)],
        log=build_cache.cache_folder() / "llama-build.log",
        env=environment,
    )
    tree = wheel_files.unpack(next(made.glob("*.whl")), work / "tree")
    for name in LEFT_OUT:
        shutil.rmtree(tree / name, ignore_errors=True)
    for library in tree.glob("llama_cpp/lib/*.so"):
        subprocess.run(["aarch64-linux-gnu-strip", "--strip-unneeded", str(library)], check=True)
    wheel_files.retag(tree, TAG)
    wheel = wheel_files.pack(tree, folder)
    shutil.rmtree(work)
    return wheel


def ensure() -> Path:
    """Return the wheel, made unless it is kept."""
    folder = build_cache.cached("llama", key(), lambda part: print(build(part).name, flush=True))
    return next(folder.glob("*.whl"))
