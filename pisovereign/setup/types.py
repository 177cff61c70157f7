"""The requests and responses of the set-up page."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from pisovereign.config.rules import language as known_language
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
    """The token that further requests carry."""

    session: str


class ModelRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /setup/model`."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]
    source: Origin = "download"


class About(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /setup/about`: what the first page asks for."""

    name: Annotated[
        str, Meta(min_length=1, max_length=60, extra={"rules": (not_blank, _printable)})
    ]
    time_zone: Annotated[str, Meta(min_length=1, max_length=64, extra={"rules": (time_zone,)})]
    language: Annotated[str, Meta(extra={"rules": (known_language,)})]


class Answers(About, frozen=True, kw_only=True):
    """The body of `POST /setup/key`: everything that a person decides."""

    model: Annotated[str, Meta(min_length=1, max_length=200)]


class NewKey(msgspec.Struct, frozen=True):
    """The new key, which is shown only once."""

    api_key: str


class Done(msgspec.Struct, frozen=True):
    """The response when set-up is done."""

    status: Literal["done"] = "done"


class DownloadState(msgspec.Struct, frozen=True, kw_only=True):
    """The progress of a download; sizes in bytes, both 0 where they do not apply."""

    model: str
    status: Literal["running", "done", "failed"]
    action: Action | None = None
    file: str = ""
    done: int = 0
    total: int = 0
    error: str | None = None


class ModelChoice(msgspec.Struct, frozen=True, kw_only=True):
    """A model to choose; sizes in bytes, `state` as `pisovereign-cli models` shows it."""

    id: str
    name: str
    parameters: str
    size: int
    license: str
    memory: int
    audience: str
    fits: bool
    recommended: bool
    state: str
    on_media: bool


class SetupState(msgspec.Struct, frozen=True, kw_only=True):
    """The state the page shows; memory and free space are in bytes."""

    memory_bytes: int
    free_bytes: int
    models: list[ModelChoice]
    pull: DownloadState | None
    time_zone: str
