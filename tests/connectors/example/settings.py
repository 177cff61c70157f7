"""Settings of `pager`."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class PagerConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A pager that shows what it is sent."""

    server: Annotated[str, setting("Its server; empty: none.", rules.server_if_any)] = ""
    code: Annotated[str, setting("The code that calls it.", secret=True, max_length=40)] = ""
