"""What is sent: checked before anything is resolved or contacted."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from typing import Self

import msgspec
import yarl

from pisovereign.errors import Refused
from pisovereign.net.hosts import Target, normalize_host, parse_url
from pisovereign.outbound.gate import Gate

_BREAKS_LINES = re.compile(r"[\r\n\0]")


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request that may be sent until `until`, in seconds of the monotonic clock."""

    method: str
    url: yarl.URL
    target: Target
    headers: Mapping[str, str]
    body: bytes | None
    until: float

    @classmethod
    def make(
        cls,
        gate: Gate,
        method: str,
        url: str,
        *,
        timeout_s: float,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Self:
        """Check everything that can be checked without a name server.

        Raises:
            Refused: it may not be sent.
        """
        target = parse_url(url)
        if target.scheme != "https" and not gate.names(target.host, target.port):
            raise Refused(
                f"{target.host}:{target.port} is only contacted with https; "
                "if http is meant, name it in outbound.allow_hosts"
            )
        headers = headers or {}
        if any(_BREAKS_LINES.search(text) for item in headers.items() for text in item):
            raise Refused("A header holds a line break")
        return cls(
            method=method,
            url=_parsed(url, target, params or {}),
            target=target,
            headers=headers,
            body=body,
            until=time.monotonic() + timeout_s,
        )

    def time_left(self) -> float:
        """Seconds that are left, at least a moment."""
        return max(0.001, self.until - time.monotonic())


def _parsed(url: str, target: Target, params: Mapping[str, str]) -> yarl.URL:
    """The URL as the HTTP library reads it, which must be as it was judged."""
    try:
        full = yarl.URL(url)
        seen = Target(full.scheme, normalize_host(full.raw_host or ""), full.port or 0)
    except ValueError:
        raise Refused("The address is not a valid URL") from None
    if seen != target or full.raw_user is not None or full.raw_password is not None:
        raise Refused("The address can be read in two ways")
    return full.update_query(params) if params else full
