"""The house: lights, heating and whatever else Home Assistant knows."""

from __future__ import annotations

from pisovereign.connectors.contract import Connector
from pisovereign.connectors.form import ConnectionKind, FieldSpec, hosts_of
from pisovereign.connectors.home_assistant.settings import HomeAssistantConfig

CONNECTOR = Connector(
    kind=ConnectionKind(
        name="home_assistant",
        section="home_assistant",
        personal=False,
        fields=(
            FieldSpec(
                "url",
                required=True,
                names_server=True,
                placeholder="http://homeassistant.local:8123",
            ),
            FieldSpec("token", "secret", required=True),
            FieldSpec("without_approval", "choices"),
            FieldSpec("always_ask", "names", advanced=True),
            FieldSpec("most_at_once", "number", advanced=True),
        ),
        is_set=lambda section: bool(section.url),
        hosts=lambda section: hosts_of(section.url),
    ),
    settings=HomeAssistantConfig,
    module="pisovereign.connectors.home_assistant.connected",
)
