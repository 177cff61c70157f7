"""What a measurement was made on; a number without it means little."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parents[1]
LIBRARIES = (
    "aiohttp", "faiss-cpu", "falcon", "fastapi", "gunicorn", "hdrhistogram", "httptools",
    "llama-cpp-python", "msgspec", "numkong", "numpy", "psycopg", "pydantic", "PyNaCl", "simsimd",
    "tokenizers", "usearch", "uvicorn", "uvloop",
)  # fmt: skip


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """The machine and the programs, and how busy the machine was before the start."""

    cpu: str
    cores: int
    memory_mb: int
    kernel: str
    python: str
    libraries: dict[str, str]
    commit: str
    modified: bool
    load_average: tuple[float, float, float]


def describe() -> Environment:
    """Look around; to be called before the measurement makes its own load."""
    return Environment(
        cpu=_cpu(),
        cores=len(os.sched_getaffinity(0)),
        memory_mb=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // (1 << 20),
        kernel=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        libraries=_versions(),
        commit=_git("rev-parse", "--short=12", "HEAD"),
        modified=bool(_git("status", "--porcelain", "--untracked-files=no")),
        load_average=os.getloadavg(),
    )


def _cpu() -> str:
    # x86 names the model here; a Raspberry Pi names the board.
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    names = {name.strip(): value.strip() for name, value in fields.items()}
    return names.get("model name") or names.get("Model") or platform.machine()


def _versions() -> dict[str, str]:
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def _git(*arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(ROOT), *arguments],
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except OSError:
        return ""
    return done.stdout.strip()
