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
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from tools import llama_wheel, locks, prerequisites, stage
from tools.locking import locked
from tools.problem import Problem


class Work(NamedTuple):
    """Something that Python does in the environment: what it is called, and its arguments."""

    label: str
    arguments: Sequence[str]


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

    def ensure(self, *groups: str, meanwhile: Sequence[Work] = ()) -> None:
        """Bring the environment up to date.

        Args:
            groups: Of `tools/locks.py`; there may be more.
            meanwhile: What the installed program can do while llama.cpp is compiled, if it is. Who
                needs its result does it once more: a failure is shown, and nothing else.

        Raises:
            Problem: something is missing on the machine, or a step failed.
        """
        with locked(self.root):
            self.notes = self._read_notes()  # another call may have worked meanwhile
            wanted = set(groups)
            fresh = self.venv_is_current() and self.packages_are_current(wanted)
            if fresh and self.extension_is_current():
                return
            prerequisites.require()
            if not self.venv_is_current():
                self.create()
            if not self.packages_are_current(wanted):
                self.install(wanted, meanwhile)
            if not self.extension_is_current():
                self.build_extension()

    def venv_key(self) -> str:
        """Say what .venv itself depends on: its own absolute path is written into its scripts."""
        base = Path(sys.base_prefix).resolve()
        return digest([str(self.folder), str(base), sysconfig.get_python_version()])

    def packages_key(self) -> str:
        """Say what the installed packages depend on."""
        recipe = json.dumps(llama_wheel.recipe(), sort_keys=True)
        files = [self.root / "pyproject.toml", *locks.files(self.root)]
        return digest([*(file.read_bytes() for file in files), recipe])

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

    def packages_are_current(self, groups: set[str]) -> bool:
        """Tell whether everything that is locked is installed, of these groups or more."""
        installed = set(self.notes.get("groups", []))
        return groups <= installed and self.notes.get("packages") == self.packages_key()

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
        self._locked("Updating pip", locks.BUILD)
        self._note(venv=self.venv_key(), unfinished=None)

    def install(self, groups: set[str], meanwhile: Sequence[Work] = ()) -> None:
        """Install what is locked for these groups, and any that were there before."""
        together = groups | set(self.notes.get("groups", []))
        with llama_wheel.making_wheel(self.python) as wheel:
            self._note(unfinished="install")
            for group in locks.needed(together):
                self._locked(f"Installing the packages to {group}", group)
            project = ("--no-build-isolation", "--no-deps", "-e", self.root)
            # Installing in place compiles the extension as well.
            self._pip("Installing the program", *project)
            self._note(unfinished=None)
            for work in meanwhile:
                self._try(work)
            made = wheel()
        self._note(unfinished="install")
        # Forced: for pip a wheel of the same version is the same, for another processor it is not.
        self._pip("Installing llama.cpp", "--force-reinstall", "--no-deps", made)
        done = {"packages": self.packages_key(), "extension": self.extension_key()}
        self._note(**done, groups=sorted(together), unfinished=None)

    def build_extension(self) -> None:
        """Compile the Cython modules beside their sources."""
        argv = [str(self.python), "setup.py", "build_ext", "--inplace"]
        stage.run("Compiling the extension", argv, log=self.log, cwd=self.root)
        self._note(extension=self.extension_key())

    def _try(self, work: Work) -> None:
        argv = [str(self.python), *work.arguments]
        try:
            stage.run(work.label, argv, log=self.log, cwd=self.root)
        except Problem as problem:
            print(problem, flush=True)

    def _locked(self, label: str, group: str) -> None:
        # Without looking for what else may be needed: the lock has all of it.
        exactly = ("--require-hashes", "--no-deps", "--no-build-isolation")
        self._pip(label, *exactly, "-r", locks.file(self.root, group))

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
