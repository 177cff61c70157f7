"""Make .venv hold exactly what the project needs, and do nothing if it already does.

What was done is noted in a file inside .venv, as hashes of what it was done from. A step that was
begun and not finished leaves its note behind, and then the environment is made anew: a package that
is half installed looks to pip like one that is there.
"""

import hashlib
import json
import os
import shutil
import sys
import sysconfig
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tools import llama_wheel, prerequisites, stage
from tools.locking import locked

NATIVE_SOURCES = (".pyx", ".pxd", ".h", ".py")


def digest(parts: Iterable[bytes | str]) -> str:
    """Return one hash over several pieces; where one ends and the next begins counts."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


class Environment:
    """The virtual environment of the clone at `root`, and the notes about its state."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.folder = root / ".venv"
        self.python = self.folder / "bin" / "python"
        self.notes_file = self.folder / "pisovereign-bootstrap.json"
        self.log = self.folder / "bootstrap.log"
        self.notes: dict[str, Any] = self._read_notes()

    def ensure(self, extras: Iterable[str]) -> None:
        """Bring the environment up to date, with at least these extras of the project.

        Raises:
            Problem: something is missing on the machine, or a step failed.
        """
        with locked(self.root):
            self.notes = self._read_notes()  # another call may have worked meanwhile
            wanted = set(extras)
            fresh = self.venv_is_current() and self.packages_are_current(wanted)
            if fresh and self.extension_is_current():
                return
            prerequisites.require()
            if not self.venv_is_current():
                self.create()
            if not self.packages_are_current(wanted):
                self.install(wanted)
            if not self.extension_is_current():
                self.build_extension()

    def venv_key(self) -> str:
        """Say what .venv itself depends on: its own absolute path is written into its scripts."""
        base = Path(sys.base_prefix).resolve()
        return digest([str(self.folder), str(base), sysconfig.get_python_version()])

    def packages_key(self) -> str:
        """Say what the installed packages depend on."""
        recipe = json.dumps(llama_wheel.recipe(), sort_keys=True)
        return digest([(self.root / "pyproject.toml").read_bytes(), recipe])

    def extension_key(self) -> str:
        """Say what the compiled extension depends on."""
        sources = sorted(self.root.glob("native/**/*"))
        files = [self.root / "setup.py", *(p for p in sources if p.suffix in NATIVE_SOURCES)]
        parts = ((str(path.relative_to(self.root)), path.read_bytes()) for path in files)
        return digest([sysconfig.get_platform(), *(piece for pair in parts for piece in pair)])

    def venv_is_current(self) -> bool:
        """Tell whether .venv is whole, was made here, and was made from this Python."""
        whole = os.access(self.python, os.X_OK) and not self.notes.get("unfinished")
        return whole and self.notes.get("venv") == self.venv_key()

    def packages_are_current(self, extras: set[str]) -> bool:
        """Tell whether everything in pyproject.toml is installed, with these extras or more."""
        installed = set(self.notes.get("extras", []))
        return extras <= installed and self.notes.get("packages") == self.packages_key()

    def extension_is_current(self) -> bool:
        """Tell whether every module is compiled, and from the sources as they are now."""
        suffix = sysconfig.get_config_var("EXT_SUFFIX")
        modules = self.root.glob("native/pisovereign_native/*.pyx")
        built = all(module.with_suffix(suffix).is_file() for module in modules)
        return built and self.notes.get("extension") == self.extension_key()

    def create(self) -> None:
        """Make .venv from nothing, with a current pip and what builds our extension."""
        if self.folder.is_symlink() or self.folder.is_file():
            self.folder.unlink()
        elif self.folder.exists():
            shutil.rmtree(self.folder)
        self.folder.mkdir()
        self.notes = {}
        self._note(unfinished="create")
        argv = [sys.executable, "-m", "venv", str(self.folder)]
        stage.run("Making the environment in .venv", argv, log=self.log)
        project = tomllib.loads((self.root / "pyproject.toml").read_text())
        self._pip("Updating pip", "--upgrade", "pip", *project["build-system"]["requires"])
        self._note(venv=self.venv_key(), unfinished=None)

    def install(self, extras: set[str]) -> None:
        """Install the project in place with these extras and any that were there before."""
        wheel = llama_wheel.ensure_wheel(self.python)
        together = sorted(extras | set(self.notes.get("extras", [])))
        self._note(unfinished="install")
        # Forced: for pip a wheel of the same version is the same, for another processor it is not.
        self._pip("Installing llama.cpp", "--force-reinstall", "--no-deps", wheel)
        project = f"{self.root}[{','.join(together)}]"
        self._pip("Installing the packages", "--no-build-isolation", "-e", project)
        # Installing in place has compiled the extension as well.
        done = {"packages": self.packages_key(), "extension": self.extension_key()}
        self._note(**done, extras=together, unfinished=None)

    def build_extension(self) -> None:
        """Compile the Cython modules beside their sources."""
        argv = [str(self.python), "setup.py", "build_ext", "--inplace"]
        stage.run("Compiling the extension", argv, log=self.log, cwd=self.root)
        self._note(extension=self.extension_key())

    def _pip(self, label: str, *arguments: str | Path) -> None:
        pip = [str(self.python), "-m", "pip", "install", "--disable-pip-version-check"]
        stage.run(label, [*pip, *map(str, arguments)], log=self.log, cwd=self.root)

    def _read_notes(self) -> dict[str, Any]:
        try:
            notes = json.loads(self.notes_file.read_text())
        except (FileNotFoundError, NotADirectoryError, ValueError):
            return {}
        return notes if isinstance(notes, dict) else {}

    def _note(self, **changes: object) -> None:
        self.notes |= changes
        temporary = self.notes_file.with_suffix(".new")
        temporary.write_text(json.dumps(self.notes, indent=1))
        temporary.replace(self.notes_file)
