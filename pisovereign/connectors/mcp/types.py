"""Servers, their tools, what calling one gave, and limits. All texts of tools are by others."""

from __future__ import annotations

import hashlib
from typing import Any, Literal

import msgspec

Part = Literal["description", "input_schema", "annotations"]
"""What of a tool may change while its name stays."""


class HttpServer(msgspec.Struct, frozen=True, kw_only=True):
    """A server that is reached by Streamable HTTP.

    `token` is sent as a bearer token; empty: none is. `local` says whether the address may be in
    the local network and without TLS.
    """

    url: str
    token: str = ""
    local: bool = False

    def __repr__(self) -> str:
        return f"HttpServer({self.url!r})"


class Folder(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that a program sees, and may write to only if that is said."""

    path: str
    write: bool = False


class ProgramServer(msgspec.Struct, frozen=True, kw_only=True):
    """A program that speaks the protocol on its standard streams.

    `argv` is passed to the kernel as it is; the program sees of all folders of people only
    `folders`, of the environment only `env`, and no network without `network`.
    """

    argv: tuple[str, ...]
    env: dict[str, str] = {}
    folders: tuple[Folder, ...] = ()
    network: bool = False

    def __repr__(self) -> str:
        return f"ProgramServer({self.argv[:1]!r})"


Server = HttpServer | ProgramServer


class ToolDefinition(msgspec.Struct, frozen=True, kw_only=True):
    """A tool as its server describes it. `annotations` are hints, which a server may get wrong."""

    name: str
    description: str = ""
    input_schema: dict[str, Any]
    annotations: dict[str, Any] = {}

    @property
    def reads_only(self) -> bool:
        """Return whether the server says that it changes nothing."""
        return self.annotations.get("readOnlyHint") is True

    def fingerprint(self) -> bytes:
        """Return the SHA-256 hash of everything that is known of it, 32 bytes."""
        return hashlib.sha256(msgspec.json.encode(self, order="deterministic")).digest()

    def changes(self, since: ToolDefinition) -> list[Part]:
        """Return which parts are others than before."""
        parts: tuple[Part, ...] = ("description", "input_schema", "annotations")
        return [part for part in parts if getattr(self, part) != getattr(since, part)]


class ToolAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A tool's answer, in words; `failed` if it says that it failed."""

    text: str
    failed: bool = False


class PinnedCall(msgspec.Struct, frozen=True, kw_only=True):
    """One call as somebody approves it; `fingerprint` is that of the tool they allowed, in hex."""

    server: str
    tool: str
    arguments: dict[str, Any]
    fingerprint: str


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Limits of one server, and of all that are in use; times in seconds."""

    call_s: float = 30.0
    calls_a_minute: int = 60
    parallel: int = 4
    idle_s: float = 120.0
    listed_s: float = 60.0
    pause_s: float = 15.0
    news_pause_s: float = 2.0
    open: int = 8
    programs: int = 2
