"""Cross-compile the native modules for aarch64 and test them on emulated Raspberry Pi processors.

Needs Debian's packages gcc-aarch64-linux-gnu, qemu-user and mmdebstrap. The emulated Python and the
wheels that the tests import are unpacked into build/arm64 and kept. Emulation says that the code is
right on both processors and which instructions it holds, and nothing about speed.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.problem import Problem

SUITE, VERSION = "trixie", "3.13"  # Debian's release, and the Python it has
PROGRAMS = ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-objdump", "qemu-aarch64", "mmdebstrap")
PACKAGES = "gcc-aarch64-linux-gnu qemu-user mmdebstrap"
WHEELS = ("hypothesis", "numpy", "pytest", "pytest-timeout", "tokenizers")
# Raspberry Pi 4, and 5 with the dot product.
PROCESSORS = {"cortex-a72": "neon", "cortex-a76": "neon-dotprod"}
INSTRUCTIONS = ("sdot", "smlal", "sadalp", "fmla")
TAG = "cpython-313-aarch64-linux-gnu"


def prepare(folder: Path, python: Path) -> None:
    """Unpack an arm64 Python and the tests' wheels, unless that was done before."""
    if not (folder / "usr/include" / f"python{VERSION}" / "Python.h").exists():
        packages = f"--include=python3,libpython{VERSION}-dev,libstdc++6"  # numpy is partly C++
        command = ["mmdebstrap", "--variant=extract", "--architectures=arm64", packages]
        subprocess.run([*command, SUITE, str(folder)], check=True)
    if not (folder / "lib").exists():
        (folder / "lib").symlink_to("usr/lib")
    site = folder / "site"
    if not site.exists():
        wanted = [f"--platform={tag}_aarch64" for tag in ("manylinux_2_28", "manylinux2014")]
        wanted.append(f"--python-version={VERSION}")
        where = ["--only-binary=:all:", f"--target={site}.part"]
        command = [str(python), "-m", "pip", "install", "--quiet", *wanted, *where, *WHEELS]
        subprocess.run(command, check=True)
        Path(f"{site}.part").rename(site)


def compile_modules(root: Path, folder: Path, python: Path) -> list[Path]:
    """Compile every module with the switches of setup.py; return the libraries."""
    package = folder / "native" / "pisovereign_native"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(
        root / "native/pisovereign_native", package, ignore=shutil.ignore_patterns("*.so", "*.c")
    )
    sources = sorted(package.glob("*.pyx"))
    directives = ["-3", "-X", "wraparound=False,boundscheck=False,cdivision=True"]
    cython = [str(python), "-m", "cython", *directives, "-X", "initializedcheck=False"]
    subprocess.run([*cython, *map(str, sources)], check=True)
    libraries = []
    for source in sources:
        library = source.with_name(f"{source.stem}.{TAG}.so")
        switches = ["-shared", "-fPIC", "-O3", "-std=c11", "-ffp-contract=off", "-Wall", "-Wextra"]
        system = (f"{folder}/usr/include/python{VERSION}", f"{folder}/usr/include")
        paths = [f"-I{package}", *(option for path in system for option in ("-isystem", path))]
        command = ["aarch64-linux-gnu-gcc", *switches, "-Wno-unused-parameter", *paths]
        command += [str(source.with_suffix(".c")), "-o", str(library), "-lm"]
        subprocess.run(command, check=True)
        libraries.append(library)
    return libraries


def count_instructions(library: Path) -> dict[str, int]:
    """Count the instructions of interest in a library."""
    command = ["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", str(library)]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.findall(r"^\s*[0-9a-f]+:\s+(\w+)", text, re.MULTILINE)
    return {name: sum(word in (name, f"{name}2") for word in found) for name in INSTRUCTIONS}


def run_tests(root: Path, folder: Path, processor: str) -> int:
    """Run the native suite on an emulated processor; 0 when it passed."""
    environment = {
        "PATH": os.environ["PATH"],
        "QEMU_LD_PREFIX": str(folder),
        "QEMU_CPU": processor,
        "PYTHONPATH": f"{folder}/native:{folder}/site:{root}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PISOVEREIGN_EXPECTED_KERNEL": PROCESSORS[processor],
    }
    python = ["qemu-aarch64", f"{folder}/usr/bin/python{VERSION}"]
    check = (
        "import os, platform; from pisovereign_native.vectors import kernels;"
        "print(platform.machine(), os.environ['QEMU_CPU'], *kernels());"
        "assert kernels()[0] == os.environ['PISOVEREIGN_EXPECTED_KERNEL'], kernels()"
    )
    subprocess.run([*python, "-c", check], env=environment, check=True)
    # The published vocabulary is tested on the machine itself; here are no models.
    suite = ["-m", "pytest", "--noconftest", "-k", "not published", "tests/native"]
    command = [*python, *suite, "-o", "timeout=1800", "--hypothesis-seed=0"]
    return subprocess.run(command, cwd=root, env=environment, check=False).returncode


def run(root: Path, python: Path) -> int:
    """Build, show what is in it, and test on each processor; 0 when all passed.

    Raises:
        Problem: a program that is needed is not installed, or a step failed.
    """
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise Problem(f"{', '.join(missing)} missing. Install: apt-get install {PACKAGES}")
    folder = root / "build/arm64"
    folder.parent.mkdir(exist_ok=True)
    try:
        prepare(folder, python)
        for library in compile_modules(root, folder, python):
            counts = count_instructions(library)
            print(f"{library.name:<50}", *(f"{name} {count}" for name, count in counts.items()))
        sys.stdout.flush()
        return max(run_tests(root, folder, processor) for processor in PROCESSORS)
    except subprocess.CalledProcessError as error:
        raise Problem(f"{error.cmd[0]} failed with exit code {error.returncode}") from error
