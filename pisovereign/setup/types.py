"""What the set-up page sends and gets."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.config.rules import time_zone
from pisovereign.models.progress import Action
from pisovereign.validation import not_blank

Origin = Literal["download", "media"]


def _printable(value: str) -> str | None:
    return None if value.isprintable() else "cannot hold control characters"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /setup/claim`."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]


class Session(msgspec.Struct, frozen=True):
    """What further requests prove themselves with."""

    session: str


class ModelWish(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /setup/model`."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    source: Origin = "download"


class Answers(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /setup/key`: everything that a person decides."""

    name: Annotated[
        str, Meta(min_length=1, max_length=60, extra={"rules": (not_blank, _printable)})
    ]
    time_zone: Annotated[str, Meta(min_length=1, max_length=64, extra={"rules": (time_zone,)})]
    language: Literal["en", "de"]
    model: Annotated[str, Meta(min_length=1, max_length=200)]


class NewKey(msgspec.Struct, frozen=True):
    """The key, shown this once."""

    api_key: str


class Done(msgspec.Struct, frozen=True):
    """Set-up is over."""

    status: Literal["done"] = "done"


class Pull(msgspec.Struct, frozen=True, kw_only=True):
    """How far the files of a model are; sizes in bytes, both 0 when they mean nothing."""

    model: str
    status: Literal["running", "done", "failed"]
    action: Action | None = None
    file: str = ""
    done: int = 0
    total: int = 0
    error: str | None = None


class ModelChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A model that may be chosen; `size` in bytes, `state` as `pisovereign-cli models` has it."""

    id: str
    name: str
    parameters: str
    size: int
    license: str
    fits: bool
    recommended: bool
    state: str
    on_media: bool


class SetupState(msgspec.Struct, frozen=True, kw_only=True):
    """What the page shows; memory and free space in bytes."""

    memory_bytes: int
    free_bytes: int
    models: list[ModelChoice]
    pull: Pull | None
    time_zone: str
