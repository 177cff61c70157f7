"""Settings of `matrix`: messages over Matrix."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class MatrixSender(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may write to the assistant."""

    account: Annotated[
        str,
        setting(
            "The account, such as @mia:example.org.",
            pattern=r"^@[^:\s]{1,200}:[^\s/]{1,200}$",
            max_length=255,
        ),
    ]
    user_id: Annotated[str, setting("The user (UUID) with this account.", rules.user_id)]
    approve: Annotated[
        bool, setting("Whether this sender may approve with a code that the assistant shows.")
    ] = True


class MatrixConfig(msgspec.Struct, frozen=True, kw_only=True):
    """An account of the assistant's on Matrix; who may write to it, and who that is."""

    homeserver: Annotated[
        str, setting("The homeserver of the account; empty: no Matrix.", rules.server_if_any)
    ] = ""
    access_token: Annotated[
        str, setting("An access token of the account.", secret=True, max_length=1024)
    ] = ""
    access_token_file: Annotated[str, setting("A file that contains it.")] = ""
    senders: Annotated[
        tuple[MatrixSender, ...],
        setting("Who may write to the assistant, and which user each of them is; none: nobody."),
    ] = ()
    language: Annotated[
        str,
        setting(
            "Language of messages to people who chose none, where theirs does not tell.",
            rules.language,
        ),
    ] = "en"
    poll_s: Annotated[
        int,
        setting("How long one question for new messages waits for some, in seconds.", ge=1, le=50),
    ] = 25
    timeout_s: Annotated[
        float,
        setting("Longest time that any other call may take, in seconds.", ge=1, le=60),
    ] = 10.0
