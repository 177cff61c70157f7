"""`pisovereign-cli sign-in`: a link that signs a browser in, once."""

from __future__ import annotations

import msgspec

from pisovereign.cli.actions import Commands
from pisovereign.supervisor.sign_in_link import PATH, SignInLink, describe

COMMANDS = Commands()

COMMANDS.asks(
    "sign-in",
    "show a link and QR that sign a browser in once",
    f"POST {PATH}",
    tell=lambda answer: print(describe(msgspec.convert(answer, SignInLink))),
)
