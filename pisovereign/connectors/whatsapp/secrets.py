"""The settings of WhatsApp with the secrets they name, checked at the start."""

from __future__ import annotations

import msgspec

from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.whatsapp.settings import WhatsAppConfig
from pisovereign.errors import StartError


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings for one business phone number; `url` is its place in the Graph API."""

    url: str
    access_token: str
    app_secret: str
    verify_token: str


def load_settings(config: WhatsAppConfig) -> Settings | None:
    """Return the settings; None if WhatsApp is off.

    Raises:
        StartError: something is missing, or cannot be read.
    """
    if not config.phone_number_id:
        return None
    names = ("access_token", "app_secret", "verify_token")
    secrets = {
        name: load_secret(
            f"whatsapp.{name}", getattr(config, name), getattr(config, f"{name}_file")
        )
        for name in names
    }
    if missing := [f"whatsapp.{name}" for name in names if not secrets[name]]:
        raise StartError(
            f"whatsapp.phone_number_id is set, but not {' and '.join(missing)}; set each, or the"
            " file that holds it, or remove whatsapp.phone_number_id"
        )
    base = config.graph_url.rstrip("/")
    url = f"{base}/{config.graph_version}/{config.phone_number_id}"
    return Settings(url=url, **secrets)
