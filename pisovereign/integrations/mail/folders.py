"""Which folders of a mailbox are used for what."""

from __future__ import annotations

import msgspec


class Folders(msgspec.Struct, frozen=True, kw_only=True):
    """Names of folders; an empty one is found by what the server says about its folders."""

    inbox: str
    sent: str
    drafts: str
