"""What must be on the machine before anything long begins, and which Debian packages hold it."""

import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

from tools.problem import Problem

C_PROGRAM = "#include <stdlib.h>\nint main(void) { return EXIT_SUCCESS; }\n"
CXX_PROGRAM = "#include <vector>\nint main() { return std::vector<int>().size(); }\n"


def compiler(variable: str, default: str) -> list[str]:
    """Return the command of a compiler: what CC or CXX says, else the system's default."""
    return shlex.split(os.environ.get(variable, "")) or [default]


def compiles(command: list[str], language: str, program: str) -> bool:
    """Build a small program: a compiler without its C library's headers is as good as none."""
    if shutil.which(command[0]) is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        argv = [*command, "-x", language, "-", "-o", str(Path(folder, "program"))]
        done = subprocess.run(argv, input=program.encode(), capture_output=True, check=False)
    return done.returncode == 0


def python_package(suffix: str) -> str:
    """Name a Debian package of this Python, such as `python3-dev`, or `python3.12-dev`."""
    default = Path("/usr/bin/python3").resolve().name
    own = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    return f"python3-{suffix}" if own == default else f"{own}-{suffix}"


def missing() -> dict[str, str]:
    """Return what is not there, and the package that brings it."""
    lacking = {}
    if not compiles(compiler("CC", "cc"), "c", C_PROGRAM):
        lacking["a C compiler"] = "build-essential"
    if not compiles(compiler("CXX", "c++"), "c++", CXX_PROGRAM):
        lacking["a C++ compiler"] = "build-essential"
    if not Path(sysconfig.get_path("include"), "Python.h").is_file():
        lacking["Python's headers"] = python_package("dev")
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        lacking["Python's venv module"] = python_package("venv")
    return lacking


def require() -> None:
    """Raise `Problem`, in one line that can be acted on, if anything is missing."""
    lacking = missing()
    if lacking:
        sudo = "" if os.geteuid() == 0 else "sudo "
        packages = " ".join(dict.fromkeys(lacking.values()))
        raise Problem(f"Missing {', '.join(lacking)}: {sudo}apt-get install {packages}")
