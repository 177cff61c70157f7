"""The commands of the appliance that need root: all that there are, word by word."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec

COMMANDS: Mapping[str, tuple[str, ...]] = {
    # It ends who asks for it, so it does not wait for the end of that.
    "restart": ("systemctl", "--no-block", "restart", "pisovereign.service"),
    "reboot": ("systemctl", "reboot"),
}


class PrivilegedRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One of `COMMANDS`."""

    name: str


def name_of(argv: Sequence[str]) -> str | None:
    """The row that holds exactly this command."""
    return next((name for name, row in COMMANDS.items() if row == tuple(argv)), None)
