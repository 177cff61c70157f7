"""Settings of `telegram`: messages over Telegram."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class TelegramConfig(msgspec.Struct, frozen=True, kw_only=True):
    """A bot of Telegram's, which is asked for messages: nobody has to reach this device."""

    bot_token: Annotated[
        str,
        setting(
            "The token that @BotFather gave you for your bot; empty: no Telegram.",
            pattern=r"^([0-9]{3,20}:[A-Za-z0-9_-]{20,100})?$",
            max_length=128,
            secret=True,
        ),
    ] = ""
    bot_token_file: Annotated[str, setting("A file that contains it.")] = ""
    language: Annotated[
        str,
        setting(
            "Language of messages to people who chose none, where theirs does not tell.",
            rules.language,
        ),
    ] = "en"
    show_approvals: Annotated[
        bool,
        setting(
            "Show there what waits for an approval, with buttons; otherwise only that something "
            "waits."
        ),
    ] = True
    api_url: Annotated[str, setting("Base URL of the Bot API.", rules.server)] = (
        "https://api.telegram.org"
    )
    poll_s: Annotated[
        int,
        setting("How long one question for new messages waits for some, in seconds.", ge=1, le=50),
    ] = 25
    timeout_s: Annotated[
        float,
        setting("Longest time that any other call may take, in seconds.", ge=1, le=60),
    ] = 10.0
