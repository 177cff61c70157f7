"""Rules of tool servers that somebody adds, and of tools that they allow."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import msgspec

from pisovereign.config import McpAddress
from pisovereign.errors import FieldError, PiSovereignError, ValidationFailed
from pisovereign.net.hosts import parse_url
from pisovereign.tool_servers.types import AllowedTool, ServerTool

_AGAIN = "is needed again, since the server is another one"


def problems(address: McpAddress) -> list[FieldError]:
    """Return what is wrong with a server's place."""
    if bool(address.url) == bool(address.command):
        field = "command" if address.url else "url"
        return [{"field": field, "error": "is needed, or the other one: an address or a program"}]
    if address.command:
        return _program_problems(address)
    for name in ("env", "folders", "network"):
        if getattr(address, name):
            return [{"field": name, "error": "is for programs only"}]
    try:
        parse_url(address.url)
    except PiSovereignError as error:
        return [{"field": "url", "error": error.message}]
    if "@" in urlsplit(address.url).netloc or urlsplit(address.url).fragment:
        return [{"field": "url", "error": "cannot hold a password or a fragment"}]
    if not address.token.isprintable() or not address.token.isascii():
        return [{"field": "token", "error": "must be printable ASCII"}]
    return []


def _program_problems(address: McpAddress) -> list[FieldError]:
    if address.token:
        return [{"field": "token", "error": "is for addresses only; programs have env"}]
    if not address.command[0].strip():
        return [{"field": "command", "error": "must begin with a program"}]
    for at, folder in enumerate(address.folders):
        parts = folder.path.split("/")
        if ".." in parts or "." in parts or folder.path == "/":
            return [{"field": f"folders[{at}].path", "error": "must be the path of a folder"}]
    for name, value in address.env.items():
        if not re.fullmatch("[A-Za-z_][A-Za-z0-9_]{0,63}", name) or name.startswith("LD_"):
            return [{"field": "env", "error": f"{name[:64]!r} is no name that may be set"}]
        if "\0" in value or len(value) > 4000:
            return [{"field": "env", "error": f"{name} is too long, or holds NUL"}]
    return []


def with_secrets(address: McpAddress, before: McpAddress | None) -> McpAddress:
    """Return an address with the secrets that were left out and stay what they were.

    Raises:
        ValidationFailed: They would go to another server.
    """
    if before is None:
        return address
    kept = {name: value or before.env.get(name, "") for name, value in address.env.items()}
    token = address.token or before.token
    same = address.url == before.url and address.command == before.command
    if same:
        return msgspec.structs.replace(address, token=token, env=kept)
    if address.url and before.token and not address.token:
        raise ValidationFailed([{"field": "token", "error": _AGAIN}])
    return address


def is_same(now: McpAddress, before: McpAddress | None) -> bool:
    """Return whether the same server is meant, so that what was allowed of it stays."""
    return before is not None and (now.url, now.command) == (before.url, before.command)


def not_allowable(allowed: list[AllowedTool], known: dict[str, ServerTool]) -> list[FieldError]:
    """Return what keeps tools from being allowed as they are named."""
    errors: list[FieldError] = []
    seen: set[str] = set()
    for at, each in enumerate(allowed):
        tool = known.get(each.name)
        if each.name in seen:
            errors.append({"field": f"allowed[{at}].name", "error": "is named twice"})
        elif tool is None or tool.status == "gone":
            errors.append({"field": f"allowed[{at}].name", "error": "is not a tool of this server"})
        elif tool.status == "unusable":
            errors.append({"field": f"allowed[{at}].name", "error": tool.reason})
        elif each.direct and not tool.reads_only:
            error = "is only for tools that say that they only read"
            errors.append({"field": f"allowed[{at}].direct", "error": error})
        seen.add(each.name)
    return errors
