"""Types of the catalog routes."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Annotated, Literal, NamedTuple
from uuid import UUID

import msgspec
from msgspec import Meta

from pisovereign.catalog.command_line import LONGEST_TEXT, command_rule
from pisovereign.catalog.placeholders import Word, folders_rule
from pisovereign.runner.types import RunStatus
from pisovereign.text.canonical import canonical_line
from pisovereign.validation import no_nul, not_blank

# Control, format, surrogate, private use, line and paragraph separators.
_INVISIBLE = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))


def one_visible_line(value: str) -> str | None:
    """Refuse names and descriptions that could show something else than they hold."""
    for char in value:
        if unicodedata.category(char) in _INVISIBLE:
            return f"cannot hold the character U+{ord(char):04X}"
    if value != canonical_line(value):
        return "cannot hold what hides: blanks in a row or at an end, or letters without ink"
    return None


RiskLevel = Literal["safe", "moderate", "dangerous"]
Name = Annotated[
    str, Meta(min_length=1, max_length=100, extra={"rules": (not_blank, one_visible_line)})
]
Description = Annotated[str, Meta(max_length=500, extra={"rules": (one_visible_line,)})]
CommandText = Annotated[
    str, Meta(min_length=1, max_length=LONGEST_TEXT, extra={"rules": (command_rule,)})
]
HomeFolder = Annotated[str, Meta(min_length=1, max_length=255)]
HomeFolders = Annotated[
    tuple[HomeFolder, ...], Meta(max_length=8, extra={"rules": (folders_rule,)})
]
Category = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,49}\Z")]


class NewCommand(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/commands/catalog`."""

    name: Name
    description: Description = ""
    command: CommandText
    category: Category = "custom"
    risk_level: RiskLevel = "moderate"
    os: Literal["linux"] = "linux"
    requires_approval: bool = True
    network: bool = False
    folders: HomeFolders = ()


class Argument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A value that a command needs; `bound` narrows its type: a range, or a folder."""

    name: str
    type: str
    bound: str = ""


class CatalogCommand(msgspec.Struct, frozen=True, kw_only=True):
    """One command, as every route shows it.

    `listed` says whether the program and its words are known ones; if not, `folders` are all that
    it sees of people's.
    """

    id: str
    name: str
    description: str
    command: str
    category: str
    risk_level: RiskLevel
    os: str
    requires_approval: bool
    network: bool
    listed: bool
    folders: tuple[str, ...]
    arguments: list[Argument]
    own: bool
    created_at: dt.datetime
    updated_at: dt.datetime


class StoredCommand(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the catalog: what is shown, and how it is executed."""

    shown: CatalogCommand
    words: tuple[Word, ...]
    privileged: bool
    is_default: bool


class ExecuteRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The body of `POST /v1/commands/catalog/{id}/execute`, which may be left out."""

    arguments: dict[str, str] = msgspec.field(default_factory=dict)


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """How a command ended; `id` is the command's, `argv` exactly what was executed."""

    id: str
    status: RunStatus
    exit_code: int | None
    stdout: str
    stderr: str
    truncated: bool
    duration_ms: int
    executed_at: dt.datetime
    argv: tuple[str, ...]


class CatalogRun(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All that is needed to execute a command; after an approval, exactly what was shown.

    If it is `unlisted`, it sees of people's folders only `folders`.
    """

    catalog_id: str
    name: str
    argv: tuple[str, ...]
    network: bool
    privileged: bool
    unlisted: bool = False
    folders: tuple[str, ...] = ()


class PreparedRun(NamedTuple):
    """A command to be executed, how it reads, and whether only after an approval."""

    run: CatalogRun
    line: str
    requires_approval: bool


class PendingApproval(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to an execution that has to be approved first."""

    approval_id: UUID
    expires_at: dt.datetime
    argv: tuple[str, ...]
    status: Literal["pending_approval"] = "pending_approval"


class ListQuery(msgspec.Struct, frozen=True, kw_only=True):
    """The parameters of `GET /v1/commands/catalog`."""

    limit: Annotated[int, Meta(ge=1, le=500)] = 100
    offset: Annotated[int, Meta(ge=0, le=(1 << 31) - 1)] = 0


class SearchQuery(ListQuery, frozen=True, kw_only=True):
    """The parameters of `GET /v1/commands/catalog/search`."""

    q: Annotated[str, Meta(min_length=1, max_length=200, extra={"rules": (not_blank, no_nul)})]


class Count(msgspec.Struct, frozen=True):
    """The answer to `GET /v1/commands/catalog/count`."""

    count: int
