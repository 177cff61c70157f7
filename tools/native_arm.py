"""Cross-compile the native modules for aarch64 and test them on emulated Raspberry Pi processors.

    python -m tools.native_arm

Needs Debian's packages gcc-aarch64-linux-gnu, qemu-user and mmdebstrap. The emulated Python and the
wheels that the tests import are unpacked into build/arm64 and kept. Emulation says that the code is
right on both processors and which instructions it holds, and nothing about speed.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tools.problem import Problem

ROOT = Path(__file__).resolve().parent.parent
SUITE, VERSION = "trixie", "3.13"  # Debian's release, and the Python it has
PROGRAMS = ("aarch64-linux-gnu-gcc", "aarch64-linux-gnu-objdump", "qemu-aarch64", "mmdebstrap")
PACKAGES = "gcc-aarch64-linux-gnu qemu-user mmdebstrap"
# numpy is partly C++, and llama.cpp uses OpenMP.
ARM_PACKAGES = ("python3", f"libpython{VERSION}-dev", "libstdc++6", "libgomp1")
WHEELS = ("hypothesis", "numpy", "pytest", "pytest-timeout", "tokenizers")
# Raspberry Pi 4, and 5 with the dot product.
PROCESSORS = {"cortex-a72": "neon", "cortex-a76": "neon-dotprod"}
INSTRUCTIONS = ("sdot", "smlal", "sadalp", "fmla", "fmadd")
TAG = "cpython-313-aarch64-linux-gnu"


def settings(setup: Path) -> dict[str, Any]:
    """Read the constants of a setup.py without running it: a list of switches, and the like."""
    found = {}
    for statement in ast.parse(setup.read_text(encoding="utf-8")).body:
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.List() | ast.Dict() as value):
                found[name] = value
    wanted = ("COMPILE_ARGS", "CONTRACTION", "DIRECTIVES")
    return {name: ast.literal_eval(found[name]) for name in wanted}


def prepare_debian(folder: Path) -> None:
    """Unpack an arm64 Python with its headers, unless that was done before.

    It is renamed when it is complete, so an interrupted run leaves nothing half done.
    """
    debian = folder / "debian"
    shutil.rmtree(f"{debian}.part", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    if not debian.exists():
        options = ["--variant=extract", "--architectures=arm64"]
        options.append(f"--include={','.join(ARM_PACKAGES)}")
        subprocess.run(["mmdebstrap", *options, SUITE, f"{debian}.part"], check=True)
        library = Path(f"{debian}.part/lib")
        if not library.exists():
            library.symlink_to("usr/lib")
        Path(f"{debian}.part").rename(debian)


def prepare_site(folder: Path, python: Path) -> None:
    """Unpack the tests' wheels, unless that was done before."""
    site = folder / "site"
    shutil.rmtree(f"{site}.part", ignore_errors=True)
    if not site.exists():
        wanted = [f"--platform={tag}_aarch64" for tag in ("manylinux_2_28", "manylinux2014")]
        wanted.append(f"--python-version={VERSION}")
        where = ["--only-binary=:all:", f"--target={site}.part"]
        command = [str(python), "-m", "pip", "install", "--quiet", *wanted, *where, *WHEELS]
        subprocess.run(command, check=True)
        Path(f"{site}.part").rename(site)


def compile_modules(root: Path, folder: Path, python: Path) -> list[Path]:
    """Compile every module with the switches of setup.py; return the libraries."""
    switches = settings(root / "setup.py")
    package = folder / "native" / "pisovereign_native"
    shutil.rmtree(package, ignore_errors=True)
    shutil.copytree(
        root / "native/pisovereign_native", package, ignore=shutil.ignore_patterns("*.so", "*.c")
    )
    sources = sorted(package.glob("*.pyx"))
    directives = {**switches["DIRECTIVES"], "boundscheck": False}
    options = [part for name, value in directives.items() for part in ("-X", f"{name}={value}")]
    subprocess.run([str(python), "-m", "cython", "-3", *options, *map(str, sources)], check=True)
    system = (f"{folder}/debian/usr/include/python{VERSION}", f"{folder}/debian/usr/include")
    command = ["aarch64-linux-gnu-gcc", "-shared", "-fPIC", *switches["COMPILE_ARGS"]]
    command += [switches["CONTRACTION"]["aarch64"], f"-I{package}"]
    # Errors name their source file: by its name alone, not by where it was built.
    places = {folder: ".", (folder / "debian").resolve(): "debian"}
    command += [f"-ffile-prefix-map={place}={name}" for place, name in places.items()]
    command += [option for path in system for option in ("-isystem", path)]
    libraries = []
    for source in sources:
        library = source.with_name(f"{source.stem}.{TAG}.so")
        wanted = [str(source.with_suffix(".c")), "-o", str(library), "-lm"]
        subprocess.run([*command, *wanted], check=True)
        libraries.append(library)
    return libraries


def count_instructions(disassembly: str) -> dict[str, int]:
    """Count the instructions of interest in what objdump printed; forms for upper halves count."""
    found = re.findall(r"^\s*[0-9a-f]+:\s+(\w+)", disassembly, re.MULTILINE)
    return {name: sum(word in (name, f"{name}2") for word in found) for name in INSTRUCTIONS}


def disassemble(library: Path) -> str:
    """Return the instructions of a library, one a line."""
    command = ["aarch64-linux-gnu-objdump", "-d", "--no-show-raw-insn", str(library)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def run_tests(root: Path, folder: Path, processor: str) -> int:
    """Run the native suite on an emulated processor; 0 when it passed."""
    environment = {
        "PATH": os.environ["PATH"],
        "QEMU_LD_PREFIX": f"{folder}/debian",
        "QEMU_CPU": processor,
        "PYTHONPATH": f"{folder}/native:{folder}/site:{root}",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PISOVEREIGN_EXPECTED_KERNEL": PROCESSORS[processor],
    }
    python = ["qemu-aarch64", f"{folder}/debian/usr/bin/python{VERSION}"]
    check = (
        "import os, platform; from pisovereign_native.vectors import kernels;"
        "print(platform.machine(), os.environ['QEMU_CPU'], *kernels(), flush=True);"
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
    try:
        prepare_debian(folder)
        prepare_site(folder, python)
        for library in compile_modules(root, folder, python):
            counts = count_instructions(disassemble(library))
            print(f"{library.name:<50}", *(f"{name} {count}" for name, count in counts.items()))
        sys.stdout.flush()
        return max([run_tests(root, folder, processor) for processor in PROCESSORS])
    except subprocess.CalledProcessError as error:
        raise Problem(f"{error.cmd[0]} failed with exit code {error.returncode}") from error


if __name__ == "__main__":
    try:
        sys.exit(run(ROOT, Path(sys.executable)))
    except Problem as problem:
        sys.exit(str(problem))
