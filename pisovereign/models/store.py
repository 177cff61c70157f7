"""Where model files lie, and whether they are what the manifest says.

`<root>/<model id>/<file>`, with `.verified.json` beside the files: the size, time of change and
sha256 each had when it was last read in full. A start compares sizes and times only, because
reading a gigabyte from an SD card takes half a minute; any later change to a file shows in them.
"""

from __future__ import annotations

import errno
from enum import StrEnum
from pathlib import Path

import msgspec

from pisovereign.files import sha256_of
from pisovereign.models.errors import ModelMissing
from pisovereign.models.manifest import Manifest, Model, ModelFile, load_manifest
from pisovereign.models.partial_file import move_into_place
from pisovereign.models.recorded import merge_recorded, write_recorded
from pisovereign.process.own_program import typed_name

_STAMPS = ".verified.json"


class State(StrEnum):
    """How much of a file or model is there."""

    ABSENT = "absent"
    PARTIAL = "partial"  # a download that can be resumed
    PRESENT = "present"  # there, but not verified, or changed since
    VERIFIED = "verified"


class Stamp(msgspec.Struct, frozen=True):
    """A file as it was when its content was last verified; `origin` of a prepared one."""

    size: int
    mtime_ns: int
    sha256: str
    origin: str = ""


class ModelStore:
    """The models folder, read against a manifest: the shipped one, if none is given.

    The entries that were recorded in the folder are merged into it.
    """

    def __init__(self, root: Path, manifest: Manifest | None = None) -> None:
        self.root = root
        self._catalog = manifest or load_manifest()
        self.manifest = merge_recorded(self._catalog, root)

    def reload(self) -> None:
        """Read again which models were added or removed, maybe by another process."""
        self.manifest = merge_recorded(self._catalog, self.root)

    def record(self, model: Model) -> None:
        """Record an entry, whose files have been verified, and hold it from now on."""
        write_recorded(self.home(model), model)
        self.reload()

    def model(self, model_id: str) -> Model:
        """Return the manifest's entry, or raise UnknownModel."""
        return self.manifest.get(model_id)

    def home(self, model: Model) -> Path:
        """Return the model's own folder, which need not exist."""
        return self.root / model.id

    def part(self, model: Model, file: ModelFile) -> Path:
        """Return the path of a file while it is being fetched."""
        return self.home(model) / f"{file.name}.part"

    def path(self, model_id: str, name: str = "model.gguf") -> Path:
        """Return the path of one verified file.

        Raises UnknownModel for an id that is not in the manifest and ModelMissing when the file
        is not there, was never verified, or changed since.
        """
        model = self.model(model_id)
        self._require(model, name, self.states(model).get(name, State.ABSENT))
        return self.home(model) / name

    def folder(self, model_id: str) -> Path:
        """Return the folder of a model whose files are all verified; raises like `path`."""
        model = self.model(model_id)
        for name, state in self.states(model).items():
            self._require(model, name, state)
        return self.home(model)

    def states(self, model: Model) -> dict[str, State]:
        """Return the state of each file that is kept, fetched ones first; reads no content."""
        stamps = self._stamps(model)
        states = {}
        for file in model.kept:
            known = file.sha256 is not None
            good = known and self._is_stamped(model, file.name, stamps, sha256=file.checksum)
            there = (self.home(model) / file.name).is_file()
            part = self.part(model, file).is_file()
            states[file.name] = _judge(good, there, part)
        for name in model.preparation.files if model.preparation else ():
            good = self._is_stamped(model, name, stamps, origin=model.origin)
            states[name] = _judge(good, (self.home(model) / name).is_file(), part=False)
        return states

    def state(self, model: Model) -> State:
        """Return the state of a whole model: that of its worst file, or partial in between."""
        states = set(self.states(model).values())
        if states <= {State.VERIFIED}:
            return State.VERIFIED
        if states <= {State.VERIFIED, State.PRESENT}:
            return State.PRESENT
        parts = any(self.part(model, file).is_file() for file in model.files)
        return State.ABSENT if states == {State.ABSENT} and not parts else State.PARTIAL

    def missing(self, ids: list[str]) -> list[Model]:
        """Return those of the models that have to be fetched or verified before they are used."""
        models = [self.model(model_id) for model_id in ids]
        return [model for model in models if self.state(model) is not State.VERIFIED]

    def stamp(self, model: Model, name: str, sha256: str, origin: str = "") -> None:
        """Record that a file was just read in full and had this checksum."""
        stamps = self._stamps(model)
        stamps[name] = _stamp_of(self.home(model) / name, sha256, origin)
        _write_stamps(self.home(model), stamps)

    def is_of_the_system(self, model: Model) -> bool:
        """Return whether it came with a flashed card, whose folder of models has a link to it."""
        home = self.home(model)
        return home.is_symlink() and home.is_dir()

    def check(self, model: Model) -> dict[str, str]:
        """Read every kept file in full; return what is wrong, by file name, empty when nothing is.

        Good files are stamped; bad ones lose their stamp, so that they are not used and the next
        pull replaces them. Files of the system, which is mounted read-only, keep it, and it is
        said whose they are.

        Raises:
            OSError: what was found cannot be written down.
        """
        before = self._stamps(model)
        stamps = dict(before)
        expected = {file.name: file.sha256 or "" for file in model.kept}
        for name in model.preparation.files if model.preparation else ():
            stamp = stamps.get(name)
            # A prepared file is known by what was recorded when it was made.
            expected[name] = stamp.sha256 if stamp and stamp.origin == model.origin else ""
        problems = {}
        for name, sha256 in expected.items():
            problem = self._read(model, name, sha256)
            if problem:
                problems[name] = problem
                stamps.pop(name, None)
            else:
                origin = stamps[name].origin if name in stamps else ""
                stamps[name] = _stamp_of(self.home(model) / name, sha256, origin)
        # What comes with a system that is mounted read-only is not written to without need.
        if stamps != before and self.home(model).is_dir():
            try:
                _write_stamps(self.home(model), stamps)
            except OSError as error:
                if error.errno != errno.EROFS or not problems or not self.is_of_the_system(model):
                    raise
                return {name: f"{problem}; {_OF_THE_SYSTEM}" for name, problem in problems.items()}
        return problems

    def _require(self, model: Model, name: str, state: State) -> None:
        if state is not State.VERIFIED:
            raise ModelMissing(
                f"model file {self.home(model) / name} is {_SAID[state]}; "
                f"get it with: {typed_name('pisovereign-cli')} models pull {model.id}"
            )

    def _read(self, model: Model, name: str, sha256: str) -> str:
        path = self.home(model) / name
        if not path.is_file():
            return "absent"
        if not sha256:
            return "not prepared by this version"
        actual = sha256_of(path)
        return "" if actual == sha256 else f"sha256 is {actual}, not {sha256}"

    def _is_stamped(
        self, model: Model, name: str, stamps: dict[str, Stamp], sha256: str = "", origin: str = ""
    ) -> bool:
        stamp = stamps.get(name)
        if stamp is None or stamp.origin != origin or (sha256 and stamp.sha256 != sha256):
            return False
        try:
            found = (self.home(model) / name).stat()
        except FileNotFoundError:
            return False
        return (found.st_size, found.st_mtime_ns) == (stamp.size, stamp.mtime_ns)

    def _stamps(self, model: Model) -> dict[str, Stamp]:
        try:
            content = (self.home(model) / _STAMPS).read_bytes()
            return msgspec.json.decode(content, type=dict[str, Stamp])
        except (OSError, msgspec.DecodeError):
            return {}  # without a readable record the files are read again


def stamp_folder(folder: Path, name: str, sha256: str) -> None:
    """Record in a folder that is to become a model's that its only file had this checksum."""
    _write_stamps(folder, {name: _stamp_of(folder / name, sha256)})


def _stamp_of(path: Path, sha256: str, origin: str = "") -> Stamp:
    found = path.stat()
    return Stamp(found.st_size, found.st_mtime_ns, sha256, origin)


def _write_stamps(folder: Path, stamps: dict[str, Stamp]) -> None:
    part = folder / f"{_STAMPS}.part"
    part.write_bytes(msgspec.json.format(msgspec.json.encode(stamps)))
    move_into_place(part, folder / _STAMPS)


_OF_THE_SYSTEM = "it is part of the system, which is read-only: install an update, or flash it anew"
_SAID = {
    State.ABSENT: "absent",
    State.PARTIAL: "only partly fetched",
    State.PRESENT: "not verified, or changed since",
}


def _judge(good: bool, there: bool, part: bool) -> State:
    if good:
        return State.VERIFIED
    if there:
        return State.PRESENT
    return State.PARTIAL if part else State.ABSENT
