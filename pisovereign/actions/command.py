"""Commands: what people ask for, in words or by `/v1/commands`."""

from __future__ import annotations

import msgspec


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True):
    """A person's request; in JSON it carries the name of its type in `type`.

    Its fields are the arguments. Times are aware, and in UTC once a command is checked.
    """
