"""Install Home Assistant beside the project, for the tests that run against the real one.

It has hundreds of packages that this project does not want, and needs one Python: so it has an
environment of its own in the cache folder, which all clones share.
"""

import json
import os
from pathlib import Path

from tools import stage
from tools.locking import locked
from tools.problem import Problem

PYTHON = "python3.13"
RELEASE = "homeassistant==2026.2.3"
# What the integrations in use need; Home Assistant would install it at its start, from the network.
NEEDED = (
    "PyTurboJPEG",
    "av",
    "ha-ffmpeg",
    "hassil",
    "home-assistant-frontend",
    "home-assistant-intents",
    "mutagen",
    "numpy",
    "ollama",
    "pymicro-vad",
    "pyspeex-noise",
    "wyoming",
    "zeroconf",
)


def folder() -> Path:
    """Return where it is, or would be."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return cache / "pisovereign" / "home-assistant"


def ensure(python: Path) -> Path:
    """Install it unless it is there; return its folder.

    Args:
        python: The interpreter of an environment that has uv.

    Raises:
        Problem: A step failed.
    """
    target = folder()
    target.mkdir(parents=True, exist_ok=True)
    done, asked = target / "installed", "\n".join((PYTHON, RELEASE, *NEEDED))
    with locked(target):
        if not done.is_file() or done.read_text() != asked:
            _install(python, target)
            done.write_text(asked)
    return target


def _install(python: Path, target: Path) -> None:
    venv, log = target / "venv", target / "install.log"
    uv = [str(python), "-m", "uv"]
    pip = [*uv, "pip", "install", "--python", str(venv / "bin" / "python")]
    make = [*uv, "venv", "--clear", "--python", PYTHON, str(venv)]
    stage.run("Making an environment for Home Assistant", make, log=log)
    stage.run("Installing Home Assistant", [*pip, RELEASE], log=log)
    found = list(venv.glob("lib/*/site-packages/homeassistant"))
    if len(found) != 1:
        raise Problem(f"Home Assistant is not in {venv}")
    pins = found[0] / "package_constraints.txt"
    stage.run("Installing what it needs", [*pip, "-c", str(pins), *_pinned(found[0])], log=log)


def _pinned(package: Path) -> list[str]:
    """Return what is needed, in the versions that its release was tested with."""
    pins: dict[str, str] = {}
    for manifest in package.glob("components/*/manifest.json"):
        for requirement in json.loads(manifest.read_text()).get("requirements", []):
            pins[requirement.partition("==")[0].lower()] = requirement
    return [pins.get(name.lower(), name) for name in NEEDED]
