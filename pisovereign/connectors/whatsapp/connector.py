"""Messages through Meta's WhatsApp Cloud API."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of
from pisovereign.connectors.whatsapp.senders import people_of
from pisovereign.connectors.whatsapp.settings import WhatsAppConfig

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="whatsapp",
        section="whatsapp",
        personal=False,
        fields=(
            FieldSpec("phone_number_id", required=True, names_server=True),
            FieldSpec("access_token", "secret", required=True),
            FieldSpec("app_secret", "secret", required=True),
            FieldSpec("verify_token", "secret", required=True, generated=True),
            FieldSpec(
                "senders",
                "senders",
                required=True,
                address="phone",
                placeholder="+49 151 2345678",
            ),
            FieldSpec("language", "choice"),
            FieldSpec("template", advanced=True),
            FieldSpec("template_language", advanced=True),
        ),
        is_set=lambda section: bool(section.phone_number_id),
        hosts=lambda section: hosts_of(section.graph_url),
        webhook="/v1/webhooks/whatsapp",
    ),
    settings=WhatsAppConfig,
    module="pisovereign.connectors.whatsapp.connected",
    channel="whatsapp",
    delivery="whatsapp.phone_number_id",
    writers=lambda section: people_of(section.senders).users() if section.phone_number_id else (),
)
