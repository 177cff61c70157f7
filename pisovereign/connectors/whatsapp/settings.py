"""Settings of `whatsapp`: WhatsApp."""

from __future__ import annotations

from typing import Annotated

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class WhatsAppSender(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may write to the assistant."""

    phone: Annotated[
        str,
        setting(
            "The phone number with its country code, such as +4915112345678.",
            pattern=r"^\+?[0-9]{6,15}$",
        ),
    ]
    user_id: Annotated[str, setting("The user (UUID) with this number.", rules.user_id)]
    approve: Annotated[
        bool, setting("Whether this sender may approve with a code that the assistant shows.")
    ] = True


class WhatsAppConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Messages through Meta's WhatsApp Cloud API; who may write, and who that is."""

    phone_number_id: Annotated[
        str,
        setting(
            "The id of the business phone number; empty: no WhatsApp.",
            pattern="^[0-9]{0,32}$",
            max_length=32,
        ),
    ] = ""
    access_token: Annotated[str, setting("The access token.", secret=True)] = ""
    access_token_file: Annotated[str, setting("A file that contains it.")] = ""
    app_secret: Annotated[
        str, setting("The app secret, with which webhooks are signed.", secret=True)
    ] = ""
    app_secret_file: Annotated[str, setting("A file that contains it.")] = ""
    verify_token: Annotated[
        str, setting("A secret of your own with which Meta verifies the webhook once.", secret=True)
    ] = ""
    verify_token_file: Annotated[str, setting("A file that contains it.")] = ""
    senders: Annotated[
        tuple[WhatsAppSender, ...],
        setting("Who may write to the assistant, and which user each of them is; none: nobody."),
    ] = ()
    language: Annotated[
        str,
        setting("Language of replies to messages whose language is not clear.", rules.language),
    ] = "en"
    graph_url: Annotated[str, setting("Base URL of the Graph API.", rules.server)] = (
        "https://graph.facebook.com"
    )
    graph_version: Annotated[
        str, setting("Version of the Graph API.", pattern=r"^v[0-9]{1,3}\.[0-9]$")
    ] = "v26.0"
    timeout_s: Annotated[
        float,
        setting("Longest time that one call of the Graph API may take, in seconds.", ge=1, le=60),
    ] = 10.0
    template: Annotated[
        str,
        setting(
            "An approved template with one placeholder in its body, for reminders and schedule "
            "results more than 24 hours after the user's last message; empty: none.",
            pattern="^[a-z0-9_]{0,512}$",
            max_length=512,
        ),
    ] = ""
    template_language: Annotated[
        str, setting("Language of the template.", pattern="^[A-Za-z_]{2,10}$")
    ] = "en"
