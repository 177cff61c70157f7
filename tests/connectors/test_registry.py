"""Every connector keeps to its contract, and knows no other."""

from __future__ import annotations

import pytest

from pisovereign.connectors.calendar import connected as calendar
from pisovereign.connectors.configuration import WholeConfig
from pisovereign.connectors.contract import Connector, Running
from pisovereign.connectors.email import connected as email
from pisovereign.connectors.file_stores import connected as file_stores
from pisovereign.connectors.home_assistant import connected as home_assistant
from pisovereign.connectors.matrix import connected as matrix
from pisovereign.connectors.ntfy import connected as ntfy
from pisovereign.connectors.registry import CONNECTORS, named_hosts
from pisovereign.connectors.speech import connected as speech
from pisovereign.connectors.telegram import connected as telegram
from pisovereign.connectors.waste import connected as waste
from pisovereign.connectors.weather import connected as weather
from pisovereign.connectors.weather.settings import WeatherConfig
from pisovereign.connectors.web import connected as web
from pisovereign.connectors.whatsapp import connected as whatsapp
from pisovereign.net.hosts import AllowedHost

# That each is one is what the type checker sees to.
RUNNING: tuple[Running, ...] = (
    calendar,
    email,
    file_stores,
    home_assistant,
    ntfy,
    speech,
    matrix,
    telegram,
    waste,
    weather,
    web,
    whatsapp,
)


def test_every_module_that_a_connector_names_is_checked() -> None:
    assert {id(connector.running()) for connector in CONNECTORS} == set(map(id, RUNNING))


@pytest.mark.parametrize("connector", CONNECTORS, ids=lambda each: each.kind.name)
def test_a_connector_stands_for_a_section_of_its_own(connector: Connector) -> None:
    section = getattr(WholeConfig(), connector.kind.section)
    assert type(section) is connector.settings
    assert not connector.kind.is_set(section)
    assert {spec.name for spec in connector.kind.fields} <= set(
        connector.settings.__struct_fields__
    )


def test_a_default_address_is_not_one_that_the_configuration_names() -> None:
    """The weather service is reached as any public host, and may not be a local one."""
    assert named_hosts(WholeConfig()) == []
    named = WholeConfig(weather=WeatherConfig(geocoding_url="http://meteo.local:8080/v1"))
    assert named_hosts(named) == [AllowedHost("meteo.local", 8080)]
