"""The number that is connected now."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any, NamedTuple
from uuid import UUID

from pisovereign.connectors.connection_store import HOUSEHOLD
from pisovereign.connectors.contract import Context
from pisovereign.connectors.credentials import load_secret
from pisovereign.connectors.diagnostics import Probe
from pisovereign.connectors.form import ConnectionKind
from pisovereign.connectors.messaging import Incoming, Shown, Traits
from pisovereign.connectors.messenger_service import ListingService
from pisovereign.connectors.people import People
from pisovereign.connectors.reloadable_parts import parts_of
from pisovereign.connectors.sending import Outgoing, sending_failure
from pisovereign.connectors.trials import try_probe
from pisovereign.connectors.types import TestResult
from pisovereign.connectors.whatsapp.graph import GraphClient, Template
from pisovereign.connectors.whatsapp.incoming import is_signed, messages
from pisovereign.connectors.whatsapp.senders import people_of
from pisovereign.connectors.whatsapp.sending import send
from pisovereign.connectors.whatsapp.settings import WhatsAppConfig
from pisovereign.connectors.words import Words
from pisovereign.errors import NotConfigured, StartError, Unauthorized
from pisovereign.health import CachedCheck
from pisovereign.outbound.outbound import Outbound

SETTING = "whatsapp.phone_number_id"


class WhatsAppParts(NamedTuple):
    """A number, who may write to it, and the check that asks no more often than it should."""

    config: WhatsAppConfig
    secrets: Mapping[str, str]
    people: People
    client: GraphClient
    health: CachedCheck
    probe: Probe


def build(config: WhatsAppConfig, outbound: Outbound) -> WhatsAppParts | None:
    """Return a number; None: it is not configured.

    Raises:
        StartError: A secret is missing, or cannot be read.
    """
    if not config.phone_number_id:
        return None
    secrets = _load_secrets(config)
    base = config.graph_url.rstrip("/")
    url = f"{base}/{config.graph_version}/{config.phone_number_id}"
    client = GraphClient(outbound.client, url, secrets["access_token"], config.timeout_s)
    health = CachedCheck(client.probe, bad_s=30.0)
    return WhatsAppParts(config, secrets, people_of(config.senders), client, health, client.probe)


class ConnectedWhatsApp(ListingService[WhatsAppParts]):
    """The number that is connected now; a `Messenger` that is called, and lists who may write."""

    # Meta delivers free text within 24 hours of what somebody wrote.
    traits = Traits(hashed_as=b"pisov-wa", window_s=86_400.0)

    def __init__(self, kind: ConnectionKind, context: Context) -> None:
        parts = parts_of(kind, context, lambda section, _: build(section, context.outbound))
        super().__init__(kind, context, "WhatsApp", SETTING, parts, around_s=5.0)

    async def deliver(
        self, address: str, message: Outgoing, shown: Shown, *, in_window: bool
    ) -> None:
        """Send a message.

        Raises:
            NotSent: It certainly was not.
            MaybeSent: Nobody knows.
        """
        try:
            with self.required() as parts:
                name = parts.config.template
                template = Template(name, parts.config.template_language) if name else None
                text = shown.text
                await send(parts.client, template, address, message, text, in_window=in_window)
        except NotConfigured as error:
            raise sending_failure(error) from None

    async def show_read(self, message: str) -> None:
        """Show that a message was read, and that an answer is being written."""
        with self.required() as parts:
            await parts.client.mark_read(message)

    async def show_typing(self, address: str) -> None:
        """Do nothing: it was shown with the message's being read."""

    def is_verified(self, token: str) -> bool:
        """Return whether a token is `whatsapp.verify_token`, compared in constant time."""
        parts = self._current()
        expected = parts.secrets["verify_token"] if parts else ""
        return bool(expected) and hmac.compare_digest(token.encode(), expected.encode())

    def received(self, body: bytes, signature: str | None) -> list[Incoming]:
        """Return the messages of a webhook, the oldest first.

        Raises:
            Unauthorized: Meta did not sign exactly these bytes.
            BadRequest: They are not in Meta's form.
        """
        parts = self._current()
        if parts is None or not is_signed(body, signature, parts.secrets["app_secret"]):
            raise Unauthorized("The signature of the webhook is missing or wrong")
        return messages(body, parts.config.phone_number_id)

    def _current(self) -> WhatsAppParts | None:
        return self._parts.current(HOUSEHOLD)


start = ConnectedWhatsApp


async def attempt(
    kind: ConnectionKind, section: Any, user: UUID, context: Context, words: Words
) -> TestResult:
    """Ask what number it is; nothing is sent."""
    parts = build(section, context.outbound)
    assert parts is not None
    return await try_probe(section.graph_url, "sign_in", parts.probe, context.outbound, words)


def _load_secrets(config: WhatsAppConfig) -> dict[str, str]:
    """Return the secrets by the names of their settings.

    Raises:
        StartError: One is missing, or cannot be read.
    """
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
    return secrets
