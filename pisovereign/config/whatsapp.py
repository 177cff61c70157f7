"""Settings of `whatsapp`: WhatsApp."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from pisovereign.config import rules
from pisovereign.config.rules import setting


class WhatsAppSender(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who may write to the assistant."""

    phone: Annotated[
        str,
        setting(
            "Their number with the country's code, such as +4915112345678.",
            pattern=r"^\+?[0-9]{6,15}$",
        ),
    ]
    user_id: Annotated[str, setting("The user (UUID) they are.", rules.user_id)]
    approve: Annotated[
        bool, setting("Whether they may approve with a code that they are shown.")
    ] = True


class WhatsAppConfig(msgspec.Struct, frozen=True, kw_only=True):
    """Messages through Meta's WhatsApp Cloud API; who may write, and who that is."""

    phone_number_id: Annotated[
        str,
        setting(
            "The id of the business phone number; empty: WhatsApp is off.",
            pattern="^[0-9]{0,32}$",
            max_length=32,
        ),
    ] = ""
    access_token: Annotated[str, setting("The access token.", secret=True)] = ""
    access_token_file: Annotated[str, setting("A file that holds it.")] = ""
    app_secret: Annotated[
        str, setting("The app's secret, which webhooks are signed with.", secret=True)
    ] = ""
    app_secret_file: Annotated[str, setting("A file that holds it.")] = ""
    verify_token: Annotated[
        str, setting("A word of your own that Meta proves itself with once.", secret=True)
    ] = ""
    verify_token_file: Annotated[str, setting("A file that holds it.")] = ""
    senders: Annotated[
        tuple[WhatsAppSender, ...],
        setting("Who may write, and which user that is; none: nobody."),
    ] = ()
    language: Annotated[
        Literal["en", "de"],
        setting("What is spoken where a message does not tell its language."),
    ] = "en"
    graph_url: Annotated[str, setting("Where the Graph API is.", rules.server)] = (
        "https://graph.facebook.com"
    )
    graph_version: Annotated[str, setting("Its version.", pattern=r"^v[0-9]{1,3}\.[0-9]$")] = (
        "v26.0"
    )
    timeout_s: Annotated[
        float, setting("Longest time one call of the Graph API may take.", ge=1, le=60)
    ] = 10.0
    template: Annotated[
        str,
        setting(
            "An approved template with one place in its body, for reminders and results of "
            "schedules later than 24 hours after the user's last message; empty: none.",
            pattern="^[a-z0-9_]{0,512}$",
            max_length=512,
        ),
    ] = ""
    template_language: Annotated[
        str, setting("The template's language.", pattern="^[A-Za-z_]{2,10}$")
    ] = "en"
